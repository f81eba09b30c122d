"""The papers' own numbers and claims, papers/*.yaml, checked when they are read."""

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from stages.door import UserError


class Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Printed(Block):
    """A number as it stands in an artifact. A string keeps a trailing zero, which tells how far it was rounded."""

    artifact: str
    system: str
    row: str
    metric: str
    value: float | str
    std: float | None
    source: Literal["paper", "pretrained", "literature"]


class Paper(Block):
    id: str
    title: str
    dataset: str
    dataset_title: str
    judge: str
    printed: list[Printed]
    claims: list[dict[str, Any]]  # checked where they are judged: each kind has keys of its own

    def artifacts(self) -> list[str]:
        return list(dict.fromkeys(number.artifact for number in self.printed))


def load(folder: Path, rows: set[str]) -> list[Paper]:
    """Every paper of the folder, by name. `rows` are those that params.yaml defines: a claim may name no other."""
    return [check(path, rows) for path in sorted(folder.glob("*.yaml"))]


def check(path: Path, rows: set[str]) -> Paper:
    try:
        paper = Paper.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise UserError(f"{path} is not YAML: {error}") from None
    except ValidationError as error:
        finding = error.errors()[0]
        place = ".".join(str(step) for step in finding["loc"])
        raise UserError(
            f"{path}: {place} is {finding['input']!r}; {finding['msg'][0].lower()}{finding['msg'][1:]}"
        ) from None
    for claim in paper.claims:
        for key in ("id", "says", "artifact", "kind"):
            if key not in claim:
                raise UserError(f"{path}: claim {claim.get('id', claim)!r} has no {key!r}; add it")
        for row in rows_of(claim):
            if row not in rows:
                raise UserError(
                    f"{path}: claim {claim['id']} names row {row!r}; params.yaml has {', '.join(sorted(rows))}"
                )
    return paper


def rows_of(claim: dict[str, Any]) -> list[str]:
    """The rows that a claim or any part of it names."""
    named = [claim[key] for key in ("row", "better", "than") if isinstance(claim.get(key), str)]
    return named + [row for part in claim.get("parts", []) for row in rows_of(part)]
