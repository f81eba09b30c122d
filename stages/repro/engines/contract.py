"""What the head asks of an engine, and nothing more."""

from typing import Any, Protocol


class Engine(Protocol):
    options: dict[str, Any]  # for DVC's own reproduction of a stage
    jobs: int  # how many stages it has at once, where the user does not say

    def run(self, stage: Any) -> None:
        """Do a stage's command, somewhere; return when its outs lie in this folder, raise where it failed.

        Called from as many threads as stages are to run at once, and without DVC's lock.
        """

    def stop(self) -> None:
        """End whatever runs, and let every `run` raise. From then on nothing starts."""


class Stopped(Exception):  # noqa: N818  # no error: the user wished it
    """The stage did not run to its end, because the whole run was stopped."""
