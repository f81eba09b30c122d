"""Claims about a row that is run at several levels of one knob: trend, pareto. Each level is a row of its own."""

from dataclasses import dataclass, replace
from itertools import pairwise

from stages.tabulate.column import Column, column_of
from stages.tabulate.combine import joined
from stages.tabulate.evidence import Claim, Scores, Verdict
from stages.tabulate.reading import choice, flag, metric_in, metrics_in, name_in, points_in, wrong
from stages.tabulate.rule import LEAST_TRAINED, LEVEL, Question, decide, settle
from stages.tabulate.subjects import Subject
from stages.tabulate.wording import needs_sweeps, not_run, numbers, percent, short, span, tell_n

LEAST_LEVELS, LEAST_A_LEVEL = 3, 2  # of a trend: levels, and seeds of each
MANY_POINTS = 10  # of both fronts together: from here on two seeds a point may do


@dataclass(frozen=True)
class Trend:
    """The metric rises, or falls, with the knob: the slope over the levels' ranks, times their range.

    Strictly: nor does any step between neighbours go the other way, as far as that can be told.
    """

    metric: str
    points: Subject
    down: bool
    strict: bool

    @classmethod
    def read(cls, claim: Claim) -> "Trend":
        points = Subject(row=name_in(claim, "row"), over=name_in(claim, "over"))
        down = choice(claim, "direction", ("up", "down"), "") == "down"
        return cls(metric_in(claim), points, down, flag(claim, "strict"))

    def judge(self, scores: Scores) -> Verdict:
        jobs = self.points.jobs(scores)
        if not jobs:
            return needs_sweeps([str(self.points.sweep(scores))], scores)
        found = column_of(scores, self.metric, jobs)
        names = [name for name in self.points.in_order(jobs) if found.has(name)]
        if not names:
            return not_run([str(self.points.row)], found.metric, scores, found.scope)
        if len(names) < LEAST_LEVELS:
            told = f"Undecided, as there are too few levels: {len(names)} of {LEAST_LEVELS}."
            return Verdict("inconclusive", found.scope, told, "too few levels")
        verdict, step = settle(self.question(names), found, scores), ""
        if self.strict and verdict.p_rep is not None:
            verdict, step = self.strictly(verdict, found, names, scores)
        if verdict.sentence:
            return verdict
        return replace(verdict, sentence=self.tell(verdict, found, names, step))

    def question(self, names: list[str]) -> Question:
        """Least squares over equally spaced ranks; of two names, their difference."""
        middle, last = (len(names) - 1) / 2, len(names) - 1
        total = sum((rank - middle) ** 2 for rank in range(len(names)))
        sign = -1 if self.down else 1
        weights = {name: sign * last * (rank - middle) / total for rank, name in enumerate(names)}
        return Question(weights, least=LEAST_A_LEVEL)

    def strictly(self, slope: Verdict, found: Column, names: list[str], scores: Scores) -> tuple[Verdict, str]:
        """A step back forbids `reproduced`, and tells against the claim as the slope does."""
        steps = [settle(self.question([one, other]), found, scores) for one, other in pairwise(names)]
        back = [step.ps[1] for step in steps]
        reversal, place = min(1.0, len(back) * min(back)), back.index(min(back))
        p_rep = 1.0 if reversal <= LEVEL else slope.ps[0]
        p_con = min(1.0, 2 * min(slope.ps[1], reversal))
        verdict = decide(p_rep, p_con)
        sentence = slope.sentence if verdict == slope.verdict else ""
        step = f"it turns between {names[place]} and {names[place + 1]}" if reversal <= LEVEL else ""
        return replace(slope, verdict=verdict, p_rep=p_rep, p_con=p_con, sentence=sentence), step

    def tell(self, verdict: Verdict, found: Column, names: list[str], step: str) -> str:
        theta, (low, high), half_width = numbers(verdict)
        ratios, reach = found.scale.logarithmic, f"from {names[0]} to {names[-1]}"
        down = self.down
        if verdict.verdict == "contradicted" and not step:  # told as what it is
            theta, low, high = (1 / theta, 1 / high, 1 / low) if ratios else (-theta, -high, -low)
            down = not down
        gap = f"by {short(theta)}{' times' * ratios} {span(low, high)} {reach}"
        told = f"{found.metric} {'falls' if down else 'rises'} with {self.points.over}, {gap}"
        if verdict.verdict == "reproduced":
            return f"{told}, so the claim is reproduced."
        if verdict.verdict == "contradicted":
            told = f"{told}, but {step}" if step else f"The other way round: {told}"
            return f"{told}, so the claim is contradicted."
        if step:
            return f"Undecided: {told}, but {step}."
        could = f"{tell_n(verdict)} could settle changes above {percent(half_width) if ratios else short(half_width)}"
        return f"Undecided: {told}, which includes {int(ratios)}; {could}."


@dataclass(frozen=True)
class Pareto:
    """Every point of `than` is outdone by some point of `better` in all metrics at once."""

    metrics: list[str]
    better: Subject
    than: Subject

    @classmethod
    def read(cls, claim: Claim) -> "Pareto":
        better, than = points_in(claim, "better"), points_in(claim, "than")
        if better == than:
            raise wrong(claim, "than", "give another sweep than that of `better`")
        return cls(metrics_in(claim, 2), better, than)

    def judge(self, scores: Scores) -> Verdict:
        ours, theirs = self.better.jobs(scores), self.than.jobs(scores)
        wanting = [one for one, jobs in ((self.better, ours), (self.than, theirs)) if not jobs]
        if wanting:
            return needs_sweeps([str(one.sweep(scores)) for one in wanting], scores)
        columns = [column_of(scores, metric, ours | theirs) for metric in self.metrics]
        least = LEAST_A_LEVEL if len(ours) + len(theirs) >= MANY_POINTS else LEAST_TRAINED
        points = self.than.in_order(theirs)
        parts = [self.outdone(point, self.better.in_order(ours), columns, least, scores) for point in points]
        return joined(parts, points)

    def outdone(self, point: str, ours: list[str], columns: list[Column], least: int, scores: Scores) -> Verdict:
        """By any of ours, in all metrics. Without its own parts: there are too many to read."""
        orders = [
            joined([self.order(one, point, found, least, scores) for found in columns], self.metrics) for one in ours
        ]
        verdict = joined(orders, ours, every=False)
        weak = "weak: two seeds a point" if any(n < LEAST_TRAINED for n in verdict.n.values()) else ""
        return replace(verdict, parts=(), note="; ".join(filter(None, [verdict.note, weak])))

    def order(self, one: str, point: str, found: Column, least: int, scores: Scores) -> Verdict:
        verdict = settle(Question({one: found.sign, point: -found.sign}, least=least), found, scores)
        if verdict.sentence:
            return verdict
        theta, interval, _ = numbers(verdict)
        words = {"reproduced": "ahead of", "contradicted": "behind", "inconclusive": "undecided against"}
        gap = f"{short(theta)}{' times' * found.scale.logarithmic} {span(*interval)}"
        return replace(verdict, sentence=f"{one} is {words[verdict.verdict]} {point} in {found.metric}, by {gap}.")
