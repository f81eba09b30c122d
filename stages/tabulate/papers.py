"""The papers' own numbers, claims and slips, papers/*.yaml, checked when they are read."""

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import yaml

from stages.door import UserError
from stages.params import Params, known
from stages.schema import Must, or_list, parse
from stages.tabulate import scales, verdicts
from stages.tabulate.evidence import Claim

SOURCES = ("paper", "pretrained", "public code", "literature")
NO_DATA = ("check", "look", "all", "any")  # kinds that may stand on no dataset: `dataset: null`


@dataclass(frozen=True)
class Printed:
    """A number as it stands in an artifact. A string keeps a trailing zero, which tells how far it was rounded."""

    artifact: str
    system: str
    row: str | None  # null: no row of ours
    metric: str
    value: float | str
    std: float | str | None
    source: Annotated[str, Must(lambda word: word in SOURCES, or_list(list(SOURCES)))]
    dataset: str | None = None  # null: the paper's main one
    note: str | None = None


@dataclass(frozen=True)
class Slip:
    """A contradiction, slip or gap of the paper's text."""

    id: str
    where: str
    printed: str
    right: str
    reading: str  # that the code takes
    switch: str | None  # a knob as `dvc exp run -S` takes it, KEY=VALUE, which gives the other reading
    demonstration: str | None  # a study, or a fact of one, that shows it


@dataclass(frozen=True)
class Paper:
    id: str
    title: str
    dataset: str  # that its main tables are on
    datasets: dict[str, str]  # titles of all that it names
    judge: str
    printed: list[Printed]
    claims: list[dict[str, Any]]  # each kind has keys of its own
    ledger: list[Slip]
    stand_ins: dict[str, str] = field(default_factory=dict)  # where a dataset is not in use: what its claims run on

    def artifacts(self) -> list[str]:
        return list(dict.fromkeys(number.artifact for number in self.printed))

    def about(self) -> dict[str, Any]:
        """What the pages say of it."""
        told = {name: getattr(self, name) for name in ("id", "title", "dataset", "datasets", "judge")}
        ledger = [dataclasses.asdict(slip) for slip in self.ledger]
        return {**told, "dataset_title": self.datasets[self.dataset], "artifacts": self.artifacts(), "ledger": ledger}


def load(folder: Path, suite: Params) -> list[Paper]:
    """Every paper of the folder, by name. What a paper names must be in params.yaml."""
    return [read(path, suite) for path in sorted(folder.glob("*.yaml"))]


def read(path: Path, suite: Params) -> Paper:
    try:
        paper = parse(Paper, yaml.safe_load(path.read_text(encoding="utf-8")))
        check(paper, suite)
    except yaml.YAMLError as error:
        raise UserError(f"{path} is not YAML: {error}") from None
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
    return paper


def check(paper: Paper, suite: Params) -> None:
    for name in (paper.dataset, *paper.datasets):
        known(name, suite.datasets, "datasets: a key")
    known(paper.dataset, paper.datasets, "dataset")
    for name, stand_in in paper.stand_ins.items():
        known(name, paper.datasets, "stand_ins: a key")
        known(stand_in, suite.datasets, f"stand_ins.{name}")
    for place, number in enumerate(paper.printed):
        if number.dataset is not None:
            known(number.dataset, paper.datasets, f"printed.{place}.dataset")
        if number.row is not None:
            known(number.row, suite.rows, f"printed.{place}.row")
            if not scales.known(number.metric):
                raise UserError(
                    f"printed.{place}.metric is {number.metric!r}; choose {or_list(sorted(scales.METRICS))}"
                )
    for claim in paper.claims:
        check_claim(claim, paper, suite)
    for slip in paper.ledger:
        check_switch(slip, suite)
    for what, ids in (
        ("claims", [claim["id"] for claim in paper.claims]),
        ("ledger", [one.id for one in paper.ledger]),
    ):
        twice = [one for one in ids if ids.count(one) > 1]
        if twice:
            raise UserError(f"{what} has {twice[0]!r} twice; give each an id of its own")


def check_claim(claim: Claim, paper: Paper, suite: Params) -> None:
    for key in ("id", "says", "artifact", "kind"):
        if not isinstance(claim.get(key), str):
            raise UserError(f"claim {claim.get('id', claim)!r} has no {key!r}; add it")
    verdicts.read(claim)
    dataset = claim.get("dataset", paper.dataset)
    if dataset is not None:
        known(dataset, paper.datasets, f"claim {claim['id']}: dataset")
    elif claim["kind"] not in NO_DATA:
        raise UserError(f"claim {claim['id']}: dataset is None; kind {claim['kind']} needs one")
    for row in rows_of(claim):
        known(row, suite.rows, f"claim {claim['id']}: a row")
    for sweep in sweeps_of(claim):
        known(sweep, suite.sweeps, f"claim {claim['id']}: a sweep")


def rows_of(claim: Claim) -> list[str]:
    """The rows that a claim or any part of it names. With `select`, and of a spread, the names are of sweeps."""
    found = [row for part in claim.get("parts", []) for row in rows_of(part)]
    if "select" in claim or claim["kind"] == "spread":
        return found
    named = (
        [claim.get(key) for key in ("row", "better", "than", "nearest")] + claim.get("of", []) + claim.get("rows", [])
    )
    rows = [one.get("row") if isinstance(one, dict) else one for one in named]
    return found + [row for row in rows if row is not None]


def sweeps_of(claim: Claim) -> list[str]:
    """The sweeps that a claim or any part of it names; those over one knob of a row have the row's and knob's names."""
    found = [sweep for part in claim.get("parts", []) for sweep in sweeps_of(part)]
    if "select" in claim or claim["kind"] == "spread":
        named = [claim.get(key) for key in ("row", "better", "than", "wider")] + claim.get("of", [])
        return found + [name for name in named if isinstance(name, str)]
    over = [] if "row" in claim or "over" not in claim else claim["over"]
    found += [over] if isinstance(over, str) else over
    rival = claim.get("beats", {}).get("best_of")
    return found + ([rival] if rival is not None else [])


def check_switch(slip: Slip, suite: Params) -> None:
    if slip.switch is None:
        return
    key, equals, value = slip.switch.partition("=")
    found: Any = suite
    for word in key.split("."):
        found = found.get(word) if isinstance(found, dict) else getattr(found, word, None)
        if found is None:
            raise UserError(
                f"ledger {slip.id}: switch is {slip.switch!r}, and params.yaml has no {key}; give KEY=VALUE or null"
            )
    choices = suite.choices.get(key.rpartition(".")[2])
    if not equals or (choices is not None and value not in choices):
        raise UserError(f"ledger {slip.id}: switch is {slip.switch!r}; give KEY=VALUE with a value that it can take")
