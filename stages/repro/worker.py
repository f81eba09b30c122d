"""Run one stage in a clone of the commit: what it comes after from the remote, what it made to the remote.

    python -m stages.repro.worker --errand errand.json --out made.json

`dvc repro --pull --single-item` would find nothing to pull in a clone, where no lock file tells what the stages before
have made. So the errand brings their entries, and the rest is DVC's own.
"""

import ctypes
import json
import logging
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException
from dvc.fs import localfs
from dvc.repo import Repo, lock_repo
from dvc.stage.serialize import to_lockfile
from dvc.utils.serialize import dump_yaml

from stages import door, record

PR_SET_PDEATHSIG = 1  # of linux/prctl.h


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.repro.worker", __doc__)
    parser.add_argument("--errand", type=Path, required=True, help="what to do, as stages.repro sends it")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write: the stage's entry for a lock file")
    args = parser.parse_args(argv)
    die_with_parent()
    logging.getLogger("dvc").setLevel(logging.WARNING)  # so that the words are the stage's
    errand = record.read(args.errand)
    for lock, stages in errand["before"].items():
        dump_yaml(lock, {"schema": "2.0", "stages": stages})
    with Repo(".", config=errand["remote"]) as repo, lock_repo(repo):
        graph = repo.index.graph
        (stage,) = (one for one in graph if one.addressing == errand["stage"])
        fetch(repo, stage, graph.successors(stage))
        try:
            stage.reproduce()
        except DvcException as error:  # the stage's own words stand above
            raise door.UserError(str(error)) from None
        push(repo, [stage])
        repo.stage_cache.push(None)  # after what it names, so that it never names what is not there
    args.out.write_text(json.dumps(to_lockfile(stage)[stage.name]), encoding="utf-8")


def die_with_parent() -> None:
    """If the engine's process is killed, the stage's command must not go on by itself: the engine starts another."""
    signal.signal(signal.SIGTERM, lambda *_: os.killpg(0, signal.SIGKILL))  # errand.py made us a group of our own
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def fetch(repo: Any, stage: Any, before: Iterable[Any]) -> None:
    """Get those outs of the stages before that the stage reads, and no others."""
    read = [dep.fs_path for dep in stage.deps]
    outs = [out for one in before for out in one.outs if any(localfs.overlaps(out.fs_path, path) for path in read)]
    wanted = {name for out in outs for names in out.get_used_objs().values() for name in names}
    repo.cloud.pull(wanted)
    for out in outs:
        out.checkout(force=True)


def push(repo: Any, stages: Iterable[Any]) -> None:
    """Put the outs of stages into the remote."""
    made = {name for stage in stages for names in stage.get_used_objs().values() for name in names}
    if failed := repo.cloud.push(made).failed:
        raise door.UserError(f"{len(failed)} files could not be put into the DVC remote; see what DVC says above")


if __name__ == "__main__":
    door.enter(main)
