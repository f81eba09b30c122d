"""Verdicts as a reader sees them: the word with a sign, the sentence, and the numbers behind it on demand."""

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
    "contradicted if one part is, after correcting for their number. Runs that diverged are not dropped: the claim is "
    "judged without them and with the worst value of the table in their place, and both must agree. Values printed by "
    "the paper enter only where the claim is about the value itself, and never on another dataset."
)


def badge(verdict: str) -> Markup:
    sign = tag("span", SIGNS[verdict], aria_hidden="true")
    return tag("span", sign, " ", verdict, class_=f"badge {verdict.replace(' ', '-')}")


def card(claim: dict[str, Any], scope: str) -> Markup:
    """One claim: what the paper says, whether it holds here, and why."""
    parts = claim.get("parts") or []
    listed = (
        tag("ul", join(tag("li", badge(part["verdict"]), " ", part["sentence"]) for part in parts)) if parts else ""
    )
    return tag(
        "article",
        tag("h3", claim["id"], " ", badge(claim["verdict"])),
        tag("p", tag("strong", claim["says"]), f" (the paper's {claim['artifact']})."),
        tag("p", claim["sentence"]),
        listed,
        tag("details", tag("summary", "The numbers behind it"), evidence(parts or [claim])),
        tag("p", f"Scope: {scope}", class_="scope"),
        class_="claim",
        id=f"claim-{claim['id']}",
    )


def short(claim: dict[str, Any], name: str, href: str, scope: str) -> Markup:
    """One claim in three lines."""
    return tag(
        "article",
        tag("p", tag("a", name, href=href), " ", badge(claim["verdict"]), " ", tag("strong", claim["says"])),
        tag("p", claim["sentence"]),
        tag("p", f"Scope: {scope}", class_="scope"),
        class_="claim",
    )


def evidence(parts: list[dict[str, Any]]) -> Markup:
    head = [
        "metric",
        "verdict",
        "ratio",
        "95 % interval",
        "p if not so",
        "p if so",
        "df",
        "seeds",
        "failed",
        "spread used (own)",
        "could settle",
        "note",
    ]
    return table("Evidence", head, (line(part) for part in parts))


def line(part: dict[str, Any]) -> list[str]:
    interval = part["interval"]
    gap = part["half_width"]
    spreads = part.get("spreads") or {}
    return [
        part.get("metric", "–"),
        part["verdict"],
        number(part["theta"], 3),
        f"{number(interval[0], 3)} to {number(interval[1], 3)}" if interval else "–",
        number(part["p_rep"], 2),
        number(part["p_con"], 2),
        number(part["df"], 3),
        ", ".join(f"{row}: {n}" for row, n in part["n"].items()) or "–",
        ", ".join(f"{row}: {seeds}" for row, seeds in part["failed"].items() if seeds) or "none",
        ", ".join(f"{row}: {used['used']:.1%} ({used['own']:.1%})" for row, used in spreads.items()) or "–",
        f"gaps above {gap - 1:.0%}" if gap else "–",
        part["reason"] or part["note"] or "–",
    ]


def rule() -> Markup:
    """How a verdict comes about, for a reader who has not seen one before."""
    return tag(
        "details",
        tag("summary", "How a verdict is reached"),
        tag("p", RULE),
        tag("p", SPREAD),
    )
