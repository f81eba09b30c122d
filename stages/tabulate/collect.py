"""Read what the runs left: one metrics file and one log a row and seed."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages import record
from stages.params import Params


@dataclass(frozen=True)
class RunResult:
    row: str
    seed: int
    facts: dict[str, Any]  # metrics.json
    curves: list[dict[str, float]]  # one entry a logged iteration; empty for a row without training

    def value(self, metric: str) -> float | None:
        told = self.facts["metrics"].get(metric)
        return None if told is None else float(told["value"])


def results(runs: Path, suite: Params) -> list[RunResult]:
    """Of the rows in the suite and the seeds in params.yaml, as far as they have been scored."""
    found = []
    for row in suite.suite_rows():
        for seed in sorted(suite.seeds):
            folder = runs / row / str(seed)
            if (folder / "metrics.json").is_file():
                found.append(RunResult(row, seed, record.read(folder / "metrics.json"), curves(folder / "log")))
    return found


def curves(log: Path) -> list[dict[str, float]]:
    """dvclive's files, one a loss, as one table: [{"iteration": ..., loss: ..., ...}]."""
    table: dict[int, dict[str, float]] = {}
    for path in sorted((log / "plots" / "metrics").glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file, delimiter="\t"):
                step = int(line["step"])
                table.setdefault(step, {"iteration": step})[path.stem] = float(line[path.stem])
    return [table[step] for step in sorted(table)]
