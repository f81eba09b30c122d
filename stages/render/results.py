"""What the pages read: the tables and, for pictures and provenance, the runs."""

from functools import cached_property
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pandas as pd

from stages import arrays, record


class Results:
    def __init__(self, root: Path):
        self.root = root
        self.tables = root / "tables"

    @cached_property
    def run(self) -> dict[str, Any]:
        told: dict[str, Any] = record.read(self.tables / "run.json")
        return told

    @cached_property
    def verdicts(self) -> dict[str, list[dict[str, Any]]]:
        told: dict[str, list[dict[str, Any]]] = record.read(self.tables / "verdicts.json")
        return told

    @cached_property
    def scores(self) -> pd.DataFrame:
        return pd.read_csv(self.tables / "scores.csv")

    @cached_property
    def sweeps(self) -> pd.DataFrame:
        return pd.read_csv(self.tables / "sweeps.csv")

    @cached_property
    def losses(self) -> pd.DataFrame:
        return pd.read_csv(self.tables / "losses.csv")

    def artifact(self, paper: str, artifact: str) -> pd.DataFrame:
        name = f"{paper}-{artifact.lower().replace(' ', '-')}.csv"
        return pd.read_csv(self.tables / name, dtype={"paper": str, "failed_seeds": str})

    def printed(self) -> dict[tuple[str, str], list[str]]:
        """{(row, the label under which we measured it): [`pagan prints FID 32.84`, ...]} of every paper."""
        found: dict[tuple[str, str], list[str]] = {}
        for paper, about in self.run["papers"].items():
            for artifact in about["artifacts"]:
                for line in self.artifact(paper, artifact).dropna(subset=["row"]).itertuples():
                    words = f"{paper} prints {line.metric} {line.paper}"
                    told = found.setdefault((str(line.row), str(line.measured)), [])
                    told += [words] * (words not in told)
        return found

    @property
    def dataset(self) -> dict[str, Any]:
        card: dict[str, Any] = self.run["dataset"]
        return card

    def values(self, row: str, metric: str) -> dict[int, float]:
        """{seed: value} of what has been scored."""
        chosen = self.scores[(self.scores["row"] == row) & (self.scores["metric"] == metric)]
        return {int(seed): float(value) for seed, value in zip(chosen["seed"], chosen["value"], strict=True)}

    def mean(self, row: str, metric: str) -> float | None:
        values = self.values(row, metric).values()
        return fmean(values) if values else None

    def label(self, metric: str) -> str:
        """The label under which a metric was measured: the published judge's, or that of the dataset's own."""
        return str(self.run["labels"].get(metric, metric))

    def measured(self, row: str, label: str) -> list[dict[str, Any]]:
        """All that evaluate kept of a metric, a seed after another."""
        return list(self.measured_by_seed(row, label).values())

    def measured_by_seed(self, row: str, label: str) -> dict[int, dict[str, Any]]:
        found = {}
        for seed in self.run["seeds_of"].get(row, []):
            path = self.folder(row, seed) / "metrics.json"
            told = record.read(path)["metrics"].get(label) if path.is_file() else None
            if told is not None:
                found[seed] = told
        return found

    @cached_property
    def costs(self) -> dict[str, dict[str, Any]]:
        """{dataset: what epochs cost there}."""
        return {path.stem: record.read(path) for path in sorted((self.root / "costs").glob("*.json"))}

    def likelihoods(self, row: str) -> list[dict[str, Any]]:
        """All that was kept of a row's likelihoods, a seed after another."""
        paths = [self.folder(row, seed) / "likelihood.json" for seed in self.run["seeds"]]
        told = [record.read(path) for path in paths if path.is_file()]
        return [one for one in told if one["metrics"]]

    def study(self, name: str) -> dict[str, Any] | None:
        path = self.root / "studies" / f"{name}.json"
        return record.read(path) if path.is_file() else None

    def runs(self) -> list[tuple[str, int]]:
        """(row, seed) of every run that was scored or diverged, in the suite's order."""
        pairs = [key.rsplit("/", 1) for key in self.run["status"]]
        order = {row: place for place, row in enumerate(self.run["rows"])}
        return sorted(((row, int(seed)) for row, seed in pairs), key=lambda pair: (order[pair[0]], pair[1]))

    def folder(self, row: str, seed: int) -> Path:
        return self.root / "runs" / row / str(seed)

    def images(self, row: str, seed: int, name: str, dimensions: int = 4) -> np.ndarray | None:
        path = self.folder(row, seed) / "generated" / f"{name}.npy"
        return arrays.load(path, dimensions=dimensions) if path.is_file() else None

    def places(self, row: str, seed: int, name: str) -> np.ndarray:
        path = self.folder(row, seed) / "generated" / f"{name}.npy"
        return arrays.load(path, dtype=np.int64, dimensions=1)

    def provenance(self, row: str, seed: int) -> dict[str, Any]:
        """{stage: facts} in the order in which the stages ran."""
        folder = self.folder(row, seed) / "provenance"
        told = {stage: folder / f"{stage}.json" for stage in ("train", "generate", "evaluate", "likelihood")}
        return {stage: record.read(path) for stage, path in told.items() if path.is_file()}

    def model_card(self, row: str) -> dict[str, Any] | None:
        """The card of a row's first trained model, if the row has one."""
        for seed in self.run["seeds"]:
            path = self.folder(row, seed) / "model" / "card.json"
            if path.is_file():
                card: dict[str, Any] = record.read(path)
                return card
        return None
