"""Workers that are SLURM jobs, by submitit: a job a stage."""

import threading
from pathlib import Path
from typing import Any

import cloudpickle
import submitit
from submitit.core.utils import FailedJobError, UncompletedJobError

from stages.door import UserError
from stages.repro import errand
from stages.repro.engines.contract import RETRIES
from stages.repro.settings import Settings

A_WEEK = 7 * 24 * 60  # minutes; submitit would end a job after five


class Slurm:
    def __init__(self, settings: Settings, folder: Path):
        cloudpickle.register_pickle_by_value(errand)  # a job may start where the project cannot be imported
        self.executors = {gpu: executor(settings, gpu, folder) for gpu in (False, True)}
        self.gate = threading.Lock()
        self.jobs: set[Any] = set()
        self.stopping = False

    def do(self, asked: errand.Errand, gpu: bool) -> dict[str, Any]:
        for retries_left in reversed(range(RETRIES + 1)):
            with self.gate:
                if self.stopping:
                    break
                job = self.executors[gpu].submit(errand.run, asked)
                self.jobs.add(job)
            try:
                job.wait()
                if self.stopping:
                    break  # result() would wait for the file of a job that was taken back
                told: dict[str, Any] = job.result()
                return told
            except FailedJobError:
                raise
            except UncompletedJobError:  # killed, timed out or preempted
                if not retries_left:
                    raise
            finally:
                self.jobs.discard(job)
        raise UncompletedJobError("stopped")

    def stop(self) -> None:
        with self.gate:
            self.stopping = True
            for job in list(self.jobs):
                job.cancel()


def executor(settings: Settings, gpu: bool, folder: Path) -> Any:
    try:
        made = submitit.AutoExecutor(folder=folder, cluster=settings.cluster)
        made.update_parameters(**{"timeout_min": A_WEEK, "name": "stage"} | settings.asked(gpu))
    except (NameError, ValueError, AssertionError, RuntimeError) as error:
        raise UserError(f"ENGINE=slurm cannot start: {error}") from None
    return made
