"""Claims that compare the means of rows: order, best, value, same."""

from dataclasses import dataclass, replace
from math import inf, isclose, log
from statistics import median
from typing import Any

from stages.door import UserError
from stages.tabulate import scales
from stages.tabulate.column import Column, Taken, column_of
from stages.tabulate.combine import joined
from stages.tabulate.evidence import Claim, Scores, Verdict
from stages.tabulate.reading import (
    choice,
    flag,
    margin,
    mark,
    metric_in,
    metrics_in,
    name_in,
    names_in,
    number,
    printed_number,
    subject,
    subject_in,
    wrong,
)
from stages.tabulate.rule import LEAST_MODEL_FREE, Question, facts_of, settle, settle_runs
from stages.tabulate.scales import Scale
from stages.tabulate.subjects import Subject, gather
from stages.tabulate.wording import Mark, Printed, Told, needs_paper, not_run, tell_order, tell_same, tell_value

SAME = 1e-6  # relative: what a deterministic row may differ by from machine to machine


@dataclass(frozen=True)
class Order:
    """`better` has the better mean than `than`, by `at_least` that ratio or difference.

    `than` is a row; or a printed number, {printed: 4.36}, to which the paper's own run lends its noise; or one that has
    none and holds on any data, {number: 0}.
    """

    id: str
    metric: str
    better: Subject
    than: Subject | Printed | Mark
    least: float  # 1 or 0: any
    nearest: str | None = None  # the better is the nearer to this row's mean
    paired: bool = False

    @classmethod
    def read(cls, claim: Claim) -> "Order":
        metric, nearest = metric_in(claim), name_in(claim, "nearest") if "nearest" in claim else None
        if "select" in claim:
            choice(claim, "select", ("best",), "best")
        none = 1.0 if scales.metric(metric).logarithmic and nearest is None else 0.0
        found = claim["than"]
        if isinstance(found, dict) and set(found) == {"printed"}:
            rival: Subject | Printed | Mark = printed_number(claim, "than", found["printed"])
        elif isinstance(found, dict) and set(found) == {"number"}:
            rival = mark(claim, "than", found["number"], metric)
        elif isinstance(found, dict) and "row" not in found:
            raise wrong(claim, "than", "give the name of a row, {printed: a number}, or {number: one of no paper}")
        else:
            rival = subject_in(claim, "than")
        if nearest is not None and not isinstance(rival, Subject):
            raise wrong(claim, "nearest", "leave it out: a number has no distance of its own")
        better = subject_in(claim, "better")
        if rival == better:
            raise wrong(claim, "than", "give another row than that of `better`")
        paired = "paired" in claim and choice(claim, "paired", ("run",), "run") == "run"
        if paired and (not isinstance(rival, Subject) or better.row is None or rival.row is None):
            raise wrong(claim, "paired", "leave it out: only two rows can be paired")
        least = number(claim, "at_least", above=none) if "at_least" in claim else none
        return cls(claim["id"], metric, better, rival, least, nearest, paired)

    def judge(self, scores: Scores) -> Verdict:
        rivals = [self.than] if isinstance(self.than, Subject) else []
        found = gather(scores, self.metric, [self.better, *rivals], self.nearest)
        if isinstance(found, Verdict):
            return found
        column, row = found.column, found.names[0]
        least = log(self.least) if column.scale.logarithmic else self.least
        if isinstance(self.than, Printed):
            if not column.is_paper:
                return needs_paper(scores, self.than, self.metric)
            printed = column.scale.exact(self.than.value)
            rival: Told = self.than
            question = Question({row: column.sign}, column.sign * printed, (least, inf), one_more_run=True)
        elif isinstance(self.than, Mark):
            rival = self.than
            question = Question({row: column.sign}, column.sign * column.scale.exact(rival.value), (least, inf))
        else:
            rival = found.names[1]
            question = Question({row: column.sign, rival: -column.sign}, region=(least, inf))

        verdict = self.settle(question, column, scores)
        if isinstance(rival, Printed):
            verdict = replace(verdict, paper=rival.text)
        if verdict.sentence:
            return verdict
        plain = self.settle(replace(question, region=(0.0, inf)), column, scores).verdict  # without `at_least`
        told = tell_order(verdict, plain, column.metric, row, rival, self.least, column.sign, self.nearest)
        return replace(verdict, sentence=told)

    def settle(self, question: Question, column: Column, scores: Scores) -> Verdict:
        if not self.paired:
            return settle(question, column, scores)
        row, rival = question.weights
        absent = [name for name in (row, rival) if not column.has(name)]
        if absent:
            return not_run(absent, column.metric, scores, column.scope)
        return self.by_run(question, column, scores, row, rival)

    def by_run(self, question: Question, column: Column, scores: Scores, row: str, rival: str) -> Verdict:
        """One difference a run, where both values come from one model: whatever else varies is the same for both."""
        one, other = column.take(row), column.take(rival)
        models, others = scores.models.get(row, {}), scores.models.get(rival, {})
        for seed in column.seeds[row]:
            known = seed in one.finite and seed in other.finite
            if known and (seed not in models or models[seed] != others.get(seed)):
                found = f"the models of {row} and {rival}, seed {seed}, are not one file"
                raise UserError(f"claim {self.id}: paired is 'run', but {found}; leave it out")
        both = {
            seed: column.sign * (one.finite[seed] - other.finite[seed]) for seed in one.finite if seed in other.finite
        }
        diverged = {*one.diverged, *other.diverged}
        taken = Taken(both, sorted(diverged), sorted({*one.missing, *other.missing} - diverged))
        worst = column.worst([*one.finite.values(), *other.finite.values()])
        instead = {
            seed: column.sign * (one.finite.get(seed, worst) - other.finite.get(seed, worst)) for seed in taken.failed
        }
        facts = replace(facts_of(column, {}), note="by differences within each run")
        by = f"the table's worst value ({column.scale.back(worst):g})"
        return settle_runs(facts, f"{row} and {rival}", taken, instead, by, question.region, column.metric)


@dataclass(frozen=True)
class Best:
    """`row` is better than each of the others."""

    rivals: list[Subject]
    orders: list[Order]

    @classmethod
    def read(cls, claim: Claim) -> "Best":
        subject_in(claim, "row")
        rivals = names_in(claim, "of", 1)
        if claim["row"] in rivals:
            raise wrong(claim, "of", "leave out `row` itself")
        keys: dict[str, Any] = {key: claim[key] for key in ("select", "nearest") if key in claim}
        orders = [
            Order.read({"id": claim["id"], "metric": claim["metric"], "better": claim["row"], "than": rival, **keys})
            for rival in rivals
        ]
        return cls([subject(claim, "of", rival) for rival in rivals], orders)

    def judge(self, scores: Scores) -> Verdict:
        parts = [order.judge(scores) for order in self.orders]
        return joined(parts, [f"the order against {rival}" for rival in self.rivals], absent="rival absent")


@dataclass(frozen=True)
class Value:
    """A row's mean is the printed number, within a margin: the printed number is one more run of the same spread."""

    id: str
    metric: str
    row: str
    printed: Printed
    within: float
    model_free: bool
    deterministic: bool

    @classmethod
    def read(cls, claim: Claim) -> "Value":
        metric, row = metric_in(claim), name_in(claim, "row")
        printed = printed_number(claim, "paper", claim["paper"])
        model_free, deterministic = flag(claim, "model_free"), flag(claim, "deterministic")
        if deterministic and not model_free:
            raise wrong(claim, "deterministic", "it needs model_free: true, for a trained row varies with its seed")
        within = margin(claim, metric, model_free)
        return cls(claim["id"], metric, row, printed, within, model_free, deterministic)

    def judge(self, scores: Scores) -> Verdict:
        found = column_of(scores, self.metric)
        if found.has(self.row) and self.model_free == (self.row in found.trained):
            kind = "trained" if self.row in found.trained else "model-free"
            raise UserError(
                f"claim {self.id}: model_free is {self.model_free}, but row {self.row} is {kind}; change model_free"
            )
        if not found.is_paper:
            return needs_paper(scores, self.printed, self.metric)
        if self.deterministic and found.has(self.row):
            found = self.only_value(found)

        printed = found.scale.exact(self.printed.value)
        region = region_around(self.printed, self.within, found.scale)
        least = 1 if self.deterministic else LEAST_MODEL_FREE
        question = Question({self.row: 1}, printed, region, one_more_run=True, least_model_free=least)
        verdict = replace(settle(question, found, scores), paper=self.printed.text)
        if verdict.sentence:
            return verdict
        # The printed run's own noise stays, whatever the number of our seeds.
        if verdict.verdict == "inconclusive" and (region[1] - region[0]) / 2 < 2 * verdict.spreads[self.row]["used"]:
            verdict = replace(verdict, reason="not decidable: one printed run")
        allowed = (found.scale.gap(region[0]), found.scale.gap(region[1]))
        return replace(verdict, sentence=tell_value(verdict, self.printed, allowed))

    def only_value(self, found: Column) -> Column:
        """The same column with one value for a deterministic row: its runs must agree, so one tells all."""
        taken = found.take(self.row)
        values = [found.scale.back(one) for one in taken.finite.values()]
        if values and not isclose(min(values), max(values), rel_tol=SAME):
            told = f"{self.row} varies from {min(values):g} to {max(values):g}"
            raise UserError(f"claim {self.id}: deterministic is True; but {told}, so leave it out")
        one = None if taken.diverged else median(taken.finite.values())
        return replace(found, values=found.values | {self.row: {0: one}}, seeds=found.seeds | {self.row: (0,)})


def region_around(printed: Printed, within: float, scale: Scale) -> tuple[float, float]:
    """Of what ours may be off: the margin, around any number that would have been printed so."""
    low, high = (printed.value - printed.rounding) / (1 + within), (printed.value + printed.rounding) * (1 + within)
    middle = scale.exact(printed.value)
    return scale.exact(low) - middle, scale.exact(high) - middle


@dataclass(frozen=True)
class Same:
    """Two rows' means differ by no more than a margin: of the ratio, or of the difference."""

    metrics: list[str]
    rows: list[str]
    within: dict[str, float]
    nearest: str | None

    @classmethod
    def read(cls, claim: Claim) -> "Same":
        metrics, rows = metrics_in(claim, 1), names_in(claim, "rows", 2, 2)
        nearest = name_in(claim, "nearest") if "nearest" in claim else None
        if nearest is not None and "within" not in claim:
            raise wrong(claim, "within", "give how far two distances may differ")
        return cls(metrics, rows, {metric: margin(claim, metric) for metric in metrics}, nearest)

    def judge(self, scores: Scores) -> Verdict:
        parts = [self.one(metric, scores) for metric in self.metrics]
        return parts[0] if len(parts) == 1 else joined(parts, self.metrics)

    def one(self, metric: str, scores: Scores) -> Verdict:
        found = gather(scores, metric, [Subject(row=row) for row in self.rows], self.nearest)
        if isinstance(found, Verdict):
            return found
        within = self.within[metric]
        edge = log(1 + within) if found.column.scale.logarithmic else within
        first, second = self.rows
        question = Question({first: 1, second: -1}, region=(-edge, edge))
        verdict = settle(question, found.column, scores)
        if verdict.sentence:
            return verdict
        plain = settle(replace(question, region=(0.0, inf)), found.column, scores).verdict  # is there a difference?
        if verdict.verdict == "inconclusive" and plain != "inconclusive":
            verdict = replace(verdict, reason="a difference, perhaps too small to matter")
        return replace(verdict, sentence=tell_same(verdict, found.column.metric, self.rows, within, self.nearest))
