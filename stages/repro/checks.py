"""What must hold before any stage is sent to a cluster; each check ends in one line."""

import io
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dvc.config import NoRemoteError
from dvc.exceptions import DvcException
from dvc.fs import LocalFileSystem

from stages.door import UserError
from stages.repro.settings import Settings


@dataclass(frozen=True)
class Footing:
    """What all workers share: the commit, where to clone it from, and DVC's settings of the remote."""

    commit: str
    source: str
    remote: dict[str, Any]


def footing(repo: Any, settings: Settings) -> Footing:
    root = Path(repo.root_dir)
    return Footing(clean_commit(root, settings.source), settings.source or str(root), reached_remote(repo))


def clean_commit(root: Path, source: str | None) -> str:
    """The commit that workers will clone; it must be all that this folder is."""
    # A file in stages/ counts even if git does not know it yet: the stages here would find it, the workers not.
    changed = git(root, "status", "--porcelain", "--untracked-files=no", "--", ".", ":(exclude,glob)**/dvc.lock")
    changed += git(root, "ls-files", "--others", "--exclude-standard", "--", "stages")
    if changed:
        first = changed.split("\n")[0].split()[-1]
        raise UserError(f"{first} is not committed, and workers clone the commit; `git commit` or `git stash` it first")
    commit = git(root, "rev-parse", "HEAD").strip()
    if source and commit not in git(root, "ls-remote", source):
        raise UserError(f"no branch of {source} ends at {commit[:12]}, which workers shall clone; `git push` it first")
    return commit


def reached_remote(repo: Any) -> dict[str, Any]:
    """The remote's settings as workers need them, once a file could be written there and removed."""
    try:
        remote = repo.cloud.get_remote()
    except NoRemoteError:
        raise UserError("no DVC remote is set, and results travel through one; `dvc remote add -d NAME URL`") from None
    except (DvcException, ImportError) as error:
        raise UserError(f"the DVC remote cannot be used: {error}") from None
    if remote.fs.protocol in ("http", "https"):
        raise UserError(f"the DVC remote {remote.name} is plain HTTP, where DVC keeps no run-cache; take another kind")
    url = repo.config["remote"][remote.name]["url"]
    if isinstance(remote.fs, LocalFileSystem):
        url = remote.path
        if not Path(url).is_dir():
            raise UserError(f"the DVC remote {remote.name} is gone: {url} is no folder; mount it, or make it")
    probe = remote.fs.join(remote.path, f".reached-{uuid.uuid4().hex}")
    try:
        remote.fs.upload_fobj(io.BytesIO(b""), probe)
        remote.fs.remove(probe)
    except Exception as error:  # each kind of store has its own
        raise UserError(f"the DVC remote {remote.name} at {url} takes no files: {error!r}") from None
    return {"core": {"remote": remote.name}, "remote": {remote.name: {"url": url}}}


def git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True)
    if done.returncode:
        raise UserError(f"git {words[0]}: {done.stderr.strip()}")
    return done.stdout
