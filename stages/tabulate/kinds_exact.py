"""Claims without an interval: check, of an exact fact; look, which is left to the reader's eye."""

from dataclasses import dataclass
from math import inf, isclose, isfinite
from typing import Any

from stages.tabulate.evidence import Claim, Fact, Scores, Verdict, scope_of
from stages.tabulate.reading import is_number, name_in, wrong
from stages.tabulate.wording import untold

WORDS = {"equals": "equal", "at_least": "be at least", "at_most": "be at most"}
CONDITIONS = tuple(WORDS)
NUMBER = "number"  # what theta is
EXACT = 1e-9  # a fact is a sum of many small steps: its last digits are not to be trusted


@dataclass(frozen=True)
class Check:
    """A fact, which no seed changes, or its ratio to another is as the claim says."""

    fact: str
    per: str | None
    condition: str
    claimed: Fact

    @classmethod
    def read(cls, claim: Claim) -> "Check":
        given = [key for key in CONDITIONS if key in claim]
        if len(given) != 1:
            raise wrong(claim, "fact", f"give one of {', '.join(CONDITIONS)} with it")
        (condition,) = given
        claimed: Any = claim[condition]
        allowed = (bool, int, float, str) if condition == "equals" else (int, float)
        if not isinstance(claimed, allowed) or (condition != "equals" and not is_number(claimed)):
            raise wrong(claim, condition, "give a number" + (", a word, true or false" * (condition == "equals")))
        return cls(name_in(claim, "fact"), name_in(claim, "per") if "per" in claim else None, condition, claimed)

    def judge(self, scores: Scores) -> Verdict:
        title = scores.facts.get(f"{self.fact.split('.')[0]}.dataset_title", scores.dataset_title)
        scope = scope_of(scores.is_paper and title == scores.dataset_title)  # studies look at the main dataset's images
        absent = [fact for fact in (self.fact, self.per) if fact is not None and fact not in scores.facts]
        if absent:
            study = absent[0].split(".")[0]
            there = any(fact.startswith(f"{study}.") for fact in scores.facts)
            if there or study not in scores.commands:
                return untold(f"nothing tells {absent[0]} yet", scope)
            return untold(f"needs the study {study}", scope, scores.commands[study])
        found, name = scores.facts[self.fact], self.fact
        if self.per is not None:
            found, name = over(found, scores.facts[self.per]), f"{self.fact} over {self.per}"
        verdict = "reproduced" if self.holds(found) else "contradicted"
        told = f"{name} is {show(found)}, claimed to {WORDS[self.condition]} {show(self.claimed)}"
        theta = float(found) if is_number(found) and isfinite(float(found)) else None
        return Verdict(verdict, scope, f"{told}: {verdict}.", theta=theta, gaps=NUMBER)

    def holds(self, found: Fact) -> bool:
        if not (is_number(found) and is_number(self.claimed)):
            return self.condition == "equals" and type(found) is type(self.claimed) and found == self.claimed
        one, other = float(found), float(self.claimed)
        same = isclose(one, other, rel_tol=EXACT, abs_tol=EXACT)
        if self.condition == "equals" or same:
            return same
        return one > other if self.condition == "at_least" else one < other


def over(one: Any, other: Any) -> float:
    return float(one) / float(other) if other else inf


def show(fact: Fact) -> str:
    return f"{fact:.6g}" if isinstance(fact, float) else str(fact).lower() if isinstance(fact, bool) else str(fact)


@dataclass(frozen=True)
class Look:
    """Pictures only: whoever reads the page judges. Or words, where the paper shows nothing."""

    figure: str | None  # where it stands on the page

    @classmethod
    def read(cls, claim: Claim) -> "Look":
        return cls(None if claim["figure"] is None else name_in(claim, "figure"))

    def judge(self, scores: Scores) -> Verdict:
        reason = "judge by eye" if self.figure else "no number was claimed"
        told = f"Not run: {reason}{f' ({self.figure})' if self.figure else ''}."
        return Verdict("not run", scope_of(scores.is_paper), told, reason, figure=self.figure)
