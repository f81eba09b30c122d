"""The rule that every kind of claim goes through: from a number and a region to a verdict.

Its statistics, and why they are what they are, stand at the head of verdicts.py.
"""

from dataclasses import dataclass, replace
from math import fsum, log, sqrt
from statistics import median

from scipy.special import chdtri, stdtr, stdtrit

from stages.tabulate.evidence import Scores, Taken, Verdict, present, scope_of, take
from stages.tabulate.wording import not_run, ratio, tell_lost, tell_shortage

LEVEL = 0.025  # of each p: a 95 % interval, two sides
FLOOR = 0.01  # least spread of a trained row, of its value: digits that happen to agree prove nothing
LEAST_POOL = 4  # rows that say what is typical
LEAST_TRAINED, LEAST_MODEL_FREE = 3, 5  # seeds, resamplings


@dataclass(frozen=True)
class Question:
    """Does the sum of sign * (mean of the row's logs), less `against`, lie in the region?"""

    metric: str
    signs: dict[str, int]
    against: float
    region: tuple[float, float]
    one_more_run: bool = False  # the interval is for one further run of ours, not for the mean
    deterministic: bool = False  # one value is enough


@dataclass(frozen=True)
class Estimate:
    """A row on the log scale; spreads are those of single runs."""

    mean: float
    n: int
    own: float
    used: float
    df: int


@dataclass(frozen=True)
class Finding:
    """A question answered once, on the log scale."""

    theta: float
    reach: float  # half the length of the interval
    p_rep: float
    p_con: float
    df: float | None
    estimates: dict[str, Estimate]


def settle(question: Question, scores: Scores) -> Verdict:
    """The verdict on a question, with its sentence only where no comparison can be told."""
    metric = question.metric
    absent = [row for row in question.signs if not present(scores, metric, row)]
    if absent:
        return not_run(absent, metric, scores)
    takens = {row: take(scores, metric, row) for row in question.signs}
    pool = pool_of(scores, metric)
    typical = typical_variance(pool)
    welch = typical is None and not scores.trained.isdisjoint(takens)
    facts = Verdict(
        "inconclusive",
        scope_of(scores),
        n={row: len(taken.finite) for row, taken in takens.items()},
        failed={row: taken.failed for row, taken in takens.items() if taken.failed},
        note=f"fewer than {LEAST_POOL} rows in the pool: Welch" if welch else "",
    )
    for row, taken in sorted(takens.items()):
        least = 1 if question.deterministic else LEAST_TRAINED if row in scores.trained else LEAST_MODEL_FREE
        reason = shortage(taken, least)
        if reason:
            return replace(facts, reason=reason, sentence=tell_shortage(row, reason, taken, least, metric))

    finite = {row: taken.finite for row, taken in takens.items()}
    first = answer(question, finite, scores.trained, typical)
    if not facts.failed:
        return complete(facts, first, decide(first.p_rep, first.p_con))
    worst_of = max if scores.better[metric] == "lower" else min
    worst = worst_of(one for values in [*pool.values(), *finite.values()] for one in values)
    filled = {row: taken.finite + [worst] * len(taken.failed) for row, taken in takens.items()}
    second = answer(question, filled, scores.trained, typical)
    lost = " and ".join(tell_lost(row, taken) for row, taken in sorted(takens.items()) if taken.failed)
    return agree(facts, first, second, f"the table's worst value ({worst:g})", lost)


def agree(facts: Verdict, without: Finding, filled: Finding, by: str, lost: str) -> Verdict:
    """Both ways of taking failed seeds must give one verdict; of each p, the weaker counts and is shown."""
    both = (without, filled)
    verdicts = [decide(finding.p_rep, finding.p_con) for finding in both]
    ps = [finding.p_con if "contradicted" in verdicts else finding.p_rep for finding in both]
    story = f"{lost}: p is {ps[0]:.2g} without, {ps[1]:.2g} with {by} instead"
    weaker = max(both, key=lambda finding: min(finding.p_rep, finding.p_con))
    p_rep, p_con = max(finding.p_rep for finding in both), max(finding.p_con for finding in both)
    verdict = complete(
        replace(facts, note="; ".join(filter(None, [facts.note, story]))),
        replace(weaker, p_rep=p_rep, p_con=p_con),
        decide(p_rep, p_con),
    )
    if verdicts[0] == verdicts[1]:
        return verdict
    reason = "hangs on a failed seed"
    return replace(verdict, reason=reason, sentence=f"Undecided, as it {reason}: {story}.")


def complete(facts: Verdict, finding: Finding, verdict: str) -> Verdict:
    return replace(
        facts,
        verdict=verdict,
        theta=ratio(finding.theta),
        interval=(ratio(finding.theta - finding.reach), ratio(finding.theta + finding.reach)),
        p_rep=finding.p_rep,
        p_con=finding.p_con,
        df=finding.df,
        half_width=ratio(finding.reach),
        spreads={row: {"own": one.own, "used": one.used} for row, one in finding.estimates.items()},
    )


def answer(
    question: Question, values: dict[str, list[float]], trained: frozenset[str], typical: float | None
) -> Finding:
    """Welch's contrast, and one t test at each end of the region."""
    estimates = {row: estimate(values[row], row in trained, typical) for row in sorted(values)}
    theta = fsum(question.signs[row] * one.mean for row, one in estimates.items()) - question.against
    variances = {row: one.used**2 * (1 / one.n + question.one_more_run) for row, one in estimates.items()}
    variance = fsum(variances.values())
    df = None
    if variance > 0:
        df = variance**2 / fsum(part**2 / estimates[row].df for row, part in variances.items() if part > 0)
    error = sqrt(variance)

    low, high = question.region
    p_rep = max(p_above(theta - low, error, df), p_above(high - theta, error, df))  # must clear both ends
    p_con = min(p_above(low - theta, error, df), p_above(theta - high, error, df))  # must be beyond one
    reach = error * float(stdtrit(df, 1 - LEVEL)) if df else 0.0
    return Finding(theta, reach, p_rep, p_con, df, estimates)


def p_above(gap: float, error: float, df: float | None) -> float:
    """One-sided p for a true gap above 0. Where nothing varies, the estimate is the truth."""
    if df is None:
        return 0.5 if gap == 0 else float(gap < 0)
    return float(stdtr(df, -gap / error))


def decide(p_rep: float, p_con: float) -> str:
    return "reproduced" if p_rep <= LEVEL else "contradicted" if p_con <= LEVEL else "inconclusive"


def estimate(values: list[float], trained: bool, typical: float | None) -> Estimate:
    """A row's mean log and the spread to use: its own, which floor and table may raise if the row is trained."""
    logs = sorted(log(one) for one in values)  # sorted: a sum's last bits depend on its order
    mean, own = mean_and_variance(logs)
    n, df = len(logs), len(logs) - 1
    if not trained:
        return Estimate(mean, n, sqrt(own), sqrt(own), df)
    used = max(own, FLOOR**2)
    if typical is not None:
        used, df = max(used, (typical + df * used) / (df + 1)), df + 1
    return Estimate(mean, n, sqrt(own), sqrt(used), df)


def mean_and_variance(logs: list[float]) -> tuple[float, float]:
    """Of sorted values. The mean is kept among them, so that equal values have a variance of exactly 0."""
    mean = min(max(fsum(logs) / len(logs), logs[0]), logs[-1])
    return mean, fsum((one - mean) ** 2 for one in logs) / max(len(logs) - 1, 1)


def pool_of(scores: Scores, metric: str) -> dict[str, list[float]]:
    """The finite values of all trained rows that have at least two."""
    finite = {row: take(scores, metric, row).finite for row in scores.values[metric] if row in scores.trained}
    return {row: values for row, values in finite.items() if len(values) >= 2}


def typical_variance(pool: dict[str, list[float]]) -> float | None:
    """Of one run, as the pool has it. By the median, which one collapsed row does not move; None: too small a pool."""
    if len(pool) < LEAST_POOL:
        return None
    unbiased = []
    for values in pool.values():
        df = len(values) - 1
        variance = mean_and_variance(sorted(log(one) for one in values))[1]
        unbiased.append(variance / (float(chdtri(df, 0.5)) / df))  # a sample variance's median is below the true one
    return median(unbiased)


def shortage(taken: Taken, least: int) -> str:
    """Why a row cannot be judged at all, or ''. What is merely missing says nothing of the training."""
    finite, failed = len(taken.finite), len(taken.failed)
    mostly_failed = failed >= finite
    if taken.diverged and mostly_failed:
        return "row failed to train"
    if mostly_failed or finite + len(taken.diverged) < least:
        return "too few seeds"
    return ""
