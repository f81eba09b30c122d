"""Runs what has changed: hands each stage to an engine as soon as all that it waits for is done.

For each stage a thread goes through DVC's own reproduction of it – is it changed, is it in the run-cache, else run and
save – with the engine in the place of DVC's runner of commands. DVC's work is one thing at a time (turns.py), commands
are not. The lock files are written once, at the end, in the order in which `dvc repro` would have written them; what a
killed head had run already, the next one finds in the run-cache.
"""

import shutil
import signal
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dvc.stage.run

from stages.repro.engines.contract import Engine, Stopped
from stages.repro.plan import Plan
from stages.repro.schedule import to_the_end, wall_seconds
from stages.repro.times import Times
from stages.repro.view import View

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Head:
    """After `run`: what failed, and whose command ran."""

    def __init__(self, plan: Plan, engine: Engine, jobs: int, times: Times, view: View):
        self.plan, self.engine, self.jobs, self.times, self.view = plan, engine, jobs, times, view
        self.asked_to_stop = False
        self.began: dict[Any, float] = {}  # when the commands that run now have started
        self.ran: set[Any] = set()
        self.made: set[Any] = set()  # what its lock file does not say yet
        self.failed: dict[Any, BaseException] = {}

    def run(self) -> None:
        with stopping_by_signal(self), commands_run_by(self.command):
            with self.plan.repo.lock:
                changed = self.plan.changed()
            graph = self.plan.of(changed)
            self.seconds = self.times.of(changed)
            self.left = set(changed)  # neither done nor waiting in vain
            self.view.start(len(changed), len(self.plan.order))
            before = self.plan.repo.lock.held
            try:
                self.go(graph)
            finally:
                self.view.end()
                with self.plan.repo.lock:
                    self.write_locks()
                if self.made:
                    self.times.turn = (self.plan.repo.lock.held - before) / len(self.made)
                self.times.keep()

    def go(self, graph: dict[Any, set[Any]]) -> None:
        urgent = to_the_end(graph, self.seconds)
        order = TopologicalSorter(graph)
        order.prepare()
        ready: list[Any] = []
        running: dict[Future[str], Any] = {}
        with ThreadPoolExecutor(self.jobs) as pool:
            while order.is_active():
                ready = sorted([*ready, *order.get_ready()], key=urgent.__getitem__)
                while ready and len(running) < self.jobs and not self.asked_to_stop:
                    stage = ready.pop()
                    running[pool.submit(self.reproduce, stage)] = stage
                if self.asked_to_stop:
                    self.view.stopping()
                    self.engine.stop()
                    wait(running)
                    raise KeyboardInterrupt
                if not running:
                    break  # what is left comes after a stage that failed
                for future in wait(running, timeout=0.5, return_when=FIRST_COMPLETED).done:
                    stage = running.pop(future)
                    if error := future.exception():
                        self.give_up(stage, error)
                    else:
                        order.done(stage)
                        self.left.remove(stage)
                        self.view.done(stage, future.result(), self.to_go())
                self.view.now(self.began, self.to_go())

    def reproduce(self, stage: Any) -> str:
        """In a thread: dvc.repo.reproduce's way with one stage, but for its lock file. Tells what was done."""
        with self.plan.repo.lock:
            try:
                if not stage.reproduce(**self.engine.options):
                    return "unchanged"
            except Stopped:
                clear(stage)
                raise
            finally:
                self.began.pop(stage, None)
            self.made.add(stage)
            return "ran" if stage in self.ran else "restored from the run-cache"

    def command(self, stage: Any, dry: bool = False, run_env: Any = None) -> None:
        """What DVC calls, without its lock, in place of its own runner."""
        self.began[stage] = began = time.monotonic()
        self.engine.run(stage)
        self.times.took(stage.addressing, time.monotonic() - began)
        self.ran.add(stage)

    def give_up(self, stage: Any, error: BaseException) -> None:
        self.failed[stage] = error
        self.left.difference_update([stage, *self.plan.after(stage)])
        self.view.failed(stage, error)

    def skipped(self) -> dict[Any, list[Any]]:
        """{what failed: all that did not run because of it}"""
        return {stage: [other for other in self.plan.after(stage) if other not in self.failed] for stage in self.failed}

    def to_go(self) -> float:
        """Seconds, if all takes as long as it took before."""
        now = time.monotonic()
        seconds = {stage: self.seconds[stage] for stage in self.left}
        for stage, began in list(self.began.items()):  # a copy: threads change it
            seconds[stage] = max(self.seconds[stage] - (now - began), 1.0)
        return wall_seconds(self.plan.of(self.left), seconds, self.jobs, self.times.turn)

    def write_locks(self) -> None:
        made = [stage for stage in self.plan.order if stage in self.made]
        for path, file in {stage.path: stage.dvcfile for stage in made}.items():
            file.dump_stages([stage for stage in made if stage.path == path], update_pipeline=False)


def clear(stage: Any) -> None:
    """Take away what a stopped stage left half-written. The caller holds DVC's lock."""
    stage.remove_outs()
    for out in stage.outs:
        path = Path(out.fs_path)
        for left in path.parent.glob(f".{path.name}.*.tmp"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()


@contextmanager
def commands_run_by(run: Any) -> Iterator[None]:
    """DVC has no door for another runner of commands; this is the one name by which it calls its own."""
    theirs = dvc.stage.run.cmd_run
    dvc.stage.run.cmd_run = run
    try:
        yield
    finally:
        dvc.stage.run.cmd_run = theirs


@contextmanager
def stopping_by_signal(head: Head) -> Iterator[None]:
    """Whatever asks the process to end is heard between two steps, so that no step is left half done."""

    def ask(*_: object) -> None:
        head.asked_to_stop = True

    before = {each: signal.getsignal(each) for each in SIGNALS}
    for each, handler in before.items():
        if handler != signal.SIG_IGN:  # as nohup sets it
            signal.signal(each, ask)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
