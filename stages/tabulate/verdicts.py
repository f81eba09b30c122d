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
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from math import inf, isclose, log
from statistics import median
from typing import Any, NamedTuple

from stages.door import UserError
from stages.tabulate.evidence import Claim, Scores, Verdict, or_one, present, scope_of, take
from stages.tabulate.rule import Question, decide, settle
from stages.tabulate.wording import Printed, labels, needs_paper, tell_all, tell_order, tell_value, unique

WITHIN = {"FID": 0.25, "RID": 0.25, "RMSE": 0.15, "LPIPS": 0.15, "L1": 0.15, "IS": 0.10}
WITHIN_MODEL_FREE = 0.02
SAME = 1e-6  # relative: what a deterministic row may differ by from machine to machine


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


def keys_of(parts: list[dict[str, Any]]) -> list[str]:
    return sorted({row for part in parts for row in part})
