"""A copy of the project, committed in a repository of its own and run by the real `dvc repro` on `profile: tiny`."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
# Leaves, when a stage's process ends, the files of stages/ that it had imported.
TRACE = """
import atexit, json, os, sys, uuid
def leave():
    files = [module.__file__ for name, module in list(sys.modules.items()) if name.split(".")[0] == "stages"]
    main = sys.modules["__main__"]
    files.append(getattr(main, "__file__", None))
    path = os.path.join(os.environ["SUITE_TRACE"], uuid.uuid4().hex + ".json")
    with open(path, "w") as file:
        json.dump({"command": sys.orig_argv[1:], "files": [file for file in files if file]}, file)
atexit.register(leave)
"""


class Clone:
    def __init__(self, path: Path):
        self.path = path
        self.trace = path.parent / "trace"

    def run(self, *words: str, check: bool = True) -> str:
        """The output of a command, as a user with the environment activated would run it."""
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(self.trace),
            "SUITE_TRACE": str(self.trace),
            "GIT_AUTHOR_NAME": "a test",
            "GIT_AUTHOR_EMAIL": "test@localhost",
            "GIT_COMMITTER_NAME": "a test",
            "GIT_COMMITTER_EMAIL": "test@localhost",
        }
        done = subprocess.run(words, cwd=self.path, env=environment, capture_output=True, text=True)
        if check and done.returncode:
            raise AssertionError(
                f"{' '.join(words)} exited {done.returncode}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
            )
        return done.stdout + done.stderr

    def set(self, old: str, new: str, file: str = "params.yaml") -> None:
        text = (self.path / file).read_text()
        assert old in text
        (self.path / file).write_text(text.replace(old, new, 1))

    def lock(self) -> dict[str, Any]:
        """Every stage that has run, as the dvc.lock files keep it."""
        files = [self.path / "dvc.lock", *self.path.glob("pipeline/*/dvc.lock")]
        return {name: stage for path in files for name, stage in yaml.safe_load(path.read_text())["stages"].items()}

    def keep(self, *rows: str) -> None:
        """Leaves these rows in the suite, and no other; every system keeps its stages."""
        path = self.path / "params.yaml"
        text = path.read_text()
        start, end = text.index("\nsuite:"), text.index("\nrows:")

        def kept(line: re.Match[str]) -> str:
            return f"{line[1]}[{', '.join(row for row in line[2].split(', ') if row in rows)}]"

        path.write_text(text[:start] + re.sub(r"(\n  [\w-]+: )\[(.*?)\]", kept, text[start:end]) + text[end:])


def copy_of_project(target: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for line in listed.stdout.splitlines():
        if (ROOT / line).is_file() and not line.endswith("dvc.lock"):
            (target / line).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / line, target / line)


@pytest.fixture(scope="session")
def clone(tmp_path_factory) -> Clone:
    """After its first `dvc repro`: three trained rows, the model-free ones and two points of a sweep, one seed."""
    made = Clone(tmp_path_factory.mktemp("end_to_end") / "clone")
    copy_of_project(made.path)
    made.trace.mkdir()
    (made.trace / "sitecustomize.py").write_text(TRACE)
    made.set("profile: quick", "profile: tiny")
    made.set("seeds: [0, 1, 2]", "seeds: [0]")
    made.set("resamplings: [0, 1, 2, 3, 4]", "resamplings: [0]")
    swept = "seeds: [0]\n    points: [ijae+lambda=0.1, ijae+lambda=0.9]"
    made.set("seeds: [0, 1]\n    points: []", swept)  # of the first sweep, ijae-lambda
    made.keep("real", "aug", "pagan", "pagan-noaug", "ijae")
    # Without clocks, so that two runs of one commit are the same bytes: test_engines.py compares them.
    made.set("round(time.monotonic() - self.started, 2)", "0.0", "stages/record.py")
    made.set('time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())', '"then"', "stages/record.py")
    ticks = "clock.told = getattr(clock, 'told', 0.0) + 1.0\n        return clock.told"
    made.set("return time.perf_counter()", ticks, "stages/cost/timing.py")
    made.run("git", "init", "-q")
    made.run("git", "add", "-A")
    made.run("git", "commit", "-qm", "a copy")
    made.first = made.run("dvc", "repro")  # type: ignore[attr-defined]
    made.run("git", "add", "-A")
    made.run("git", "commit", "-qm", "its results")
    return made
