"""Verdicts as a reader sees them: the word with a sign, the sentence, and the numbers behind it on demand."""

from collections.abc import Iterator
from typing import Any

from stages.render.markup import Markup, join, number, table, tag

SIGNS = {"reproduced": "✔", "contradicted": "✖", "inconclusive": "?", "not run": "–"}


RULE = (
    "Each claim was written down, before any run, as a range that a number must lie in: for 'A beats B', the ratio of "
    "their geometric means over seeds must favour A. We put a 95 % interval around our estimate. If all of it lies in "
    "the range, the claim is reproduced; if all of it lies outside, contradicted; otherwise inconclusive, which is no "
    "verdict against the claim. Without runs of every row that a claim names it is not run."
)
SPREAD = (
    "The interval uses each row's spread over seeds, raised towards the typical spread of all trained rows where three "
    "seeds happen to agree too well; it is never lowered. A claim of several parts holds if every part does, and is "
    "contradicted if one part is, after correcting for their number; where one part is enough, the other way round. "
    "Runs that diverged are not dropped: the claim is judged without them and with the worst value of the table in "
    "their place, and both must agree. Values printed by the paper enter only where the claim is about the value, and "
    "never on another dataset or by another judge. A number in which seed noise does not multiply, such as "
    "diversity, is compared by differences instead of ratios."
)
FIRM = (
    "With many claims, chance alone calls some reproduced. Those marked ● firm would stand even so: all of them "
    "together hold but for a chance of 5 % (Holm's procedure over all claims tested in the same scope)."
)


def badge(verdict: str, firm: bool = False) -> Markup:
    sign = tag("span", SIGNS[verdict], aria_hidden="true")
    told = tag("span", sign, " ", verdict, class_=f"badge {verdict.replace(' ', '-')}")
    return join([told, " ", tag("span", "● firm", class_="firm", title=FIRM)]) if firm else told


def card(claim: dict[str, Any], scope: str) -> Markup:
    """One claim: what the paper says, whether it holds here, and why."""
    figure = tag("p", tag("a", "Look at the figure", href=f"#{claim['figure']}")) if claim["figure"] else ""
    return tag(
        "article",
        tag("h3", claim["id"], " ", badge(claim["verdict"], claim["firm"])),
        tag("p", tag("strong", claim["says"]), f" (the paper's {claim['artifact']})."),
        tag("p", claim["sentence"]),
        figure,
        tag("p", tag("small", claim["note"])) if claim["note"] else "",
        listed(claim["parts"]),
        tag("details", tag("summary", "The numbers behind it"), evidence(list(leaves(claim)))),
        tag("p", f"Scope: {scope}", class_="scope"),
        class_="claim",
        id=f"claim-{claim['id']}",
    )


def listed(parts: list[dict[str, Any]]) -> Markup | str:
    """Parts, and theirs."""
    if not parts:
        return ""
    return tag("ul", join(tag("li", badge(part["verdict"]), " ", told(part), listed(part["parts"])) for part in parts))


def told(part: dict[str, Any]) -> str:
    """With the part's name, for a sentence need not say whom a row was compared with."""
    return f"{part['name']}: {part['sentence']}"


def leaves(claim: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The parts that have numbers of their own."""
    if not claim["parts"]:
        yield claim
    for part in claim["parts"]:
        yield from leaves(part)


def evidence(parts: list[dict[str, Any]]) -> Markup:
    head = [
        "metric",
        "verdict",
        "estimate",
        "95 % interval",
        "of",
        "p if not so",
        "p if so",
        "df",
        "seeds or jobs",
        "failed",
        "spread used (own)",
        "could settle",
        "note",
    ]
    return table("Evidence", head, (line(part) for part in parts))


def line(part: dict[str, Any]) -> list[str]:
    interval, gap, ratios = part["interval"], part["half_width"], part["gaps"] == "ratio"
    spreads = part["spreads"].items()
    shown = (lambda spread: f"{spread:.1%}") if ratios else (lambda spread: number(spread, 2))
    return [
        part["metric"] or "–",
        part["verdict"],
        number(part["theta"], 3),
        f"{number(interval[0], 3)} to {number(interval[1], 3)}" if interval else "–",
        part["gaps"] if part["theta"] is not None else "–",
        number(part["p_rep"], 2),
        number(part["p_con"], 2),
        number(part["df"], 3),
        ", ".join(f"{row}: {n}" for row, n in part["n"].items()) or "–",
        ", ".join(f"{row}: {seeds}" for row, seeds in part["failed"].items() if seeds) or "none",
        ", ".join(f"{row}: {shown(used['used'])} ({shown(used['own'])})" for row, used in spreads) or "–",
        (f"gaps above {gap - 1:.0%}" if ratios else f"gaps above {number(gap, 2)}") if gap else "–",
        "; ".join(filter(None, [part["reason"], part["remarks"]])) or "–",
    ]


def rule() -> Markup:
    """How a verdict comes about, for a reader who has not seen one before."""
    return tag(
        "details",
        tag("summary", "How a verdict is reached"),
        tag("p", RULE),
        tag("p", SPREAD),
        tag("p", FIRM),
    )
