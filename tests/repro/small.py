"""A small DVC project whose stages are lines of shell, so that what is tested here is the running of stages alone."""

import io
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import psutil
import yaml
from dvc.repo import Repo

from stages.door import UserError
from stages.repro.__main__ import main

ROOT = Path(__file__).parents[2]
IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "a test"), ("EMAIL", "test@localhost"))
}
PATIENCE = 60  # seconds that a test waits for something on a busy machine


class Project:
    def __init__(self, path: Path):
        self.path = path
        self.environment = os.environ | IDENTITY
        self.environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment["PYTHONPATH"] = str(ROOT)

    def start(self, *words: str, **more: Any) -> subprocess.Popen[str]:
        how: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True} | more
        return subprocess.Popen(words, cwd=self.path, env=self.environment, start_new_session=True, **how)

    def run(self, *words: str) -> str:
        process = self.start(*words)
        said, _ = process.communicate(timeout=10 * PATIENCE)
        assert process.returncode == 0, said
        return said

    def repro(self, *words: str, status: int = 0) -> str:
        """What `python -m stages.repro` says, in this process: starting another with DVC takes seconds."""
        said, left = io.StringIO(), 0
        with chdir(self.path), redirect_stdout(said), redirect_stderr(said):
            try:
                main(words)
            except UserError as error:
                left = 2
                print(f"error: {' '.join(str(error).split())}")
            except SystemExit as end:
                left = int(str(end.code))
        assert left == status, said.getvalue()
        return said.getvalue()

    def serial(self) -> None:
        """`dvc repro`."""
        with chdir(self.path), Repo(".") as repo:
            repo.reproduce()

    def settings(self, given: dict[str, Any]) -> str:
        """A file of them; clones go into a folder beside the project."""
        path = self.path.parent / "settings.yaml"
        path.write_text(yaml.safe_dump({"scratch": str(self.path.parent / "scratch")} | given))
        return str(path)

    def clone(self, name: str) -> "Project":
        self.run("git", "clone", "-q", str(self.path), str(self.path.parent / name))
        return Project(self.path.parent / name)

    def commit(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(text)
        self.run("git", "add", "-A")
        self.run("git", "commit", "-qm", "a step")

    def mend(self, old: str, new: str) -> None:
        text = (self.path / "dvc.yaml").read_text()
        assert old in text
        (self.path / "dvc.yaml").write_text(text.replace(old, new))

    def ran(self) -> list[str]:
        """The stages that ran, in the order in which they ended; each says its name at its end."""
        path = self.path / "ran.txt"
        return path.read_text().split() if path.exists() else []

    def locks(self) -> dict[str, bytes]:
        return {path.relative_to(self.path).as_posix(): path.read_bytes() for path in self.path.rglob("dvc.lock")}

    def outs(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.path.glob("*.out")}

    def unchanged(self) -> bool:
        with chdir(self.path), Repo(".") as repo:
            return repo.status() == {}


HEAD = (sys.executable, "-m", "stages.repro")


def stage(name: str, *after: str, command: str = "true", **more: Any) -> dict[str, Any]:
    """A stage that joins what it comes after into NAME.out."""
    outs = " ".join(f"{before}.out" for before in after)
    return {
        "cmd": f"{command} && cat source.txt {outs} > {name}.out && echo {name} >> {Path('ran.txt')}",
        "deps": ["source.txt", *(f"{before}.out" for before in after)],
        "outs": [f"{name}.out"],
        **more,
    }


def dumped(stages: dict[str, Any]) -> str:
    """A dvc.yaml, each command on a line of its own."""
    return yaml.safe_dump({"stages": stages}, sort_keys=False, width=1000)


SLEEP = ["sleep", f"123.{os.getpid()}"]  # of these tests alone, should others run at the same time


def sleeping() -> list[psutil.Process]:
    return [process for process in psutil.process_iter(["cmdline"]) if process.info["cmdline"] == SLEEP]
