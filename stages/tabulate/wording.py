"""The sentences in which a comparison of means is told: both rows, the gap with its interval, and the seeds."""

from dataclasses import replace
from typing import NamedTuple

from stages.tabulate.column import Taken
from stages.tabulate.evidence import Claim, Scores, Verdict, scope_of
from stages.tabulate.scales import COST, RATIO


def not_run(absent: list[str], metric: str, scores: Scores, scope: str) -> Verdict:
    """For rows that are not there; or there, but without this metric, which no run would mend."""
    last = max(scores.seeds)
    there = {
        row
        for label, rows in scores.values.items()
        if label != COST
        for row, found in rows.items()
        if any(seed <= last for seed in found)
    }
    there |= {job for jobs in scores.jobs.values() for job in jobs}
    never = [row for row in absent if row not in there]
    missing = f"no run of {' and '.join(never)}" if never else f"{' and '.join(absent)} without {metric}"
    commands = "; ".join(unique([scores.commands[row] for row in never if row in scores.commands]))
    return replace(untold(missing, scope, commands), metric=metric)


def needs_sweeps(names: list[str], scores: Scores) -> Verdict:
    wanting = unique(names)
    commands = "; ".join(unique([scores.commands[name] for name in wanting if name in scores.commands]))
    return untold(f"needs sweep {' and '.join(wanting)}", scope_of(scores.is_paper), commands)


def needs_paper(scores: Scores, printed: "Printed", metric: str) -> Verdict:
    """A printed number is of the paper's own dataset, sizes and judge: elsewhere there is nothing to compare."""
    if scores.is_paper:
        told = scores.not_computed.get(metric)
        reason = f"needs the paper's judge{f', which {told}' if told else ''}"
    elif scores.dataset_title == scores.paper_dataset:
        reason = "needs the profile paper"
    else:
        reason = f"needs {scores.paper_dataset}"
    sentence = f"Not run: the printed number {reason}."
    return Verdict("not run", scope_of(False), sentence, reason, paper=printed.text)


def untold(missing: str, scope: str, commands: str = "") -> Verdict:
    return Verdict("not run", scope, f"Not run: {missing}{f' ({commands})' if commands else ''}.", missing)


class Printed(NamedTuple):
    """A number as printed: its last digit tells how far it was rounded."""

    text: str
    value: float
    rounding: float  # half a unit of the last digit


class Mark(NamedTuple):
    """A number that needs neither a run nor a paper: 0, say, where that means neither way."""

    value: float

    def __str__(self) -> str:
        return f"{self.value:g}"


Told = str | Printed | Mark  # what one side of an order is called: a row, or a number


def tell_order(
    verdict: Verdict,
    plain: str,
    metric: str,
    row: str,
    rival: Told,
    least: float,
    sign: int,
    nearest: str | None,
) -> str:
    """`plain` is the verdict on the order alone, without `least`: the ratio or the difference that is claimed."""
    theta, interval, half_width = numbers(verdict)
    ratios, claimed = verdict.gaps == RATIO, least > (1 if verdict.gaps == RATIO else 0)
    holds = {"reproduced": "; the order holds", "inconclusive": "; the order is undecided"}.get(plain, "")
    if verdict.verdict == "inconclusive":
        found = f"{short(theta)} {span(*interval)} includes {least:g}"
        could = f"{tell_n(verdict)} could settle gaps above {percent(half_width) if ratios else short(half_width)}"
        return f"Undecided: {found if ratios else f'a difference of {found}'}; {could}{holds if claimed else ''}."

    lost = sum(len(seeds) for seeds in verdict.failed.values())
    seeds = f"over {' + '.join(map(str, verdict.n.values()))} seeds{f' and {lost} failed' if lost else ''}"
    leads = (
        f"is nearer to {nearest} in {metric}" if nearest else f"has the {'higher' if sign > 0 else 'lower'} {metric}"
    )
    if isinstance(rival, Mark):
        leads = f"has a {metric} {'above' if sign > 0 else 'below'} {rival}"
    if plain == "contradicted":
        printed = (
            f"the printed {rival.text} is the {'higher' if sign > 0 else 'lower'} {metric}"
            if isinstance(rival, Printed)
            else f"{row} has a {metric} {'below' if sign > 0 else 'above'} {rival}"
            if isinstance(rival, Mark)
            else ""
        )
        back = (1 / theta, (1 / interval[1], 1 / interval[0])) if ratios else (-theta, (-interval[1], -interval[0]))
        gap = tell_gap(rival, row, sign, *back) if ratios else f"by {short(back[0])} {span(*back[1])}"
        return f"The other way round: {printed or f'{rival} {leads}'}: {gap} {seeds}, so the claim is contradicted."
    gap = tell_gap(row, rival, sign, theta, interval) if ratios else f"by {short(theta)} {span(*interval)}"
    if verdict.verdict == "contradicted":
        ahead = f"{least:g} times" if ratios else f"{least:g}"
        return f"{row} is not {ahead} ahead in {metric}: {gap} {seeds}, so the claim is contradicted{holds}."
    enough = f", at least {least:g}{' times' * ratios}" if claimed else ""
    return f"{row} {leads}: {gap} {seeds}{enough}, so the claim is reproduced."


def tell_gap(ahead: Told, behind: Told, sign: int, theta: float, interval: tuple[float, float]) -> str:
    """Always as how much higher the higher one is, since a ratio above 1 reads best."""
    other = whose(behind)
    if sign < 0:
        return f"{other} is {short(theta)} times as high {span(*interval)}"
    own = "its own" if isinstance(ahead, str) else "it"
    return f"{own} is {short(theta)} times {other} {span(*interval)}"


def whose(one: Told) -> str:
    if isinstance(one, str):
        return f"{one}'s"
    return f"the printed {one.text}" if isinstance(one, Printed) else str(one)


def tell_value(verdict: Verdict, printed: Printed, allowed: tuple[float, float]) -> str:
    """`allowed` in plain units: of the ratio to the printed number, or of the difference from it."""
    theta, interval, half_width = numbers(verdict)
    if verdict.gaps == RATIO:
        ours, could = f"{short(theta)} times the printed {printed.text}", percent(half_width)
    else:
        side = "above" if theta >= 0 else "below"
        ours, could = f"{short(abs(theta))} {side} the printed {printed.text}", short(half_width)
    more = "every run gives the same" if verdict.df is None else f"one more run is expected within {span(*interval)}"
    if verdict.verdict == "inconclusive":
        limit = f"{tell_n(verdict)} could settle margins above {could}"
        if verdict.reason:
            limit = "no number of seeds could settle it against one printed run"
        return f"Undecided: ours is {ours}; {more}, across an edge of the allowed {span(*allowed)}; {limit}."
    where = "inside" if verdict.verdict == "reproduced" else "outside"
    return f"Ours is {ours}; {more}, {where} the allowed {span(*allowed)}: {verdict.verdict}."


def tell_same(verdict: Verdict, metric: str, rows: list[str], within: float, nearest: str | None) -> str:
    theta, (low, high), half_width = numbers(verdict)
    if verdict.gaps == RATIO:
        most, least = max(1 / low, high), max(low, 1 / high)
        apart, none, could = percent, 1, percent(half_width)
        allowed, edges = f"{100 * within:g} %", span(1 / (1 + within), 1 + within)
    else:
        most, least = max(-low, high), max(low, -high)
        apart, none, could = short, 0, short(half_width)
        allowed, edges = f"{within:g}", span(-within, within)
    what = f"{metric}'s distance from {nearest}'s" if nearest else metric
    pair = f"{rows[0]} and {rows[1]} differ in {what}"
    if verdict.verdict == "reproduced":
        return f"{pair} by at most {apart(most)}, allowed {allowed}: reproduced."
    if verdict.verdict == "contradicted":
        return f"{pair} by at least {apart(least)}, allowed {allowed}: contradicted."
    found = f"{short(theta)} {span(low, high)}"
    if verdict.reason:
        return f"Undecided: {found} excludes {none}, yet reaches into the allowed {edges}: {verdict.reason}."
    could = f"{tell_n(verdict)} could settle margins above {could}"
    return f"Undecided: {found} is not all inside the allowed {edges}; {could}."


def tell_joined(verdict: str, parts: list[Verdict], place: int, every: bool) -> str:
    """Told by the part at `place`, which decides."""
    held, part = sum(part.verdict == "reproduced" for part in parts), parts[place]
    enough = "" if every else ", one is enough"
    told = f"{held} of {len(parts)} parts hold{enough}; decided by {part.name}: {part.sentence}"
    if verdict == "inconclusive" and every and part.verdict == "contradicted":
        told += f" Among {len(parts)} parts its p of {part.ps[1]:.2g} is too weak to contradict the whole."
    if verdict == "inconclusive" and not every and part.verdict == "reproduced":
        told += f" Among {len(parts)} parts its p of {part.ps[0]:.2g} is too weak to confirm the whole."
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
    return f"{' + '.join(map(str, counts if len(set(counts)) > 1 else counts[:1]))} {verdict.counted}"


def labels(parts: list[Claim]) -> list[str]:
    """Short names of parts: their metrics where these tell them apart, else their places."""
    metrics = [str(part.get("metric")) for part in parts]
    if len(set(metrics)) == len(parts) and "None" not in metrics:
        return metrics
    return [f"part {place}" for place in range(1, len(parts) + 1)]


def unique(found: list[str]) -> list[str]:
    """In the order of their first places."""
    return list(dict.fromkeys(found))


def span(low: float, high: float) -> str:
    return f"[{short(low)}, {short(high)}]"


def short(found: float) -> str:
    return f"{found:.2f}" if 0.1 <= abs(found) < 100 else f"{found:.3g}"


def percent(found: float) -> str:
    """A ratio of 1.1 as 10 %."""
    excess = 100 * (found - 1)
    return f"{excess:.0f} %" if excess >= 1 else f"{excess:.1g} %"
