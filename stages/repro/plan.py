"""What `dvc repro` would go through, in its order, and what of it has changed."""

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException
from dvc.repo import Repo, lock_repo
from dvc.repo.reproduce import collect_stages, get_active_graph, plan_repro

from stages.door import UserError
from stages.repro.turns import Turns


@dataclass(frozen=True)
class Plan:
    repo: Any
    before: dict[Any, set[Any]]  # each of DVC's stages and those that it waits for
    order: Sequence[Any]  # as `dvc repro` goes through them

    def changed(self) -> list[Any]:
        """Stages that have changed themselves, or that follow one that has. The caller holds DVC's lock."""
        found: dict[Any, None] = {}
        for stage in self.order:
            if not found.keys().isdisjoint(self.before[stage]) or stage.changed():
                found[stage] = None
        return list(found)

    def of(self, stages: Collection[Any]) -> dict[Any, set[Any]]:
        """The graph of these alone."""
        return {stage: self.before[stage].intersection(stages) for stage in stages}

    def after(self, stage: Any) -> list[Any]:
        """All that follows a stage, in order."""
        found = {stage}
        for other in self.order:
            if not found.isdisjoint(self.before[other]):
                found.add(other)
        return [other for other in self.order if other in found and other is not stage]


@contextmanager
def opened(root: Path) -> Iterator[Plan]:
    """The project's plan, with DVC's lock free for threads to take in turns."""
    logging.getLogger("dvc").setLevel(logging.WARNING)  # what it says of each lock file would tear up the view
    try:
        repo = Repo(str(root), _wait_for_lock=True)
        repo.lock = Turns(repo.lock)
        with repo, lock_repo(repo), repo.scm_context(quiet=True):
            graph = get_active_graph(repo.index.graph)
            order = plan_repro(graph, collect_stages(repo, ["dvc.yaml"]))
            plan = Plan(repo, {stage: set(graph.successors(stage)) for stage in order}, order)
            repo.lock.unlock()
            try:
                yield plan
            finally:
                repo.lock.lock()
    except DvcException as error:
        raise UserError(str(error)) from error
