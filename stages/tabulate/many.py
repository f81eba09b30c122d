"""What a report of many claims owes its reader: how many verdicts chance alone would give, and which would survive it.

Verdicts are per claim, so that adding a paper never changes an old one. A claim whose truth lies at the edge of its
region is called reproduced with a chance of at most 0.025: of N that were tested, 0.025 N in all. Those marked firm
hold together: Holm's procedure over all tests of one scope, at 5 % for any error at all.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from stages.tabulate.evidence import WORDS
from stages.tabulate.rule import LEVEL

FAMILY = 0.05  # the chance of one false mark among all of a scope
SIDES = {"reproduced": "p_rep", "contradicted": "p_con"}
Told = dict[str, Any]  # a claim with its verdict, as the tables have it


class Place(NamedTuple):
    paper: str
    claim: str


def firm(judged: dict[str, list[Told]]) -> set[Place]:
    """The verdicts that stand though so many claims were tested."""
    found: set[Place] = set()
    for told in by_scope(judged).values():
        tested = {place: claim for place, claim in told.items() if claim["p_rep"] is not None}
        for word, p in SIDES.items():
            held = holm({place: claim[p] for place, claim in tested.items()})
            found |= {place for place in held if tested[place]["verdict"] == word}
    return found


def holm(ps: dict[Place, float]) -> set[Place]:
    """Those rejected at FAMILY: from the smallest p on, as long as each is at most FAMILY / (how many are left)."""
    held: set[Place] = set()
    for done, (place, p) in enumerate(sorted(ps.items(), key=lambda item: (item[1], item[0]))):
        if p > FAMILY / (len(ps) - done):
            break
        held.add(place)
    return held


def summary(judged: dict[str, list[Told]]) -> dict[str, dict[str, Any]]:
    """For each scope: counts of the verdicts, what chance alone gives, and the sentence that says so."""
    marked, found = firm(judged), {}
    for scope, told in sorted(by_scope(judged).items()):
        counts = {word: sum(claim["verdict"] == word for claim in told.values()) for word in WORDS}
        tested = [claim for claim in told.values() if claim["p_rep"] is not None]
        by_chance = LEVEL * len(tested)
        confirmed = sum(claim["verdict"] == "reproduced" for claim in tested)
        found[scope] = {
            "counts": counts,
            "tested": len(tested),
            "by_chance": by_chance,
            "false_share": min(1.0, by_chance / confirmed) if confirmed else None,
            "firm": {word: sum(told[place]["verdict"] == word for place in marked & told.keys()) for word in SIDES},
        }
        found[scope]["sentence"] = sentence(found[scope], confirmed)
    return found


def sentence(facts: dict[str, Any], confirmed: int) -> str:
    tested, by_chance, marked = facts["tested"], facts["by_chance"], facts["firm"]
    if not tested:
        return "No claim has been tested yet."
    share = f" At most {facts['false_share']:.0%} of the {confirmed} that do are false." if confirmed else ""
    return (
        f"By chance alone at most {LEVEL:g} · {tested} ≈ {by_chance:.2g} of {tested} tested claims would read "
        f"reproduced.{share} Firm, that is beyond doubt of this kind (Holm, {FAMILY:.0%} for any error at all), are "
        f"{marked['reproduced']} reproduced and {marked['contradicted']} contradicted."
    )


def by_scope(judged: dict[str, list[Told]]) -> dict[str, dict[Place, Told]]:
    """Scopes are never added up."""
    found: dict[str, dict[Place, Told]] = {}
    for place, claim in every(judged):
        found.setdefault(claim["scope"], {})[place] = claim
    return found


def every(judged: dict[str, list[Told]]) -> Iterable[tuple[Place, Told]]:
    for paper, claims in judged.items():
        for claim in claims:
            yield Place(paper, claim["id"]), claim
