"""DVC's lock of a project, handed from thread to thread.

DVC is made for one thread: a Repo, its graph and its file of readers and writers stand no two users. While a stage's
command runs, though, DVC gives the lock back, so that other processes may work (dvc.stage.run). With this lock in its
place other threads may too, and all that DVC does stays one thing at a time.
"""

import threading
import time
from typing import Any

from dvc.lock import LockBase


class Turns(LockBase):
    def __init__(self, lock: Any):
        super().__init__(lock.lockfile)
        self.theirs = lock
        self.turn = threading.Lock()
        self.held = 0.0  # seconds, all turns together

    def lock(self) -> None:
        self.turn.acquire()
        try:
            self.theirs.lock()
        except BaseException:
            self.turn.release()
            raise
        self.since = time.monotonic()

    def unlock(self) -> None:
        self.held += time.monotonic() - self.since
        self.theirs.unlock()
        self.turn.release()

    @property
    def is_locked(self) -> bool:
        return bool(self.theirs.is_locked)

    def __enter__(self) -> "Turns":
        self.lock()
        return self

    def __exit__(self, *error: object) -> None:
        self.unlock()
