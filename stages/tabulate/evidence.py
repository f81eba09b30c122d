"""What a verdict rests on and what it is: all values of one dataset, and the answer with its numbers."""

from dataclasses import asdict, dataclass, field
from typing import Any

from stages.tabulate import labels
from stages.tabulate.scales import RATIO

WORDS = ("reproduced", "contradicted", "inconclusive", "not run")
Claim = dict[str, Any]
Seeds = dict[int, float | None]  # a value by seed; None: that seed failed
Fact = bool | int | float | str


@dataclass(frozen=True)
class Job:
    """A point of a sweep: a row with some of its knobs set otherwise.

    Its name is its own: a job of two sweeps is the same in both, and one that is a row of the table has that name.
    """

    row: str
    knobs: dict[str, float | str]  # the knobs that the sweep sets
    values: dict[str, Seeds]  # by metric


@dataclass(frozen=True)
class Scores:
    """All values of one dataset and profile."""

    values: dict[str, dict[str, Seeds]]  # metric -> row -> seed
    trained: frozenset[str]  # the rows that make up the pool; the others are model-free
    seeds: tuple[int, ...]  # as in params.yaml: of each row that is there, 0 to the largest are judged, and no others
    resamplings: tuple[int, ...]  # the same of the rows without a model
    better: dict[str, str]  # metric -> lower | higher, of every metric that has values
    is_paper: bool  # the profile `paper`, on the claim's own dataset
    dataset_title: str
    paper_dataset: str
    commands: dict[str, str]  # row or study -> what would run it
    systems: dict[str, str] = field(default_factory=dict)  # row -> its system
    jobs: dict[str, dict[str, Job]] = field(default_factory=dict)  # sweep -> job
    offsets: dict[str, float] = field(default_factory=dict)  # KID -> its standard error on real data, by this judge
    facts: dict[str, Fact] = field(default_factory=dict)  # study.and.what.it.says -> what it found
    series: dict[str, dict[str, dict[int, list[float | None]]]] = field(
        default_factory=dict
    )  # row -> name -> seed -> in order; None where it was not measured at that point
    not_computed: dict[str, str] = field(default_factory=dict)  # metric -> what it needs
    models: dict[str, dict[int, str]] = field(default_factory=dict)  # row -> seed -> checksum of its weights

    def measured(self, metric: str, jobs: dict[str, Job]) -> str:
        """The label under which it was measured here."""
        told = {label for label, rows in self.values.items() if rows} | {
            label for job in jobs.values() for label in job.values
        }
        return labels.measured(metric, told)


@dataclass(frozen=True)
class Verdict:
    """Numbers are in plain units, as `gaps` says: ratios, not their logarithms. Spreads are of the working scale."""

    verdict: str  # reproduced | contradicted | inconclusive | not run
    scope: str  # paper | stand-in
    sentence: str = ""
    reason: str = ""
    metric: str = ""  # with the suffix of the judge that it was measured by
    theta: float | None = None
    interval: tuple[float, float] | None = None
    gaps: str = RATIO  # ratio | difference | share | correlation: what theta is
    p_rep: float | None = None
    p_con: float | None = None
    df: float | None = None  # None where nothing varies, or no t is used
    half_width: float | None = None  # the smallest gap that these seeds could settle
    n: dict[str, int] = field(default_factory=dict)  # finite values a row, or jobs a sweep
    counted: str = "seeds"  # seeds | jobs: what n counts
    failed: dict[str, list[int]] = field(default_factory=dict)
    spreads: dict[str, dict[str, float]] = field(default_factory=dict)
    note: str = ""
    parts: tuple["Verdict", ...] = ()
    name: str = ""  # of a part of a claim
    paper: str | None = None  # the number, as printed
    figure: str | None = None  # where to look, for a claim that is left to the eye

    def to_record(self) -> dict[str, Any]:
        """The same as JSON has it."""
        record = asdict(self)
        record["interval"] = None if self.interval is None else list(self.interval)
        record["parts"] = [part.to_record() for part in self.parts]
        return record

    @property
    def ps(self) -> tuple[float, float]:
        """(p_rep, p_con) in a larger claim: an exact fact has 0 or 1; what was not tested speaks for no side."""
        if self.p_rep is not None and self.p_con is not None:
            return self.p_rep, self.p_con
        return float(self.verdict != "reproduced"), float(self.verdict != "contradicted")


def scope_of(is_paper: bool) -> str:
    return "paper" if is_paper else "stand-in"
