"""What travels to a worker: clone the commit, and have the clone's own code run one stage there (worker.py).

Knows nothing but Python's own library, for it is sent to machines that have no checkout yet. A worker keeps its clone
for the next stages of the same commit; the lock on a clone holds as long as any process works in it, and no longer.
"""

import fcntl
import hashlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Errand = dict[str, Any]  # what engines/cluster.py writes: plain data, for any pickle


def run(errand: Errand) -> dict[str, Any]:
    """{made: what the stage's lock file shall say, words: what it said}; no `made`, if it failed."""
    with a_clone(errand) as (clone, held), tempfile.TemporaryDirectory() as folder:
        asked, made, words = (Path(folder) / name for name in ("errand.json", "made.json", "words"))
        asked.write_text(json.dumps(errand), encoding="utf-8")
        command = [sys.executable, "-m", "stages.repro.worker", "--errand", str(asked), "--out", str(made)]
        with words.open("wb") as said:
            process = subprocess.Popen(
                command,
                cwd=clone,
                env=environment(errand["threads"]),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[held],
            )
            try:
                while process.poll() is None:  # wait() would not hear of a task that Ray takes back
                    time.sleep(0.2)
            except BaseException:  # the engine takes its worker away
                os.killpg(process.pid, signal.SIGKILL)
                raise
        if process.returncode == -signal.SIGKILL:  # then so are we: the engine knows what to do with killed workers
            os.kill(os.getpid(), signal.SIGKILL)
        told = {"words": words.read_text(encoding="utf-8", errors="replace")}
        if process.returncode:
            return told
        return told | {"made": json.loads(made.read_text(encoding="utf-8"))}


def environment(threads: str | None) -> dict[str, str]:
    """The stage's `python` is ours; and as many threads as the head would give it, where Ray would give it one."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    others = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    return others | {"PATH": path} | ({"OMP_NUM_THREADS": threads} if threads else {})


@contextmanager
def a_clone(errand: Errand) -> Iterator[tuple[Path, int]]:
    """A clone of the commit in which nobody else works, and the open file that holds the lock on it."""
    source = hashlib.sha256(errand["source"].encode()).hexdigest()[:12]
    project = Path(errand["scratch"] or tempfile.gettempdir()) / f"stages-{os.getuid()}-{source}"
    project.mkdir(mode=0o700, parents=True, exist_ok=True)
    if project.stat().st_uid != os.getuid():
        raise RuntimeError(f"{project} is another user's; give another folder as `scratch`")
    folder = project / errand["commit"]
    folder.mkdir(exist_ok=True)
    sweep(project, folder)
    clone, held = free(folder)
    try:
        if not clone.exists():
            new = clone.with_suffix(".new")
            shutil.rmtree(new, ignore_errors=True)  # of a worker that was killed while it cloned
            git("clone", "--quiet", "--no-checkout", errand["source"], str(new))
            git("-C", str(new), "checkout", "--quiet", "--detach", errand["commit"])
            new.rename(clone)
        # DVC's note of who works on what: a killed worker stays in it, and counts until its parent has buried it.
        (clone / ".dvc/tmp/rwlock").unlink(missing_ok=True)
        yield clone, held
    finally:
        os.close(held)


def free(folder: Path) -> tuple[Path, int]:
    """The first place for a clone that is nobody's, and the lock on it."""
    for number in itertools.count():
        if (held := held_lock(folder / f"{number}.lock")) is not None:
            return folder / str(number), held
    raise AssertionError("there is always another number")


def sweep(project: Path, folder: Path) -> None:
    """Take away the clones of other commits in which nobody works."""
    for lock in project.glob("*/*.lock"):
        if lock.parent != folder and (held := held_lock(lock)) is not None:
            shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            os.close(held)


def held_lock(path: Path) -> int | None:
    """The file, opened and locked; nothing, if another process has it."""
    opened = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(opened)
        return None
    return opened


def git(*words: str) -> None:
    done = subprocess.run(["git", *words], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"git {words[0]} failed: {done.stderr.strip()}")
