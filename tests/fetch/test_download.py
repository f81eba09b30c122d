"""Official archives over a network that fails in every way that a small server can act."""

import hashlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stages.door import UserError
from stages.fetch.sources import download
from stages.fetch.sources.dataset import Archive
from tests.fetch.small import Small

DATA = bytes(range(256)) * 4000
ARCHIVE = Archive("set.tar.gz", hashlib.md5(DATA).hexdigest())


@pytest.fixture
def one(server: Any) -> Callable[[], Path]:
    """Downloads the archive that the server holds."""
    server.files[ARCHIVE.name] = DATA
    return lambda: download.one(ARCHIVE, "give it")


@pytest.fixture
def part(downloads: Path) -> Path:
    """What an earlier download left."""
    downloads.mkdir()
    return downloads / f"{ARCHIVE.name}.part"


def codes(*values: int) -> list[tuple[str, int]]:
    return [("code", value) for value in values]


def test_an_archive_is_downloaded_once_and_kept(one: Any, server: Any, downloads: Path) -> None:
    assert one().read_bytes() == DATA
    assert one() == downloads / ARCHIVE.name
    assert server.asked == [("/set.tar.gz", None)]
    assert [path.name for path in downloads.iterdir() if path.name[0] != "."] == [ARCHIVE.name]


def test_a_kept_archive_that_was_altered_is_downloaded_again(one: Any, server: Any) -> None:
    path = one()
    path.write_bytes(b"altered")
    assert one().read_bytes() == DATA


@pytest.mark.parametrize("code", [500, 503, 429, 408])
def test_what_may_pass_is_tried_again(one: Any, server: Any, code: int) -> None:
    server.answers = codes(code, code)
    assert one().read_bytes() == DATA
    assert len(server.asked) == 3


def test_waiting_doubles_from_try_to_try(one: Any, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(download, "BACKOFF_SECONDS", 1.0)
    monkeypatch.setattr(time, "sleep", waits.append)
    server.answers = codes(503, 503, 503, 503)
    with pytest.raises(UserError, match=r"set.tar.gz cannot be downloaded \(127.0.0.1:\d+: HTTP 503 .*\); give it"):
        one()
    assert waits == [1, 2, 4]


@pytest.mark.parametrize("code", [404, 403, 410])
def test_what_will_not_pass_is_not_tried_again(one: Any, server: Any, code: int) -> None:
    server.answers = codes(code, code)
    with pytest.raises(UserError, match=f"HTTP {code}"):
        one()
    assert len(server.asked) == 1


def test_the_next_mirror_is_asked(one: Any, server: Any, downloads: Path) -> None:
    server.answers = codes(404)
    archive = Archive(ARCHIVE.name, ARCHIVE.md5, (f"{server.address}/{ARCHIVE.name}",))
    assert download.one(archive, "").read_bytes() == DATA
    assert len(server.asked) == 2


def test_a_web_page_is_no_archive(one: Any, server: Any, downloads: Path) -> None:
    server.html = True
    with pytest.raises(UserError, match="a web page came in place of the file"):
        one()
    assert not (downloads / ARCHIVE.name).exists()


def test_a_web_page_that_says_it_is_an_archive_is_none(one: Any, server: Any) -> None:
    server.files[ARCHIVE.name] = b"\n<!DOCTYPE html><title>Quota exceeded</title>"
    with pytest.raises(UserError, match=r"is a web page, not set.tar.gz"):
        one()


def test_an_archive_with_another_checksum_is_not_kept(one: Any, server: Any, downloads: Path) -> None:
    server.files[ARCHIVE.name] = DATA[:-1] + b"\0"
    with pytest.raises(UserError, match=f"has md5 .* not {ARCHIVE.md5}"):
        one()
    assert not [path for path in downloads.iterdir() if path.name[0] != "."]
    assert len(server.asked) == 1


def test_a_download_that_broke_off_goes_on_where_it_stopped(one: Any, server: Any) -> None:
    server.answers = [("cut", 1000), ("cut", 500)]
    assert one().read_bytes() == DATA
    assert [wanted for _, wanted in server.asked] == [None, "bytes=1000-", "bytes=1500-"]


def test_it_starts_again_where_the_server_sends_no_rests(one: Any, server: Any) -> None:
    server.ranges, server.answers = False, [("cut", 1000)]
    assert one().read_bytes() == DATA
    assert len(server.asked) == 2


def test_what_an_earlier_run_left_is_used(one: Any, server: Any, part: Path) -> None:
    part.write_bytes(DATA[:70_000])
    assert one().read_bytes() == DATA
    assert server.asked == [("/set.tar.gz", "bytes=70000-")]
    assert not part.exists()


@pytest.mark.parametrize("left", [b"of another file", DATA, DATA + b"and more"])
def test_what_an_earlier_run_left_may_be_worthless(one: Any, server: Any, part: Path, left: bytes) -> None:
    part.write_bytes(left)
    assert one().read_bytes() == DATA


def test_a_broken_off_download_is_left_for_the_next_run(one: Any, server: Any, part: Path) -> None:
    server.answers = [("cut", 1000), *codes(503, 503, 503)]
    with pytest.raises(UserError):
        one()
    assert part.read_bytes() == DATA[:1000]


def test_no_server_is_a_short_story(downloads: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUITE_MIRROR", "http://127.0.0.1:9")
    with pytest.raises(UserError, match=r"127.0.0.1:9: no connection \(.*refused\)\); give it"):
        download.one(ARCHIVE, "give it")


def test_a_mirror_must_be_an_address(downloads: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUITE_MIRROR", "file:///etc")
    with pytest.raises(UserError, match=r"SUITE_MIRROR is 'file:///etc'; give an address"):
        download.one(ARCHIVE, "")


def test_a_server_without_an_end_is_left(one: Any, monkeypatch: pytest.MonkeyPatch, downloads: Path) -> None:
    monkeypatch.setattr(download, "MOST_BYTES", 300_000)
    with pytest.raises(UserError, match="sends more than 300,000 bytes"):
        one()


FETCH = """
import sys
from dataclasses import replace
from stages.fetch import cifar10
from stages.fetch.__main__ import main
origin = cifar10.DATASET.origin
archive = replace(origin.archives[0], md5=sys.argv[1], urls=())
cifar10.DATASET = replace(cifar10.DATASET, origin=replace(origin, archives=(archive,)))
main(["--dataset", "cifar10", "--params", *sys.argv[2:]])
"""


@pytest.fixture
def start(params_for: Callable[..., Path], server: Any, tmp_path: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """Fetches a small CIFAR-10 from the server in a process of its own."""
    server.files = Small("cifar10").archives
    (archive,) = server.files.values()
    words = [sys.executable, "-c", FETCH, hashlib.md5(archive).hexdigest(), str(params_for("cifar10"))]
    return lambda out: subprocess.Popen([*words, "--out", str(tmp_path / "data" / out)], stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[bytes]) -> None:
    told = process.communicate()[1].decode()
    assert process.returncode == 0, told


@pytest.mark.parametrize("outs", [("a", "b"), ("same", "same")])
def test_two_stages_at_once_download_once_and_leave_whole_folders(
    outs: tuple[str, str], server: Any, start: Any, tmp_path: Path
) -> None:
    server.answers = [("late", 2)]  # time enough for the second one to arrive
    for process in [start(out) for out in outs]:
        finish(process)
    assert len(server.asked) == 1
    folders = [tmp_path / "data" / out for out in outs]
    left = [{str(p.relative_to(f)): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in folders]
    assert left[0] == left[1]
    assert len(left[0]) == 5
    assert {path.name for path in (tmp_path / "data").iterdir()} == set(outs)


def test_a_killed_stage_leaves_what_the_next_one_continues(
    server: Any, start: Any, downloads: Path, tmp_path: Path
) -> None:
    server.answers = [("stall", 30_000)]
    killed = start("a")
    part = downloads / "cifar-10-python.tar.gz.part"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not (part.exists() and part.stat().st_size):
        time.sleep(0.02)
    killed.kill()
    killed.communicate()
    server.stalled.set()
    had = part.stat().st_size
    assert 0 < had <= 30_000
    finish(start("a"))
    assert server.asked[1] == ("/cifar-10-python.tar.gz", f"bytes={had}-")
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["a"]
