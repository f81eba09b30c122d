"""Runs stages' commands on this machine, each in a process group of its own and with its words in a file."""

import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from dvc.stage.exceptions import StageCmdFailedError
from dvc.stage.run import _enforce_cmd_list, _make_cmd, get_executable, prepare_kwargs

from stages.repro.engines.contract import Stopped
from stages.repro.view import log_of

# How a stage is asked to end, and for how many seconds before the next way: a room ends with its temporary files gone.
WAYS_TO_END = ((signal.SIGINT, 10.0), (signal.SIGKILL, 10.0))


class Local:
    jobs = os.cpu_count() or 1

    def __init__(self, logs: Path):
        self.options: dict[str, Any] = {}
        self.logs = logs
        self.running: set[subprocess.Popen[bytes]] = set()
        self.gate = threading.Lock()  # between starting a command and stopping all
        self.stopping = False

    def run(self, stage: Any) -> None:
        """As dvc.stage.run.cmd_run does it, but for the process group and where the words go."""
        log = log_of(self.logs, stage)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as words:
            for command in _enforce_cmd_list(stage.cmd):
                self.command(_make_cmd(get_executable(), command), command, stdout=words, **prepare_kwargs(stage))

    def command(self, arguments: Any, shown: str, **how: Any) -> None:
        with self.gate:
            if self.stopping:
                raise Stopped
            process = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, start_new_session=True, **how
            )
            self.running.add(process)
        status = process.wait()
        with self.gate:
            self.running.discard(process)
            if status and self.stopping:
                raise Stopped
        if status:
            raise StageCmdFailedError(shown, status)

    def stop(self) -> None:
        with self.gate:
            self.stopping = True
            running = set(self.running)
        for way, patience in WAYS_TO_END:
            for process in running:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, way)
            end = time.monotonic() + patience
            while any(process.poll() is None for process in running) and time.monotonic() < end:
                time.sleep(0.05)
