"""The sentences in which a verdict is told. They name both rows, the ratio with its interval, and the seeds."""

from math import exp
from typing import NamedTuple

from stages.tabulate.evidence import Claim, Scores, Taken, Verdict, or_one, present, scope_of


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


class Printed(NamedTuple):
    """A number as printed: its last digit tells how far it was rounded."""

    text: str
    value: float
    rounding: float  # half a unit of the last digit


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


def unique(found: list[str]) -> list[str]:
    """In the order of their first places."""
    return list(dict.fromkeys(found))


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
