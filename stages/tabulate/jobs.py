"""The jobs of a sweep with one value each, and how a claim about them is settled.

A job counts once, by the mean over its seeds. Where seeds failed, the claim is judged without them and with the worst
value in their place, and both must agree.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import fsum

from stages.tabulate.column import Column
from stages.tabulate.evidence import Scores, Verdict
from stages.tabulate.rule import Finding, agree, complete, decide
from stages.tabulate.subjects import Jobs
from stages.tabulate.wording import needs_sweeps

Means = dict[str, float]  # by job, on the working scale


@dataclass(frozen=True)
class Counted:
    """By metric, taken both ways."""

    without: list[Means]  # failed seeds left out
    filled: list[Means]  # with the worst value in their place
    failed: dict[str, list[int]]  # by job


def jobs_in(scores: Scores, sweeps: list[str]) -> Jobs | Verdict:
    """Those of all these sweeps; or the verdict `not run`, where one is not there."""
    wanting = [sweep for sweep in sweeps if not scores.jobs.get(sweep)]
    if wanting:
        return needs_sweeps(wanting, scores)
    return {name: job for sweep in sweeps for name, job in scores.jobs[sweep].items()}


def count(columns: list[Column], jobs: Jobs) -> Counted:
    without: list[Means] = []
    filled: list[Means] = []
    failed: dict[str, list[int]] = {}
    for found in columns:
        takens = {name: found.take(name) for name in sorted(jobs) if found.has(name)}
        finite = {name: list(taken.finite.values()) for name, taken in takens.items()}
        worst = found.worst([one for values in finite.values() for one in values] or [0.0])
        without.append({name: mean(values) for name, values in finite.items() if values})
        filled.append({name: mean(values + [worst] * len(takens[name].failed)) for name, values in finite.items()})
        for name, taken in takens.items():
            if taken.failed:
                failed[name] = sorted({*failed.get(name, []), *taken.failed})
    return Counted(without, filled, failed)


def mean(values: list[float]) -> float:
    return fsum(sorted(values)) / len(values)


def in_all(means: list[Means]) -> list[str]:
    """The jobs that have a value of every metric."""
    return sorted(set.intersection(*(set(one) for one in means)))


def settle_jobs(facts: Verdict, counted: Counted, find: Callable[[list[Means]], Finding], least: int) -> Verdict:
    """The verdict on what `find` makes of the jobs' values, both ways. Of the numbers, `facts` has how many jobs."""
    facts = replace(facts, failed=counted.failed, counted="jobs")
    fewest = min(facts.n.values())
    if fewest < least:
        told = f"Undecided, as there are too few jobs: {fewest} of {least}."
        return replace(facts, reason="too few jobs", sentence=told)
    first = find(counted.without)
    if not counted.failed:
        return complete(facts, first, decide(first.p_rep, first.p_con))
    lost = f"{sum(map(len, counted.failed.values()))} seeds of {len(counted.failed)} jobs failed"
    return agree(facts, first, find(counted.filled), "the worst value", lost)


def tell_where(verdict: str, found: str, claimed: str) -> str:
    """`found` is a number with its interval, `claimed` the region."""
    if verdict == "inconclusive":
        return f"Undecided: {found}, across an edge of the claimed {claimed}."
    return f"{found}, {'inside' if verdict == 'reproduced' else 'outside'} the claimed {claimed}: {verdict}."
