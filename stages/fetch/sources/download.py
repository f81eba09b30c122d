"""Official archives from their mirrors, into a folder that is kept between runs.

A download that broke off goes on where it stopped if the server can, and else starts again; what has the published
checksum alone is kept. The environment may set SUITE_DOWNLOADS (the folder; default .scratch/downloads) and
SUITE_MIRROR (an address to try first: the archive's name is put behind it).
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from tqdm import tqdm

from stages.door import UserError
from stages.fetch.sources.archive import problem
from stages.fetch.sources.dataset import Archive

TRIES = 4
BACKOFF_SECONDS = 1.0  # before the second try; doubled before each further one
TIMEOUT_SECONDS = 30
CHUNK_BYTES = 2**18
MOST_BYTES = 8 * 2**30  # larger than any of the archives
WORTH_ANOTHER_TRY = (408, 425, 429)  # and all from 500; other refusals last


class UnusableMirrorError(Exception):
    """What this mirror answers will not change within minutes."""


class BrokenOffError(Exception):
    """It may work at the next try."""


def folder() -> Path:
    path = Path(os.environ.get("SUITE_DOWNLOADS") or ".scratch/downloads")
    path.mkdir(parents=True, exist_ok=True)
    return path


def fetched(archives: tuple[Archive, ...], instead: str) -> dict[str, Path]:
    """{name: path} of the archives, downloaded unless they are there; `instead` tells what else a user can do."""
    return {archive.name: one(archive, instead) for archive in archives}


def one(archive: Archive, instead: str) -> Path:
    path = folder() / archive.name
    with alone(path):
        if path.is_file() and problem(archive, path) is None:
            return path
        wrong = try_mirrors(archive, path)
    if wrong:
        raise UserError(f"{archive.name} cannot be downloaded ({'; '.join(wrong)}); {instead}")
    return path


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """One process at a time; a second one waits, and then finds the file. A killed one lets go."""
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def mirrors(archive: Archive) -> list[str]:
    own = os.environ.get("SUITE_MIRROR", "")
    if own and urlsplit(own).scheme not in ("http", "https"):
        raise UserError(f"environment: SUITE_MIRROR is {own!r}; give an address that starts with https:// or http://")
    return [f"{own.rstrip('/')}/{archive.name}"] * bool(own) + list(archive.urls)


def try_mirrors(archive: Archive, path: Path) -> list[str]:
    """Nothing once the archive lies at `path`; else what each mirror did last."""
    part = path.with_name(f"{path.name}.part")
    urls = mirrors(archive)
    said: dict[str, str] = {} if urls else {"no mirror": "it is not published any more"}
    for number in range(TRIES):
        if number and urls:
            time.sleep(BACKOFF_SECONDS * 2 ** (number - 1))
        for url in list(urls):
            try:
                continued = receive(url, part)
                check(archive, part, continued)
                os.replace(part, path)
                return []
            except UnusableMirrorError as error:
                said[url] = str(error)
                urls.remove(url)
            except BrokenOffError as error:
                said[url] = str(error)
    return [f"{urlsplit(url).netloc or url}: {what}" for url, what in said.items()]


def receive(url: str, part: Path) -> bool:
    """The rest of `part`, or the whole of it if the server does not send rests; and whether it was a rest."""
    have = part.stat().st_size if part.exists() else 0
    with answer(url, have) as response:
        if "text/html" in response.headers.get("Content-Type", ""):
            raise UnusableMirrorError("a web page came in place of the file")
        continued = response.status == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        got = have if continued else 0
        length = response.headers.get("Content-Length")
        whole = got + int(length) if length and length.isdigit() else None
        bar = tqdm(desc=part.stem, initial=got, total=whole, unit="B", unit_scale=True, disable=None)
        with bar, part.open("ab" if continued else "wb") as file:
            while chunk := read(response):
                file.write(chunk)
                got += len(chunk)
                bar.update(len(chunk))
                if got > MOST_BYTES:
                    raise UnusableMirrorError(f"it sends more than {MOST_BYTES:,} bytes")
    if whole is not None and got != whole:
        raise BrokenOffError(f"it broke off after {got:,} of {whole:,} bytes")
    return continued


def answer(url: str, have: int) -> HTTPResponse:
    headers = {"User-Agent": "autoencoder-gan-replication", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        response: HTTPResponse = urlopen(Request(url, headers=headers), timeout=TIMEOUT_SECONDS)
        return response
    except HTTPError as error:
        error.close()
        if error.code == 416 and have:  # there is no such rest: what we have belongs to another file
            return answer(url, 0)
        lasting = error.code < 500 and error.code not in WORTH_ANOTHER_TRY
        raise (UnusableMirrorError if lasting else BrokenOffError)(f"HTTP {error.code} {error.reason}") from None
    except URLError as error:
        raise BrokenOffError(f"no connection ({error.reason})") from None
    except (OSError, HTTPException) as error:
        raise BrokenOffError(f"no answer ({error or type(error).__name__})") from None


def read(response: HTTPResponse) -> bytes:
    try:
        return response.read1(CHUNK_BYTES)
    except (OSError, HTTPException) as error:
        raise BrokenOffError(f"it broke off ({error or type(error).__name__})") from None


def check(archive: Archive, part: Path, continued: bool) -> None:
    """A file with another checksum goes. If its start was of an earlier try, that may be to blame."""
    if wrong := problem(archive, part):
        part.unlink()
        raise (BrokenOffError if continued else UnusableMirrorError)(f"what came {wrong}")
