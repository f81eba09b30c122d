"""The files inside a .zip or a .tar.gz, read in any order and never unpacked to the disk under their own names.

Refused before a member is read: names that climb out of the folder, links and devices, and more bytes than an honest
archive of that size holds.
"""

import gzip
import os
import re
import stat
import tarfile
import zipfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from stages.door import UserError
from stages.fetch.sources.broken import reading

FREE_BYTES, TIMES = 64 * 2**20, 20  # an archive may unpack to this much, and this many times its own size


@dataclass(frozen=True)
class Members:
    where: str
    names: Collection[str]
    read_bytes: Callable[[str], bytes]

    def read(self, name: str) -> bytes:
        if name not in self.names:
            raise UserError(f"{self.where} holds no {name}; get it again or give another source")
        with reading(f"{self.where}: {name}"):
            return self.read_bytes(name)

    def text(self, name: str) -> str:
        data = self.read(name)
        with reading(f"{self.where}: {name}"):
            return data.decode()


@contextmanager
def opened(path: Path, scratch: Path) -> Iterator[Members]:
    """Of an archive; `scratch` is a folder with room for what a .tar.gz unpacks to."""
    with zipped(path) if path.suffix == ".zip" else tarred(path, scratch) as members:
        yield members


@contextmanager
def zipped(path: Path) -> Iterator[Members]:
    with reading(path):
        file = zipfile.ZipFile(path)
    with file:
        sizes: dict[str, int] = {}
        for info in file.infolist():
            if stat.S_ISLNK(info.external_attr >> 16):
                raise UserError(f"{path}: member {info.filename!r} is a link; the archive is not to be trusted")
            check_name(info.filename, path, sizes)
            if not info.is_dir():
                sizes[info.filename] = info.file_size
        check_total(sum(sizes.values()), path)
        yield Members(str(path), sizes, file.read)


@contextmanager
def tarred(path: Path, scratch: Path) -> Iterator[Members]:
    with TemporaryFile(dir=scratch) as plain:  # without a name: gone with the process, however it ends
        gunzip(path, plain)
        infos: dict[str, tarfile.TarInfo] = {}
        plain.seek(0)
        with reading(path):
            file = tarfile.TarFile(fileobj=plain)
            for info in file:
                if not (info.isreg() or info.isdir()) or info.issparse():
                    raise UserError(f"{path}: member {info.name!r} is a link or device; it is not to be trusted")
                check_name(info.name, path, infos)
                if info.isreg():
                    infos[info.name] = info

        def read(name: str) -> bytes:
            member = file.extractfile(infos[name])
            assert member is not None  # it is a regular file
            return member.read()

        with file:
            yield Members(str(path), infos, read)


def gunzip(path: Path, target: IO[bytes]) -> None:
    limit = allowance(path)
    with path.open("rb") as packed, gzip.GzipFile(fileobj=packed) as plain:
        while True:
            with reading(path):
                chunk = plain.read(2**20)
            if not chunk:
                return
            target.write(chunk)
            check_total(target.tell(), path, limit)


def folder(path: Path) -> Members:
    """The same view of a folder on the disk."""
    return Members(str(path), dict.fromkeys(files_below(path)), lambda name: (path / name).read_bytes())


def files_below(path: Path, above: str = "", depth: int = 4) -> Iterator[str]:
    """Relative names, in no order. Hidden files are left out; deeper folders are more than any layout has."""
    for entry in os.scandir(path):
        if entry.name.startswith("."):
            continue
        if not entry.is_dir():
            yield above + entry.name
        elif depth:
            yield from files_below(Path(entry.path), f"{above}{entry.name}/", depth - 1)


def check_name(name: str, path: Path, before: Collection[str]) -> None:
    if name.startswith(("/", "\\")) or re.match("[A-Za-z]:", name) or ".." in re.split(r"[/\\]", name):
        raise UserError(f"{path}: member {name!r} climbs out of its folder; the archive is not to be trusted")
    if name in before:
        raise UserError(f"{path} holds {name!r} twice; the archive is not to be trusted")


def check_total(unpacked: int, path: Path, limit: int | None = None) -> None:
    limit = allowance(path) if limit is None else limit
    if unpacked > limit:
        raise UserError(f"{path} unpacks to more than {limit:,} bytes, as no archive of images does; get it again")


def allowance(path: Path) -> int:
    return FREE_BYTES + TIMES * path.stat().st_size
