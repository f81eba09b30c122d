"""What judges saw, kept on disk under a name made of all that it depends on: found again, or made and kept.

Nothing depends on the folder: it may be deleted at any time. The environment may set SUITE_CACHE (the folder; default
.cache/seen) and SUITE_CACHE_GB (what it may hold; default 20, the files not used for longest go first).
"""

import hashlib
import inspect
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from stages import door, record

# Images of a set that is worth it. Smaller ones are those of small judges, which see as many in the time that hashing
# and reading take; Inception's FID wants 4,096 at least.
LEAST = 4000

Arrays = dict[str, np.ndarray]


def found_or_made(name: str, make: Callable[[], Arrays]) -> Arrays:
    """A zip of arrays checks itself as it is read, so that a broken one is made anew."""
    path = folder() / f"{name}.npz"
    with suppress(OSError, ValueError, EOFError, KeyError, BadZipFile):
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            found = {one: arrays[one] for one in arrays.files}
        os.utime(path)
        return found
    made = make()
    try:
        with record.new_file(path) as temporary, temporary.open("wb") as new:
            np.savez(new, allow_pickle=False, **made)
        sweep(path.parent)
    except OSError as error:
        raise door.UserError(f"{path.parent} cannot be written to ({error}); set SUITE_CACHE to another") from None
    return made


def folder() -> Path:
    return Path(os.environ.get("SUITE_CACHE") or ".cache/seen")


def sweep(where: Path) -> None:
    """Deletes the files not used for longest, until the others fit."""
    left = door.environment_number("SUITE_CACHE_GB", 20) * 1e9
    files = []
    for path in where.glob("*.npz"):
        with suppress(FileNotFoundError):  # another process sweeps too
            files.append((path.stat().st_mtime_ns, path.stat().st_size, path))
    for _, size, path in sorted(files, reverse=True):
        left -= size
        if left < 0:
            path.unlink(missing_ok=True)


def code(make: Callable[[], Arrays]) -> str:
    """Of the file that makes it and of the judges' own: what old code saw is not taken for what new code sees."""
    return of_files(Path(inspect.getfile(make)))


@cache
def of_files(maker: Path) -> str:
    judges = sorted((Path(__file__).parent.parent / "judge").rglob("*.py"))
    return hashlib.sha256("".join(record.file_digest(path) for path in [maker, *judges]).encode()).hexdigest()[:16]
