"""The index page's own pieces: all claims by verdict, and what is missing with the command that would fill it."""

from typing import Any

from stages.render.claims import SIGNS, badge
from stages.render.markup import Markup, join, table, tag

Verdicts = dict[str, list[dict[str, Any]]]


def anchor(paper: str, claim: dict[str, Any]) -> Markup:
    """A claim's name, leading to its evidence; the sentence shows on hovering."""
    return tag("a", claim["id"], href=f"{paper}.html#claim-{claim['id']}", title=claim["says"])


def matrix(verdicts: Verdicts) -> Markup:
    """Papers by verdicts: how many, and which."""
    lines = []
    for paper, told in verdicts.items():
        cells: list[Any] = [tag("a", paper, href=f"{paper}.html")]
        for word in SIGNS:
            found = [anchor(paper, claim) for claim in told if claim["verdict"] == word]
            cells.append(join([f"{len(found)}: " if found else "0", join(found, " ")]))
        lines.append(cells)
    return table("Claims by paper and verdict: how many, and which", ["paper", *SIGNS], lines)


def chance(told: dict[str, Any]) -> Markup:
    """Scope by scope, what chance alone would give."""
    names = {"paper": "On the papers' own datasets", "stand-in": "On stand-ins"}
    return join(tag("p", f"{names[scope]}: {facts['sentence']}") for scope, facts in told.items())


def claims(verdicts: Verdicts) -> Markup:
    """Every claim in a line."""
    lines = [
        [
            join([paper, " ", anchor(paper, claim)]),
            badge(claim["verdict"], claim["firm"]),
            claim["says"],
            claim["sentence"],
        ]
        for paper, told in verdicts.items()
        for claim in told
    ]
    return table("Every claim, its verdict and why", ["claim", "verdict", "what the paper says", "what we find"], lines)


def missing(verdicts: Verdicts, not_computed: dict[str, dict[str, list[str]]]) -> Markup:
    """What no verdict or number is there for: each reason once, with everything that waits for it.

    `not_computed` is {reason: {metric: [rows]}}.
    """
    reasons: dict[str, list[Markup]] = {}
    for paper, told in verdicts.items():
        for claim in told:
            if claim["verdict"] == "not run":
                reasons.setdefault(claim["sentence"] or claim["reason"], []).append(
                    join([paper, " ", anchor(paper, claim)])
                )
    lines = [[reason, join(waiting, ", ")] for reason, waiting in sorted(reasons.items())]
    lines += [
        [f"Not computed: {reason}", "; ".join(f"{metric} of {len(rows)} rows" for metric, rows in told.items())]
        for reason, told in sorted(not_computed.items())
    ]
    if not lines:
        return tag("p", "Nothing: every claim has a verdict and every metric its number.")
    return table("What is missing, and what would fill it", ["why", "what waits for it"], lines)
