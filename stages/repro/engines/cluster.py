"""Sends stages to workers, and brings what they made into this folder by way of the DVC remote.

A stage labelled `here: true` in dvc.yaml reads what only this machine has, and stays.
"""

import os
from collections import defaultdict
from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException
from dvc.stage.cache import RunCacheNotFoundError
from dvc.stage.loader import StageLoader
from dvc.stage.serialize import to_lockfile

from stages.repro.checks import Footing
from stages.repro.engines.contract import Stopped, Workers
from stages.repro.engines.local import Local
from stages.repro.errand import Errand
from stages.repro.plan import Plan
from stages.repro.settings import Settings
from stages.repro.view import log_of
from stages.repro.worker import push


class Cluster:
    def __init__(self, plan: Plan, workers: Workers, here: Local, settings: Settings, footing: Footing):
        self.plan, self.workers, self.here = plan, workers, here
        self.settings, self.footing = settings, footing
        self.options: dict[str, Any] = {"pull": True}  # what another head has had made is in the remote
        self.in_remote: set[Any] = set()
        self.stopping = False

    def run(self, stage: Any) -> None:
        if labelled(stage, "here"):
            return self.here.run(stage)
        with self.plan.repo.lock:
            errand = self.errand(stage)
        try:
            told = self.workers.do(errand, gpu=labelled(stage, "gpu"))
        except Exception as error:  # each library has its own
            if self.stopping:
                raise Stopped from None
            told = {"words": str(error)}
        log_of(self.here.logs, stage).write_text(told["words"], encoding="utf-8")
        if "made" not in told:
            raise DvcException("not done by its worker")
        with self.plan.repo.lock:
            self.restore(stage, told["made"])
        return None

    def errand(self, stage: Any) -> Errand:
        """The caller holds DVC's lock, and so must it for what follows."""
        before = self.plan.before[stage]
        push(self.plan.repo, before - self.in_remote)
        self.in_remote |= before
        entries: dict[str, dict[str, Any]] = defaultdict(dict)
        for one in before:
            entries[str(Path(one.path_in_repo).with_suffix(".lock"))] |= to_lockfile(one)
        return {
            "stage": stage.addressing,
            "commit": self.footing.commit,
            "source": self.footing.source,
            "scratch": self.settings.scratch,
            "remote": self.footing.remote,
            "before": entries,
            "threads": os.environ.get("OMP_NUM_THREADS"),
        }

    def restore(self, stage: Any, made: dict[str, Any]) -> None:
        """Get the stage's outs as the run-cache does, from the entry that its worker has made."""
        StageLoader.fill_from_lock(stage, made)
        stage.cmd_changed = made["cmd"] != stage.cmd
        try:
            self.plan.repo.stage_cache.restore(stage, pull=True)
        except RunCacheNotFoundError:
            message = "its worker read other files than this folder has, or the remote lost what it made"
            raise DvcException(message) from None
        self.in_remote.add(stage)

    def stop(self) -> None:
        self.stopping = True
        self.here.stop()
        self.workers.stop()


def labelled(stage: Any, word: str) -> bool:
    return bool((stage.meta or {}).get(word))
