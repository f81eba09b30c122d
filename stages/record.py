"""Small records on disk: JSON that is the same bytes for the same facts, and where a result came from.

Files and folders are written under a temporary name beside their place and renamed, so that a killed stage leaves
no half of one.
"""

import errno
import hashlib
import json
import os
import platform
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from stages.door import UserError

LIBRARIES = ("numpy", "scikit-learn", "scipy", "torch", "torch-fidelity", "torchmetrics", "torchvision")


def temporary_beside(path: Path) -> Path:
    """A name of this process's own beside `path`; what killed processes left under such names is swept away."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{path.name}.*.tmp"):
        owner = left.name.removesuffix(".tmp").rsplit(".", 1)[-1]
        if owner.isdigit() and not alive(int(owner)):
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def alive(process: int) -> bool:
    """In a container a stage often has the number of the one before: our own number means that it is gone."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A temporary name to write to; it becomes `path` only when the block ends well."""
    temporary = temporary_beside(path)
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """The same for a folder. What stood at `path` stays until the new one is whole."""
    temporary = temporary_beside(path)
    temporary.mkdir()
    replaced = path.with_name(f".{path.name}.old.{os.getpid()}.tmp")
    try:
        yield temporary
        while True:  # another process may put its own folder there meanwhile: the last one stays, whole
            if path.is_dir():
                with suppress(FileNotFoundError):
                    os.replace(path, replaced)
            try:
                os.replace(temporary, path)
                break
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
            shutil.rmtree(replaced, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def canonical(facts: Any) -> str:
    """Equal facts, equal text. NaN is refused: a reader of JSON elsewhere could not take it back."""
    return json.dumps(facts, sort_keys=True, indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def write(path: Path, facts: Any) -> None:
    with new_file(path) as temporary:
        temporary.write_text(canonical(facts), encoding="utf-8")


def read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(f"{path} is missing; `dvc repro` makes it, or give another path") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not JSON ({error}); delete it and run `dvc repro` again") from None


def digest(facts: Any) -> str:
    return hashlib.sha256(canonical(facts).encode()).hexdigest()


def file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def library_versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def commit() -> str:
    """The commit that is checked out, with '+changes' if tracked files differ from it."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    try:
        changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":(exclude,glob)**/dvc.lock")
        return git("rev-parse", "HEAD") + ("+changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "not in a git repository"


def processor() -> str:
    """The processor's own name where Linux tells it, else the architecture."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


class Provenance:
    """Where a stage's outs came from. Its file is no dep of any stage that trains or scores: it holds wall time."""

    def __init__(self, stage: str, params: Any, command: str):
        self.started = time.monotonic()
        self.facts = {
            "stage": stage,
            "command": command,
            "commit": commit(),
            "params": params,
            "params_sha256": digest(params),
            "machine": f"{processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
            "libraries": library_versions(),
            "began": time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()),
        }

    def write(self, path: Path, **more: Any) -> None:
        seconds = round(time.monotonic() - self.started, 2)
        write(path, self.facts | more | {"wall_seconds": seconds})
