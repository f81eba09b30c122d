"""Workers that are processes of a Ray cluster: a task a stage."""

import logging
import os
import socket
import threading
from typing import Any

import ray

from stages.door import UserError
from stages.repro import errand
from stages.repro.engines.contract import RETRIES
from stages.repro.settings import Settings


class Ray:
    def __init__(self, settings: Settings):
        address = settings.address or os.environ.get("RAY_ADDRESS") or "auto"
        try:
            reach(address)
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
            ray.cloudpickle.register_pickle_by_value(errand)  # workers have no checkout to import it from
            task = ray.remote(errand.run)
            self.tasks = {gpu: task.options(**{"max_retries": RETRIES} | settings.asked(gpu)) for gpu in (False, True)}
        except (OSError, RuntimeError, ValueError, TypeError) as error:
            raise UserError(f"ENGINE=ray cannot start: {error}") from None
        self.gate = threading.Lock()
        self.sent: set[Any] = set()
        self.stopping = False

    def do(self, asked: errand.Errand, gpu: bool) -> dict[str, Any]:
        with self.gate:
            if self.stopping:
                raise ray.exceptions.RayError("stopped")
            sent = self.tasks[gpu].remote(asked)
            self.sent.add(sent)
        try:
            told: dict[str, Any] = ray.get(sent)
            return told
        finally:
            self.sent.discard(sent)

    def stop(self) -> None:
        with self.gate:
            self.stopping = True
            for sent in list(self.sent):
                ray.cancel(sent)


def reach(address: str) -> None:
    """Ray itself would ask an address where nobody answers for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if port.isdigit():
        socket.create_connection((host, int(port)), timeout=10).close()
