"""What the runs on one dataset say, as verdicts want it; and which of our rows stands for one that a paper names.

A paper's row on one of its other datasets has a row of its own in params.yaml, named after both: `age-celeba`. A claim
names `age` and `celeba`, and is judged there if the suite uses that dataset; else on what the paper's file names to
stand in for it, or on the main one.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import Any

from stages import params, points, record
from stages.tabulate.collect import RunResult
from stages.tabulate.evidence import Fact, Job, Scores, Seeds
from stages.tabulate.scales import COST, LOGGED

REAL = "real"  # the row whose samples are test images


def row_on(row: str, dataset: str, suite: params.Params) -> str:
    """The suite's row for a paper's row on a dataset."""
    own = f"{row}-{dataset}"
    return own if dataset in suite.use[1:] and own in suite.rows else row


def name_of(row: str, suite: params.Params) -> str:
    """The other way round: what a paper calls a row of the suite."""
    dataset = suite.rows[row].dataset
    return row if dataset is None or dataset == suite.use[0] else row.removesuffix(f"-{dataset}")


@dataclass(frozen=True, eq=False)
class Scored:
    """All that there is to judge by."""

    suite: params.Params
    results: list[RunResult]
    swept: list[RunResult]  # points of sweeps
    cards: dict[str, dict[str, Any]]  # of the datasets in use, by name
    facts: dict[str, Fact]
    costs: dict[str, dict[str, Seeds]]  # dataset -> row -> seed, seconds of an epoch

    @cache  # noqa: B019
    def scores(self, wanted: str | None, title: str, stand_in: str | None = None) -> Scores:
        """For claims on a dataset, of this title; or on none: then they are exact, whatever the images."""
        suite = self.suite
        dataset = next(name for name in (wanted, stand_in, suite.use[0]) if name in self.cards)
        card = self.cards[dataset]
        here = [result for result in self.results if result.facts["dataset"] == dataset]
        rows = {row: name_of(row, suite) for row in suite.rows if suite.dataset_of(row) == dataset}
        values = values_of(here, rows) | logged(here, rows) | {COST: dict(self.costs.get(dataset, {}))}
        trained = {name for row, name in rows.items() if suite.rows[row].system in params.trained_systems()}
        better = {label: told["better"] for result in here for label, told in result.facts["metrics"].items()}
        better |= LOGGED | {COST: "lower"}
        return Scores(
            values=values,
            trained=frozenset(trained),
            seeds=tuple(sorted(suite.seeds)),
            resamplings=tuple(sorted(suite.resamplings)),
            better=better,
            is_paper=wanted is None or (suite.profile == "paper" and dataset == wanted and card["whole"]),
            dataset_title=card["title"],
            paper_dataset=title,
            commands={name: f"dvc repro study-{name}" for name in params.studies()}
            | {name: command(row, suite) for row, name in rows.items()}
            | {sweep_name(name, suite): f"make sweep NAME={name}" for name in of_dataset(suite, dataset)},
            jobs=self.jobs(dataset),
            systems={name: suite.rows[row].system for row, name in rows.items()},
            offsets=offsets(here, rows),
            facts=self.facts | judged(here),
            series=series(here, rows),
            not_computed={label: told for result in here for label, told in result.facts["not_computed"].items()},
            models={name: models(here, row) for row, name in rows.items()},
        )

    def jobs(self, dataset: str) -> dict[str, dict[str, Job]]:
        """The sweeps on a dataset, by the names that claims give them; a row of the table on the grid is a job too."""
        found = {}
        for name in of_dataset(self.suite, dataset):
            sweep = self.suite.sweeps[name]
            knobs = {run.row: points.parts(run.row)[1] for run in self.swept if run.row in sweep.points}
            if not knobs:
                continue
            for row in sweep.rows:
                shared = self.suite.on_grid(sweep, row)
                if shared is not None and points.name(row, shared) not in knobs:  # λ may be turned onto a point
                    knobs[row] = shared
            runs = [run for run in [*self.swept, *self.results] if run.row in knobs and run.seed in sweep.seeds]
            values = values_of(runs, {point: point for point in knobs})
            found[sweep_name(name, self.suite)] = {
                point: Job(
                    name_of(points.parts(point)[0], self.suite),
                    knobs[point],
                    {label: seeds[point] for label, seeds in values.items() if point in seeds},
                )
                for point in dict.fromkeys(run.row for run in runs)
            }
        return found


def of_dataset(suite: params.Params, dataset: str) -> list[str]:
    return [name for name, sweep in suite.sweeps.items() if suite.dataset_of(sweep.rows[0]) == dataset]


def sweep_name(name: str, suite: params.Params) -> str:
    """What a claim calls a sweep of the suite: as with rows, without its dataset."""
    dataset = suite.rows[suite.sweeps[name].rows[0]].dataset
    return name if dataset is None or dataset == suite.use[0] else name.removesuffix(f"-{dataset}")


def values_of(here: list[RunResult], rows: dict[str, str]) -> dict[str, dict[str, Seeds]]:
    """A row of which every run diverged has failed in all metrics; one that ran has those that its arrays allow."""
    values: dict[str, dict[str, Seeds]] = {}
    for label in {label for result in here for label in result.facts["metrics"]}:
        for row in {result.row for result in here}:
            runs = [result for result in here if result.row == row]
            scored = any(result.facts["status"] == "scored" for result in runs)
            seeds: Seeds = {
                result.seed: result.value(label)
                for result in runs
                if label in result.facts["metrics"] or result.facts["status"] == "diverged"
            }
            if any(value is not None for value in seeds.values()) or not scored:
                values.setdefault(label, {})[rows[row]] = seeds
    return values


def logged(here: list[RunResult], rows: dict[str, str]) -> dict[str, dict[str, Seeds]]:
    """Numbers that training itself logs: of each run the mean over the last fifth of its log; a lost run has failed."""
    found: dict[str, dict[str, Seeds]] = {}
    for label, row in product(LOGGED, {result.row for result in here}):
        runs = [result for result in here if result.row == row]
        logs = {run.seed: [point[label] for point in run.curves if label in point] for run in runs}
        lost = {run.seed for run in runs if run.facts["status"] == "diverged"}
        if any(logs.values()):
            means = {seed: fmean(log[-max(len(log) // 5, 1) :]) for seed, log in logs.items() if log}
            found.setdefault(label, {})[rows[row]] = means | dict.fromkeys(lost)
    return found


def offsets(here: list[RunResult], rows: dict[str, str]) -> dict[str, float]:
    """What is added to a KID before its logarithm: its standard error where real images are the samples."""
    found: dict[str, list[float]] = {}
    for result in here:
        for label, told in result.facts["metrics"].items():
            if rows[result.row] == REAL and "standard_error" in told:
                found.setdefault(label, []).append(told["standard_error"])
    return {label: sum(sorted(errors)) / len(errors) for label, errors in found.items()}


def series(here: list[RunResult], rows: dict[str, str]) -> dict[str, dict[str, dict[int, list[float | None]]]]:
    """What is known along each run: what training logged, what was measured of samples made at some of its points, and
    the two curves of the critic that scores it.
    """
    found: dict[str, dict[str, dict[int, list[float | None]]]] = {}
    for result in here:
        names = {name for point in result.curves for name in point}
        along: dict[str, list[float | None]] = {
            name: [point[name] for point in result.curves if name in point] for name in names
        }
        for label, told in result.facts["metrics"].items():
            if "along" in told:
                along[label] = [told["along"].get(str(point["iteration"])) for point in result.curves]
        curves = result.facts["metrics"].get("critic", {}).get("curves", {})
        along |= {f"critic on {name}": curves[name] for name in ("validation", "test") if name in curves}
        for name, values in along.items():
            found.setdefault(rows[result.row], {}).setdefault(name, {})[result.seed] = values
    return found


def models(here: list[RunResult], row: str) -> dict[int, str]:
    return {result.seed: result.model for result in here if result.row == row and result.model is not None}


def command(row: str, suite: params.Params) -> str:
    """What would run a row."""
    if row in suite.suite_rows():
        return "dvc repro"
    key = suite.rows[row].key
    return f"dvc exp run -S 'suite.{key}=[{', '.join([*suite.suite.get(key, []), row])}]'"


def cards(data: Path, suite: params.Params) -> dict[str, dict[str, Any]]:
    """Of the main dataset, and of those others in use that have been fetched."""
    paths = {name: data / name / "card.json" for name in suite.use}
    return {name: record.read(path) for name, path in paths.items() if name == suite.use[0] or path.is_file()}


def judged(here: list[RunResult]) -> dict[str, Fact]:
    """How often the classifiers that were trained here err."""
    judges = [judge for result in here for judge in result.facts["protocol"].get("judges", {}).values()]
    own = {judge["network"]: judge["accuracy"] for judge in judges if judge["kind"] == "own"}
    return {f"judges.{network}.error_percent": 100 * (1 - accuracy) for network, accuracy in own.items()}


def facts(studies: Path | None) -> dict[str, Fact]:
    """Every number, word and truth of the studies' results, named by where it stands: `began-control.facts.k`."""
    if studies is None:
        return {}
    found: dict[str, Fact] = {}
    for path in sorted(studies.glob("*.json")):
        found |= flat(path.stem, record.read(path))
    return found


def flat(name: str, told: Any) -> dict[str, Fact]:
    if isinstance(told, bool | int | float | str):
        return {name: told}
    items = told.items() if isinstance(told, dict) else enumerate(told or [])
    return {place: fact for key, one in items for place, fact in flat(f"{name}.{key}", one).items()}
