"""What the head asks of an engine, and what a cluster's engine asks of the library that has the cluster."""

from typing import Any, Protocol

from stages.repro.errand import Errand


class Engine(Protocol):
    options: dict[str, Any]  # for DVC's own reproduction of a stage

    def run(self, stage: Any) -> None:
        """Do a stage's command, somewhere; return when its outs lie in this folder, raise where it failed.

        Called from as many threads as stages are to run at once, and without DVC's lock.
        """

    def stop(self) -> None:
        """End whatever runs, and let every `run` raise Stopped. From then on nothing starts."""


class Workers(Protocol):
    def do(self, errand: Errand, gpu: bool) -> dict[str, Any]:
        """`errand.run(errand)` at a worker, again if the worker was killed; called from many threads."""

    def stop(self) -> None:
        """Take back what waits or runs, so that every `do` raises."""


class Stopped(Exception):  # noqa: N818  # no error: the user wished it
    """The stage did not run to its end, because the whole run was stopped."""


RETRIES = 2  # how often a stage starts anew whose worker was killed
