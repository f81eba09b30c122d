"""Read what the runs left: one metrics file and one log a row and seed."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages import record
from stages.params import Params
from stages.tabulate.evidence import Seeds


@dataclass(frozen=True)
class RunResult:
    row: str
    seed: int
    facts: dict[str, Any]  # metrics.json
    curves: list[dict[str, float]]  # one entry a logged iteration; empty for a row without training
    model: str | None = None  # checksum of the weights that made the images

    def value(self, metric: str) -> float | None:
        told = self.facts["metrics"].get(metric)
        return None if told is None else float(told["value"])


def results(runs: Path, suite: Params) -> list[RunResult]:
    """Of the rows in the suite and the seeds in params.yaml, as far as they have been scored."""
    return [result for row in suite.suite_rows() for result in scored(runs, row, suite.seeds_of(row))]


def swept(runs: Path, suite: Params) -> list[RunResult]:
    """Of the points of sweeps, which are no rows of the suite."""
    sweeps = suite.sweeps.values()
    return [result for one in sweeps for point in one.points for result in scored(runs, point, one.seeds)]


def scored(runs: Path, row: str, seeds: list[int]) -> list[RunResult]:
    found = []
    for seed in sorted(seeds):
        folder = runs / row / str(seed)
        if (folder / "metrics.json").is_file():
            model = optional(folder / "generated" / "card.json").get("weights_sha256")
            found.append(RunResult(row, seed, facts(folder), curves(folder / "losses.csv"), model))
    return found


def facts(folder: Path) -> dict[str, Any]:
    """metrics.json, and with it the likelihood, which has a stage of its own."""
    told: dict[str, Any] = record.read(folder / "metrics.json")
    likelihood = optional(folder / "likelihood.json").get("metrics", {})
    return told | {"metrics": told["metrics"] | likelihood}


def optional(path: Path) -> dict[str, Any]:
    return record.read(path) if path.is_file() else {}


def curves(path: Path) -> list[dict[str, float]]:
    """What training logged: [{"iteration": ..., loss: ..., ...}]; a number that an interval lacks is left out."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        lines = [{name: float(value) for name, value in line.items() if value} for line in csv.DictReader(file)]
    return [line | {"iteration": int(line["iteration"])} for line in lines]


def costs(folder: Path | None) -> dict[str, dict[str, Seeds]]:
    """{dataset: {row, as papers name it: {seed: seconds of an epoch}}}.

    Wall time of the machine that timed them: of all that is tabulated, the one number that no seed brings back.
    """
    if folder is None:
        return {}
    return {
        path.stem: {
            row: {int(seed): seconds for seed, seconds in told["epoch_seconds"].items()}
            for row, told in record.read(path)["rows"].items()
        }
        for path in sorted(folder.glob("*.json"))
    }
