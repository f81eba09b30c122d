"""Made-up scores and claims for the tests of verdicts."""

from math import exp
from typing import Any

from stages.tabulate.evidence import Job, Scores

Rows = dict[str, Any]  # row -> values by seed; None: that seed failed

FID: Rows = {  # three seeds of six rows; typical spread 0.0580
    "pagan": [31.9, 34.6, 33.2],
    "pagan-l1": [74.1, 81.0, 77.5],
    "pagan-noaug": [108, 96, 121],
    "wpagan": [50.1, 55.2, 52.0],
    "age": [38.0, 41.9, 40.1],
    "pd-wgan": [33.9, 32.1, 35.3],
}
BETTER = {
    "FID": "lower",
    "KID": "lower",
    "RID": "lower",
    "RMSE": "lower",
    "LPIPS": "lower",
    "L1": "lower",
    "IS": "higher",
    "Diversity": "higher",
    "critic": "higher",
    "log-likelihood": "higher",
}


def by_seed(values: Any) -> dict[int, float | None]:
    return dict(values) if isinstance(values, dict) else dict(enumerate(values))


def table(rows: Rows) -> dict[str, dict[int, float | None]]:
    return {row: by_seed(values) for row, values in rows.items()}


def scores(
    fid: Rows,
    *,
    model_free: tuple[str, ...] = (),
    n: int = 3,
    is_paper: bool = True,
    known: dict[str, Any] | None = None,
    **others: Rows,
) -> Scores:
    """FID by row, and other metrics by name; `known`: further fields of Scores."""
    tables = {name.replace("_", "-"): rows for name, rows in {"FID": fid, **others}.items()}
    rows = {row for values in tables.values() for row in values}
    return Scores(
        values={name: table(values) for name, values in tables.items()},
        trained=frozenset(rows.difference(model_free)),
        seeds=tuple(range(n)),
        resamplings=tuple(range(n)),
        better=BETTER | {f"{name}-own": way for name, way in BETTER.items()},
        is_paper=is_paper,
        dataset_title="CIFAR-10" if is_paper else "scikit-learn digits",
        paper_dataset="CIFAR-10",
        commands={"gone": "dvc exp run -S suite.gone=[gone]"},
        **(known or {}),
    )


def sweep(row: str, knob: str, **metrics: dict[float, Any]) -> dict[str, Job]:
    """{job: Job} over one knob: of each metric the values by level, and by seed in each."""
    levels = sorted({level for values in metrics.values() for level in values})
    return {
        f"{row} {knob}={level:g}": Job(
            row, {knob: level}, {name: by_seed(values[level]) for name, values in metrics.items() if level in values}
        )
        for level in levels
    }


def swept(*sweeps: tuple[str, dict[str, Job]], n: int = 3, **more: Any) -> Scores:
    return scores({}, n=n, known={"jobs": dict(sweeps)}, **more)


def order(better: str, than: Any, metric: str = "FID", **more: Any) -> dict[str, Any]:
    return {"id": "P7", "kind": "order", "metric": metric, "better": better, "than": than, **more}


def all_of(*parts: dict[str, Any], kind: str = "all") -> dict[str, Any]:
    return {"id": "P7", "kind": kind, "parts": [{key: part[key] for key in part if key != "id"} for part in parts]}


def with_seeds(row: str, values: Any) -> Rows:
    return {**FID, row: values}


def log_values(mean: float, sd: float) -> list[float]:
    """Three values whose logs have exactly this mean and sample standard deviation."""
    return [exp(mean - sd), exp(mean), exp(mean + sd)]
