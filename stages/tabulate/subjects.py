"""Whose values a claim compares: a row's, those of a point of its sweep, or those of the best job of a sweep."""

from dataclasses import dataclass

from stages.tabulate.column import Column, column_of
from stages.tabulate.evidence import Job, Scores, Verdict
from stages.tabulate.wording import needs_sweeps, not_run

Jobs = dict[str, Job]


@dataclass(frozen=True)
class Subject:
    row: str | None = None
    over: str | None = None  # the knob that is swept
    at: float | str | None = None  # its level; least and most are the ends of the sweep
    best_of: str | None = None  # a sweep

    def sweep(self, scores: Scores) -> str | None:
        """The sweep that has the values, if not a row of the table."""
        if self.over is None:
            return self.best_of
        return f"{scores.systems.get(str(self.row), str(self.row)).replace('_', '-')}-{self.over}"

    def jobs(self, scores: Scores) -> Jobs:
        if self.best_of is not None:
            return scores.jobs.get(self.best_of, {})
        every = {name: job for jobs in scores.jobs.values() for name, job in jobs.items()}
        return {name: job for name, job in every.items() if job.row == self.row and set(job.knobs) == {self.over}}

    def level(self, job: Job) -> float:
        return float(job.knobs[str(self.over)])

    def in_order(self, jobs: Jobs) -> list[str]:
        """The points of a row's sweep by their level."""
        return sorted(jobs, key=lambda name: (self.level(jobs[name]), name))

    def name(self, scores: Scores, of: Column) -> str | None:
        """Under which name the column has it; None: it has no such job."""
        if self.best_of is None and self.over is None:
            return self.row
        jobs = self.jobs(scores)
        if self.best_of is not None:
            first = {name: of.values[name].get(0) for name in sorted(jobs) if name in of.values}
            scored = {name: of.sign * one for name, one in first.items() if one is not None}
            return max(scored, key=lambda name: scored[name]) if scored else None
        ordered = self.in_order(jobs)
        if self.at in ("least", "most"):
            return ordered[0 if self.at == "least" else -1]
        return next((name for name in ordered if self.level(jobs[name]) == self.at), None)

    def __str__(self) -> str:
        if self.best_of is not None:
            return f"the best of {self.best_of}"
        return f"{self.row}" if self.over is None else f"{self.row} at {self.over} {self.at}"


@dataclass(frozen=True)
class Gathered:
    column: Column
    names: list[str]  # of the subjects, in their order


def gather(scores: Scores, metric: str, subjects: list[Subject], nearest: str | None = None) -> Gathered | Verdict:
    """The values of all subjects; or the verdict `not run`, and why."""
    wanting = [sweep for one in subjects if (sweep := one.sweep(scores)) is not None and not one.jobs(scores)]
    if wanting:
        return needs_sweeps(wanting, scores)
    jobs = {name: job for one in subjects if one.sweep(scores) for name, job in one.jobs(scores).items()}
    found = column_of(scores, metric, jobs, nearest)
    if nearest is not None and found.scale.reference is None:
        return not_run([nearest], found.metric, scores, found.scope)
    names = [one.name(scores, found) for one in subjects]
    for one, name in zip(subjects, names, strict=True):
        if name is None:
            return not_run([str(one)], found.metric, scores, found.scope)
    chosen = [str(name) for one, name in zip(subjects, names, strict=True) if one.best_of is not None]
    return Gathered(found.only_fresh(chosen) if chosen else found, [str(name) for name in names])
