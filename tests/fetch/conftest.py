"""A server to download from, datasets whose published files are a test's own, and fetch run on them."""

import hashlib
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import yaml

from stages.fetch import __main__ as door_of_fetch
from stages.fetch import colormnist
from stages.fetch.sources import download, stacked
from tests.fetch.small import Files


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Files], None]:
    """Makes these files the official archives of a dataset: their checksums are expected, and no address is known."""

    def publish(name: str, files: Files) -> None:
        module: ModuleType = import_module(f"stages.fetch.{name}")
        origin = module.DATASET.origin
        assert {archive.name for archive in origin.archives} == set(files)
        archives = tuple(
            replace(archive, md5=hashlib.md5(files[archive.name]).hexdigest(), urls=()) for archive in origin.archives
        )
        monkeypatch.setattr(module, "DATASET", replace(module.DATASET, origin=replace(origin, archives=archives)))

    return publish


@pytest.fixture
def params_for(declared: dict[str, Any], tmp_path: Path) -> Callable[..., Path]:
    """A short params.yaml, read quickly, in which one dataset has another source or size."""

    def write_params(name: str, **edit: Any) -> Path:
        datasets = {name: declared["datasets"][name] | edit}
        tiny = declared["profiles"]["tiny"] | {"use": [name], "suite": {}, "settings": {}, "systems": {}}
        tiny |= {"likelihood": tiny["likelihood"] | {"rows": []}}
        nothing: dict[str, Any] = {"suite": {}, "rows": {}, "sweeps": {}, "systems": {}}
        path = tmp_path / f"params-{name}.yaml"
        short = (
            declared | nothing | {"profile": "tiny", "use": [name], "datasets": datasets, "profiles": {"tiny": tiny}}
        )
        path.write_text(yaml.safe_dump(short), encoding="utf-8")
        return path

    return write_params


@dataclass
class Fetched:
    path: Path

    @property
    def card(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.path / "card.json").read_text(encoding="utf-8"))
        return told

    def array(self, split: str, name: str = "images") -> np.ndarray:
        return np.load(self.path / split / f"{name}.npy")

    def arrays(self) -> dict[str, bytes]:
        return {str(p.relative_to(self.path)): p.read_bytes() for p in sorted(self.path.rglob("*.npy"))}


@pytest.fixture(autouse=True)
def downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where archives are kept; and no test waits between tries."""
    monkeypatch.setenv("SUITE_DOWNLOADS", str(tmp_path / "downloads"))
    monkeypatch.delenv("SUITE_MIRROR", raising=False)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(download, "BACKOFF_SECONDS", 0.0)
    return tmp_path / "downloads"


@pytest.fixture(autouse=True)
def _few_stacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """60,000 pictures take seconds."""
    few = partial(stacked.stacked, counts={"train": 60, "test": 20})
    monkeypatch.setattr(colormnist, "DATASET", replace(colormnist.DATASET, arrange=few))


@pytest.fixture
def fetch(params_for: Callable[..., Path], tmp_path: Path) -> Callable[..., Fetched]:
    def run(name: str, **edit: Any) -> Fetched:
        out = tmp_path / "data" / f"{name}-{len(list(tmp_path.glob('data/*')))}"
        door_of_fetch.main(["--params", str(params_for(name, **edit)), "--dataset", name, "--out", str(out)])
        return Fetched(out)

    return run


@pytest.fixture
def refused(params_for: Callable[..., Path], refusal: Callable[..., str], tmp_path: Path) -> Callable[..., str]:
    """The one line with which fetch ends, having left nothing in the folder of datasets."""

    def run(name: str, **edit: Any) -> str:
        data = tmp_path / "data"
        arguments = ["--params", params_for(name, **edit), "--dataset", name, "--out", data / name]
        line = refusal(door_of_fetch.main, *arguments)
        assert not data.exists() or not list(data.iterdir())
        return line

    return run


class Server(ThreadingHTTPServer):
    """Serves `files`. `answers` come first, each once: a code, a cut or stall after bytes, seconds to be late."""

    daemon_threads = True
    ranges = True
    html = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: Files = {}
        self.answers: list[tuple[str, int]] = []
        self.asked: list[tuple[str, str | None]] = []  # (path, Range)
        self.stalled = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append((self.path, wanted))
        kind, value = self.server.answers.pop(0) if self.server.answers else ("all", 0)
        data = self.server.files.get(self.path.lstrip("/"))
        if kind == "late":
            time.sleep(value)
        if kind == "code" or data is None:
            self.send_error(value or 404)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.server.ranges else 0
        if start >= len(data) and wanted and self.server.ranges:
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8" if self.server.html else "application/x-gzip")
        self.send_header("Content-Length", str(len(data) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        if kind in ("cut", "stall"):
            self.wfile.write(data[start : start + value])
            self.close_connection = True
            if kind == "stall":
                self.server.stalled.wait(60)
        else:
            self.wfile.write(data[start:])

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The mirror that is tried first."""
    made = Server()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("SUITE_MIRROR", made.address)
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def unpacked() -> Callable[[Path, Path], Path]:
    """Unpacks a folder of archives as a user would, beside what is no archive."""

    def unpack(archives: Path, folder: Path) -> Path:
        for path in archives.iterdir():
            if path.suffix in (".zip", ".tgz"):
                shutil.unpack_archive(path, folder, {".zip": "zip", ".tgz": "gztar"}[path.suffix])
            else:
                folder.mkdir(exist_ok=True)
                shutil.copy(path, folder)
        return folder

    return unpack
