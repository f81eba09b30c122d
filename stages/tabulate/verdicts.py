"""Does a claim of a paper hold on our few seeds? One rule for all kinds of claim.

A claim is a region R of one number theta, fixed before any run. A 95 % interval around our estimate of theta decides:
all of it in R, `reproduced`; all of it outside, `contradicted`; else `inconclusive`; nothing to measure, `not run`.
As p-values: p_rep tests "theta is not in R", p_con tests "theta is in R"; a verdict needs its own at 0.025 or less.

Scale     logarithmic: seed noise multiplies, and gaps read as ratios. So a value that is not above 0 is a failed seed.
Spread    three seeds guess their spread badly. The table's trained rows form a pool; their typical spread counts as
          one more degree of freedom in each row's own, and only ever raises it. A pool of fewer than 4 rows: own only.
Contrast  theta is a signed sum of rows' means; Welch and Satterthwaite's t. Set against one printed number it takes
          one further run's noise, for the paper's number is one run.
Failed    a failed seed is never dropped: the claim is judged without it and with the table's worst value in its place,
          and both must agree. A seed missing between 0 and the largest asked for has failed too: none can be left out.
Stand-in  an order may be judged on another dataset than the paper's, and says so; a printed number may not.
All       of k parts: p_rep is the largest, p_con is k times the smallest. A part that is not run never lets it hold.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal, InvalidOperation
from math import exp, fsum, inf, isclose, isfinite, log, sqrt
from statistics import median
from typing import Any, NamedTuple

from scipy.special import chdtri, stdtr, stdtrit

from stages.door import UserError

WORDS = ("reproduced", "contradicted", "inconclusive", "not run")
LEVEL = 0.025  # of each p: a 95 % interval, two sides
FLOOR = 0.01  # least spread of a trained row, of its value: digits that happen to agree prove nothing
LEAST_POOL = 4  # rows that say what is typical
LEAST_TRAINED, LEAST_MODEL_FREE = 3, 5  # seeds, resamplings
WITHIN = {"FID": 0.25, "RID": 0.25, "RMSE": 0.15, "LPIPS": 0.15, "L1": 0.15, "IS": 0.10}
WITHIN_MODEL_FREE = 0.02
SAME = 1e-6  # relative: what a deterministic row may differ by from machine to machine
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


def judge(claim: Claim, scores: Scores) -> Verdict:
    """The verdict on one claim of papers/*.yaml."""
    if "id" not in claim:
        raise UserError(f"a claim of kind {claim.get('kind')!r} has no id; give it one")
    name = claim.get("kind")
    if not isinstance(name, str) or name not in KINDS:
        raise wrong(claim, "kind", f"choose one of {', '.join(KINDS)}")
    kind = KINDS[name]
    check_keys(claim, kind)
    return kind.judge(claim, scores)


# The kinds: from what a claim says to the number and the region that decide it.


def order(claim: Claim, scores: Scores) -> Verdict:
    """`better` has the better mean than the row `than`, or than a printed number; by a factor `at_least`, if given."""
    metric, row, rival = name_in(claim, "metric"), name_in(claim, "better"), rival_of(claim)
    factor = number(claim, "at_least", above=1) if "at_least" in claim else 1.0
    sign = -1 if scores.better.get(metric) == "lower" else 1  # so that theta > 0 is better, whatever the metric
    region = (log(factor), inf)
    if isinstance(rival, Printed):
        if not scores.is_paper:
            return needs_paper(scores, rival)
        question = Question(metric, {row: sign}, sign * log(rival.value), region, one_more_run=True)
    else:
        question = Question(metric, {row: sign, rival: -sign}, 0.0, region)

    verdict = settle(question, scores)
    if isinstance(rival, Printed):
        verdict = replace(verdict, paper=rival.text)
    if verdict.sentence:
        return verdict
    plain = settle(replace(question, region=(0.0, inf)), scores).verdict  # of the order without its factor
    return replace(verdict, sentence=tell_order(verdict, plain, metric, row, rival, factor, sign))


def value(claim: Claim, scores: Scores) -> Verdict:
    """A row's mean is the printed number, within a margin: the printed number is one more run of the same spread."""
    metric, row = name_in(claim, "metric"), name_in(claim, "row")
    printed = printed_number(claim, "paper", claim["paper"])
    model_free, deterministic = flag(claim, "model_free"), flag(claim, "deterministic")
    region = region_around(printed, margin(claim, metric, model_free))
    if deterministic and not model_free:
        raise wrong(claim, "deterministic", "it needs model_free: true, for a trained row varies with its seed")
    if present(scores, metric, row) and model_free == (row in scores.trained):
        kind = "trained" if row in scores.trained else "model-free"
        raise UserError(f"claim {claim['id']}: model_free is {model_free}, but row {row} is {kind}; change model_free")
    if not scores.is_paper:
        return needs_paper(scores, printed)
    if deterministic and present(scores, metric, row):
        scores = only_value(claim, scores, metric, row)

    question = Question(metric, {row: 1}, log(printed.value), region, one_more_run=True, deterministic=deterministic)
    verdict = replace(settle(question, scores), paper=printed.text)
    if verdict.sentence:
        return verdict
    # The printed run's own noise stays, whatever the number of our seeds.
    if verdict.verdict == "inconclusive" and (region[1] - region[0]) / 2 < 2 * verdict.spreads[row]["used"]:
        verdict = replace(verdict, reason="not decidable: one printed run")
    return replace(verdict, sentence=tell_value(verdict, row, printed, region))


def all_of(claim: Claim, scores: Scores) -> Verdict:
    """Every part holds. Each is judged by its own kind; one alone can contradict the whole."""
    parts = claim["parts"]
    if not isinstance(parts, list) or not parts or not all(isinstance(part, dict) for part in parts):
        raise wrong(claim, "parts", "give a list of one or more claims")
    named = [{"id": f"{claim['id']}, part {place}"} | part for place, part in enumerate(parts, 1)]
    judged = [judge(part, scores) for part in named]
    if all(part.verdict == "not run" for part in judged):
        reasons, sentences = unique([part.reason for part in judged]), unique([part.sentence for part in judged])
        return Verdict("not run", scope_of(scores), " ".join(sentences), "; ".join(reasons), parts=tuple(judged))

    p_reps = [or_one(part.p_rep) for part in judged]  # a part that could not be tested speaks for neither side
    p_cons = [or_one(part.p_con) for part in judged]
    p_rep, p_con = max(p_reps), min(1.0, len(judged) * min(p_cons))
    verdict = decide(p_rep, p_con)
    place = p_cons.index(min(p_cons)) if verdict == "contradicted" else p_reps.index(p_rep)  # of the part that decides
    not_run = sum(part.verdict == "not run" for part in judged)
    if verdict != "inconclusive":
        reason = ""
    elif not_run:
        reason = f"{not_run} of {len(judged)} parts not run"
    else:
        reason = judged[place].reason
    return Verdict(
        verdict,
        scope_of(scores),
        tell_all(verdict, judged, place, labels(named)[place]),
        reason,
        p_rep=p_rep,
        p_con=p_con,
        n={row: min(part.n[row] for part in judged if row in part.n) for row in keys_of([part.n for part in judged])},
        failed={
            row: sorted({seed for part in judged for seed in part.failed.get(row, [])})
            for row in keys_of([part.failed for part in judged])
        },
        note="; ".join(unique([part.note for part in judged if part.note])),
        parts=tuple(judged),
    )


class Kind(NamedTuple):
    judge: Callable[[Claim, Scores], Verdict]
    needs: tuple[str, ...]
    may: tuple[str, ...]


KINDS = {
    "order": Kind(order, ("metric", "better", "than"), ("at_least",)),
    "all": Kind(all_of, ("parts",), ()),
    "value": Kind(value, ("metric", "row", "paper"), ("within", "model_free", "deterministic")),
}
EVERY_KIND = ("id", "says", "artifact", "dataset", "kind")


# The rule: from a number and a region to a verdict.


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
class Taken:
    """What one row brings: its finite values, and the seeds that brought none."""

    finite: list[float]
    diverged: list[int]
    missing: list[int]

    @property
    def failed(self) -> list[int]:
        return sorted(self.diverged + self.missing)


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


def shortage(taken: Taken, least: int) -> str:
    """Why a row cannot be judged at all, or ''. What is merely missing says nothing of the training."""
    finite, failed = len(taken.finite), len(taken.failed)
    mostly_failed = failed >= finite
    if taken.diverged and mostly_failed:
        return "row failed to train"
    if mostly_failed or finite + len(taken.diverged) < least:
        return "too few seeds"
    return ""


def present(scores: Scores, metric: str, row: str) -> bool:
    found = scores.values.get(metric, {}).get(row, {})
    return any(seed in found for seed in range(max(scores.seeds) + 1))


def scope_of(scores: Scores) -> str:
    return "paper" if scores.is_paper else "stand-in"


def not_run(absent: list[str], metric: str, scores: Scores) -> Verdict:
    """For rows that are not there; or there, but without this metric, which no run would mend."""
    never = [row for row in absent if not any(present(scores, other, row) for other in scores.values)]
    missing = f"no run of {' and '.join(never)}" if never else f"{' and '.join(absent)} without {metric}"
    commands = "; ".join(unique([scores.commands[row] for row in never if row in scores.commands]))
    sentence = f"Not run: {missing}{f' ({commands})' if commands else ''}."
    return Verdict("not run", scope_of(scores), sentence, missing)


def needs_paper(scores: Scores, printed: "Printed") -> Verdict:
    """A printed number is of the paper's own dataset and sizes: elsewhere there is nothing to compare."""
    here = scores.dataset_title == scores.paper_dataset
    reason = "needs the profile paper" if here else f"needs {scores.paper_dataset}"
    sentence = f"Not run: the printed number {reason}."
    return Verdict("not run", scope_of(scores), sentence, reason, paper=printed.text)


# What a claim may say.


class Printed(NamedTuple):
    """A number as printed: its last digit tells how far it was rounded."""

    text: str
    value: float
    rounding: float  # half a unit of the last digit


def check_keys(claim: Claim, kind: Kind) -> None:
    known = [*EVERY_KIND, *kind.needs, *kind.may]
    unknown = sorted(str(key) for key in claim if key not in known)
    if unknown:
        raise UserError(
            f"claim {claim['id']}: {unknown[0]} is not a key of kind {claim['kind']}; choose of {', '.join(known)}"
        )
    absent = [key for key in kind.needs if key not in claim]
    if absent:
        raise UserError(
            f"claim {claim['id']}: {absent[0]} is missing; kind {claim['kind']} needs {', '.join(kind.needs)}"
        )


def wrong(claim: Claim, key: str, mend: str) -> UserError:
    return UserError(f"claim {claim['id']}: {key} is {claim.get(key)!r}; {mend}")


def name_in(claim: Claim, key: str) -> str:
    found = claim[key]
    if not isinstance(found, str) or not found:
        raise wrong(claim, key, "give one name")
    return found


def number(claim: Claim, key: str, above: float) -> float:
    found = claim[key]
    if isinstance(found, bool) or not isinstance(found, int | float) or not above < found < inf:
        raise wrong(claim, key, f"give a number above {above:g}")
    return float(found)


def flag(claim: Claim, key: str) -> bool:
    found = claim.get(key, False)
    if not isinstance(found, bool):
        raise wrong(claim, key, "choose true or false")
    return found


def rival_of(claim: Claim) -> str | Printed:
    rival = claim["than"]
    if isinstance(rival, dict) and set(rival) == {"printed"}:
        return printed_number(claim, "than", rival["printed"])
    if not isinstance(rival, str) or not rival:
        raise wrong(claim, "than", "give the name of a row, or {printed: a number}")
    if rival == claim["better"]:
        raise wrong(claim, "than", "give another row than that of `better`")
    return rival


def printed_number(claim: Claim, key: str, found: Any) -> Printed:
    try:
        exact = Decimal(str(found)) if isinstance(found, str | int | float) and not isinstance(found, bool) else None
    except InvalidOperation:
        exact = None
    if exact is None or not exact.is_finite():
        raise wrong(claim, key, "give a number, or one in quotes where its last digit is 0")
    exponent = exact.as_tuple().exponent
    rounding = 0.5 * 10.0 ** int(exponent)
    if float(exact) <= rounding:
        raise wrong(claim, key, "give a number that does not round to 0: it is compared as a ratio")
    return Printed(str(found), float(exact), rounding)


def margin(claim: Claim, metric: str, model_free: bool) -> float:
    """The claim's own, or the usual one: of the metric, or for rows that need no training."""
    if "within" in claim:
        return number(claim, "within", above=0)
    if model_free:
        return WITHIN_MODEL_FREE
    if metric not in WITHIN:
        raise UserError(
            f"claim {claim['id']}: within is missing, and {metric} has no usual margin; give one such as 0.25"
        )
    return WITHIN[metric]


def region_around(printed: Printed, within: float) -> tuple[float, float]:
    """Of log(ours / printed): the margin, around any number that would have been printed so."""
    low, high = printed.value - printed.rounding, printed.value + printed.rounding
    return log(low / (1 + within) / printed.value), log(high * (1 + within) / printed.value)


def only_value(claim: Claim, scores: Scores, metric: str, row: str) -> Scores:
    """The same scores with one value for a deterministic row: its runs must agree, so one tells all."""
    taken = take(scores, metric, row)
    if taken.finite and not isclose(min(taken.finite), max(taken.finite), rel_tol=SAME):
        found = f"{row} varies from {min(taken.finite):g} to {max(taken.finite):g}"
        raise wrong(claim, "deterministic", f"but {found}, so leave it out")
    one = None if taken.diverged else median(taken.finite)
    return replace(scores, values=scores.values | {metric: scores.values[metric] | {row: {0: one}}}, seeds=(0,))


# Sentences.


def tell_order(
    verdict: Verdict, plain: str, metric: str, row: str, rival: str | Printed, factor: float, sign: int
) -> str:
    """`plain` is the verdict on the order alone, without its factor."""
    theta, interval, half_width = numbers(verdict)
    holds = {"reproduced": "; the order holds", "inconclusive": "; the order is undecided"}.get(plain, "")
    if verdict.verdict == "inconclusive":
        found = f"{short(theta)} {span(*interval)} includes {factor:g}"
        could = f"{tell_n(verdict)} could settle gaps above {percent(half_width)}"
        return f"Undecided: {found}; {could}{holds if factor > 1 else ''}."

    lost = sum(len(seeds) for seeds in verdict.failed.values())
    seeds = f"over {' + '.join(map(str, verdict.n.values()))} seeds{f' and {lost} failed' if lost else ''}"
    higher = "higher" if sign > 0 else "lower"
    if plain == "contradicted":
        has = f"{rival} has" if isinstance(rival, str) else f"the printed {rival.text} is"
        gap = tell_gap(rival, row, sign, 1 / theta, (1 / interval[1], 1 / interval[0]))
        return f"The other way round: {has} the {higher} {metric}: {gap} {seeds}, so the claim is contradicted."
    gap = tell_gap(row, rival, sign, theta, interval)
    if verdict.verdict == "contradicted":
        return f"{row} is not {factor:g} times ahead in {metric}: {gap} {seeds}, so the claim is contradicted{holds}."
    enough = f", at least {factor:g} times" if factor > 1 else ""
    return f"{row} has the {higher} {metric}: {gap} {seeds}{enough}, so the claim is reproduced."


def tell_gap(
    ahead: str | Printed, behind: str | Printed, sign: int, theta: float, interval: tuple[float, float]
) -> str:
    """Always as how much higher the higher one is, since a ratio above 1 reads best."""
    other = f"{behind}'s" if isinstance(behind, str) else f"the printed {behind.text}"
    if sign < 0:
        return f"{other} is {short(theta)} times as high {span(*interval)}"
    own = "its own" if isinstance(ahead, str) else "it"
    return f"{own} is {short(theta)} times {other} {span(*interval)}"


def tell_value(verdict: Verdict, row: str, printed: Printed, region: tuple[float, float]) -> str:
    theta, interval, half_width = numbers(verdict)
    ours, allowed = f"{short(theta)} times the printed {printed.text}", span(exp(region[0]), exp(region[1]))
    more = "every run gives the same" if verdict.df is None else f"one more run is expected within {span(*interval)}"
    if verdict.verdict == "inconclusive":
        limit = f"{tell_n(verdict)} could settle margins above {percent(half_width)}"
        if verdict.reason:
            limit = "no number of seeds could settle it against one printed run"
        return f"Undecided: ours is {ours}; {more}, across an edge of the allowed {allowed}; {limit}."
    where = "inside" if verdict.verdict == "reproduced" else "outside"
    return f"Ours is {ours}; {more}, {where} the allowed {allowed}: {verdict.verdict}."


def tell_all(verdict: str, parts: list[Verdict], place: int, name: str) -> str:
    """Told by the part at `place`: the one that contradicts most, else the one that is furthest from holding."""
    held, part = sum(part.verdict == "reproduced" for part in parts), parts[place]
    told = f"{held} of {len(parts)} parts hold; decided by {name}: {part.sentence}"
    if verdict == "inconclusive" and part.verdict == "contradicted":
        told += f" Among {len(parts)} parts its p of {or_one(part.p_con):.2g} is too weak to contradict the whole."
    return told


def numbers(verdict: Verdict) -> tuple[float, tuple[float, float], float]:
    """Of a verdict that has them: estimate, interval, half-width."""
    assert verdict.theta is not None
    assert verdict.interval is not None
    assert verdict.half_width is not None
    return verdict.theta, verdict.interval, verdict.half_width


def tell_shortage(row: str, reason: str, taken: Taken, least: int, metric: str) -> str:
    asked = len(taken.finite) + len(taken.failed)
    if reason == "row failed to train":
        return f"Undecided, as {row} failed to train: {tell_lost(row, taken)}, of {asked}, so there is no {metric}."
    lost = f" ({tell_lost(row, taken)})" if taken.failed else ""
    return f"Undecided, as there are too few seeds: {row} has {len(taken.finite)} of {max(least, asked)}{lost}."


def tell_lost(row: str, taken: Taken) -> str:
    """`age's seed 2 failed, its seeds 3, 4 are missing`."""
    told, whose = [], f"{row}'s"
    for seeds, one, more in ((taken.diverged, "failed", "failed"), (taken.missing, "is missing", "are missing")):
        if seeds:
            numbers = ", ".join(map(str, seeds))
            told.append(f"{whose} seed {numbers} {one}" if len(seeds) == 1 else f"{whose} seeds {numbers} {more}")
            whose = "its"
    return ", ".join(told)


def tell_n(verdict: Verdict) -> str:
    """`3 seeds` where all rows have three, else `2 + 3 seeds`."""
    counts = list(verdict.n.values())
    return f"{' + '.join(map(str, counts if len(set(counts)) > 1 else counts[:1]))} seeds"


def labels(parts: list[Claim]) -> list[str]:
    """Short names of parts: their metrics where these tell them apart, else their places."""
    metrics = [str(part.get("metric")) for part in parts]
    if len(set(metrics)) == len(parts) and "None" not in metrics:
        return metrics
    return [f"part {place}" for place in range(1, len(parts) + 1)]


def keys_of(parts: list[dict[str, Any]]) -> list[str]:
    return sorted({row for part in parts for row in part})


def unique(found: list[str]) -> list[str]:
    """In the order of their first places."""
    return list(dict.fromkeys(found))


def or_one(p: float | None) -> float:
    return 1.0 if p is None else p


def ratio(gap: float) -> float:
    """From the log scale. Held within what a float can write, for JSON has no infinity."""
    return exp(min(max(gap, -700.0), 700.0))


def span(low: float, high: float) -> str:
    return f"[{short(low)}, {short(high)}]"


def short(found: float) -> str:
    return f"{found:.2f}" if 0.1 <= found < 100 else f"{found:.3g}"


def percent(found: float) -> str:
    """A ratio of 1.1 as 10 %."""
    excess = 100 * (found - 1)
    return f"{excess:.0f} %" if excess >= 1 else f"{excess:.1g} %"
