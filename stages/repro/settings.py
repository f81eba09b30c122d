"""What a user may say of a cluster, in a YAML file: --settings. CLUSTER.md has one of each kind."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from stages.door import UserError
from stages.schema import parse


@dataclass(frozen=True)
class Settings:
    all: dict[str, Any]  # what each stage asks for, in the engine's own words
    gpu: dict[str, Any]  # what a stage that is labelled so asks for besides
    source: str | None = None  # where workers clone the project from; null: this folder, which they must then see
    scratch: str | None = None  # folder of each worker's machine for its clones; null: its temporary folder
    address: str | None = None  # of a Ray cluster; null: what RAY_ADDRESS says, or the one on this machine
    cluster: str = "slurm"  # submitit's word; `local` stands in for a cluster where there is none

    def asked(self, gpu: bool) -> dict[str, Any]:
        return self.all | (self.gpu if gpu else {})


def load(path: Path | None) -> Settings:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8")) if path else {}
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); give a file as CLUSTER.md shows") from None
    except yaml.YAMLError as error:
        raise UserError(f"{path} is no YAML: {error}") from None
    try:
        return parse(Settings, {"all": {}, "gpu": {}} | raw if isinstance(raw, dict) else raw)
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
