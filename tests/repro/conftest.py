"""What the tests of many stages share."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.repro.small import PATIENCE, ROOT, Project, dumped


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Project]:
    """Makes a committed project of {stage: its fields}; those of `side` have a file of their own."""

    def make(stages: dict[str, Any], side: dict[str, Any] | None = None) -> Project:
        made = Project(tmp_path / "project")
        made.path.mkdir()
        made.run("git", "init", "-q")
        aside = {name: {"wdir": "../..", **fields} for name, fields in (side or {}).items()}
        files = {
            "dvc.yaml": dumped(stages),
            "pipeline/side/dvc.yaml": dumped(aside),
            "source.txt": "a line\n",
            ".gitignore": "*.out\nran.txt\n",
            ".dvc/config": "[core]\n    analytics = false\n",
            ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
            ".dvcignore": "",
        }
        made.commit({name: text for name, text in files.items() if aside or "side" not in name})
        return made

    return make


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], Any]:
    def wait(condition: Callable[[], Any]) -> Any:
        end = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert time.monotonic() < end, "it never came to that"
            time.sleep(0.05)
        return found

    return wait


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def ending(request: pytest.FixtureRequest) -> signal.Signals:
    asked: signal.Signals = request.param
    return asked


CONFIG = """\
[core]
    analytics = false
    remote = ours
['remote "ours"']
    url = ../../remote
"""


@pytest.fixture
def at_hand(project: Callable[..., Project], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Project]:
    """As `project`, with a remote; workers keep their clones in a folder of the test's own."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # the clones of so small a project have no rooms

    def make(stages: dict[str, Any], side: dict[str, Any] | None = None) -> Project:
        made = project(stages, side)
        (tmp_path / "remote").mkdir()
        made.commit({".dvc/config": CONFIG})
        return made

    return make
