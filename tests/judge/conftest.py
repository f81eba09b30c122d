"""Networks that nobody trained in the place of published ones, and params in which their checksums are expected."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from torch import Tensor

from stages import record
from stages.judge import published
from stages.judge.published import main

Take = Callable[..., Path]


@pytest.fixture(autouse=True)
def _cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUITE_DEVICE", "cpu")


def drawn(network: str) -> dict[str, Tensor]:
    """Random weights under which activations neither vanish nor explode; a trunk's convolutions come alone."""
    draw = torch.Generator().manual_seed(0)
    made = {}
    for name, told in published.shapes(network).items():
        if told.dim() > 1:
            made[name] = torch.randn(told.shape, generator=draw) * (2 / told[0].numel()) ** 0.5
        elif told.dim():
            made[name] = (torch.ones if name.endswith(("bn.weight", "running_var")) else torch.zeros)(told.shape)
        else:
            made[name] = torch.tensor(3)  # batches that were counted
    return made if network == "inception" else {name: made[name] for name in made if name.startswith("features.")}


@pytest.fixture(scope="session")
def inception_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("inception") / "inception.pth"
    torch.save(drawn("inception"), path)
    return path


@pytest.fixture(scope="session")
def expecting(declared: dict[str, Any]) -> Callable[..., Path]:
    """Writes params in which a network's published file is this one; beside it."""

    def write(network: str, file: Path, **edit: str) -> Path:
        raw = copy.deepcopy(declared)
        sha256 = record.file_digest(file) if file.is_file() else declared["published"][network]["sha256"]
        raw["published"][network] |= {"file": str(file), "sha256": sha256} | edit
        path = file.parent / f"params-{file.stem}.yaml"
        path.write_text(yaml.safe_dump(raw, sort_keys=False, allow_unicode=True), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def take(expecting: Callable[..., Path]) -> Take:
    """Takes a file in as a published network's, and gives the folder that came of it, beside it."""

    def run(network: str, file: Path) -> Path:
        out = file.parent / f"taken-{file.stem}"
        provenance = file.parent / "provenance.json"
        words = ["--network", network, "--out", out, "--provenance", provenance]
        main(list(map(str, ["--params", expecting(network, file), *words])))
        return out

    return run


@pytest.fixture(scope="session")
def inception(inception_file: Path, take: Take) -> Path:
    return take("inception", inception_file)
