"""What a verdict rests on and what it is: all values of one table, and the answer with its numbers."""

from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any

WORDS = ("reproduced", "contradicted", "inconclusive", "not run")
Claim = dict[str, Any]


@dataclass(frozen=True)
class Scores:
    """All values of one dataset, profile and judge."""

    values: dict[str, dict[str, dict[int, float | None]]]  # metric -> row -> seed; None: that seed failed
    trained: frozenset[str]  # the rows that make up the pool; the others are model-free
    seeds: tuple[int, ...]  # as in params.yaml: of each row that is there, 0 to the largest are judged, and no others
    better: dict[str, str]  # metric -> lower | higher, of every metric in `values`
    is_paper: bool  # the profile `paper`, on the dataset of the claim's paper
    dataset_title: str
    paper_dataset: str
    commands: dict[str, str]  # row -> what would run it


@dataclass(frozen=True)
class Verdict:
    """Numbers are in plain units: ratios, not their logarithms. Spreads are relative: 0.05 is 5 %."""

    verdict: str  # reproduced | contradicted | inconclusive | not run
    scope: str  # paper | stand-in
    sentence: str = ""
    reason: str = ""
    theta: float | None = None
    interval: tuple[float, float] | None = None
    p_rep: float | None = None
    p_con: float | None = None
    df: float | None = None  # None where nothing varies
    half_width: float | None = None  # the smallest gap that these seeds could settle
    n: dict[str, int] = field(default_factory=dict)  # finite values a row
    failed: dict[str, list[int]] = field(default_factory=dict)
    spreads: dict[str, dict[str, float]] = field(default_factory=dict)
    note: str = ""
    parts: tuple["Verdict", ...] = ()
    paper: str | None = None  # the number, as printed

    def to_record(self) -> dict[str, Any]:
        """The same as JSON has it."""
        record = asdict(self)
        record["interval"] = None if self.interval is None else list(self.interval)
        record["parts"] = [part.to_record() for part in self.parts]
        return record


@dataclass(frozen=True)
class Taken:
    """What one row brings: its finite values, and the seeds that brought none."""

    finite: list[float]
    diverged: list[int]
    missing: list[int]

    @property
    def failed(self) -> list[int]:
        return sorted(self.diverged + self.missing)


def take(scores: Scores, metric: str, row: str) -> Taken:
    """Every seed from 0 to the largest of params.yaml, whether it is there or not."""
    found = scores.values[metric][row]
    finite, diverged, missing = [], [], []
    for seed in range(max(scores.seeds) + 1):
        one = found.get(seed)
        if seed not in found:
            missing.append(seed)
        elif one is None or not isfinite(one) or one <= 0:
            diverged.append(seed)
        else:
            finite.append(float(one))
    return Taken(finite, diverged, missing)


def present(scores: Scores, metric: str, row: str) -> bool:
    found = scores.values.get(metric, {}).get(row, {})
    return any(seed in found for seed in range(max(scores.seeds) + 1))


def scope_of(scores: Scores) -> str:
    return "paper" if scores.is_paper else "stand-in"


def or_one(p: float | None) -> float:
    return 1.0 if p is None else p
