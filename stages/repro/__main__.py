"""Run the pipeline with many stages at once: on this machine, or on a cluster.

    python -m stages.repro --jobs 4

Gives what `dvc repro` gives. What comes after a failed stage is skipped and named, all else runs.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dvc.lock import Lock, LockError

from stages import door
from stages.repro.engines.local import Local
from stages.repro.head import Head
from stages.repro.plan import opened
from stages.repro.times import Times
from stages.repro.view import View, log_of

PLACE = Path(".dvc/tmp/repro")  # of this room's own records, which git ignores


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.repro", __doc__)
    parser.add_argument("--jobs", default="", metavar="N", help="stages at once (default: as many as cores)")
    args = parser.parse_args(argv)
    jobs = count(args.jobs)
    logs = PLACE / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    with alone(), opened(Path.cwd()) as plan:
        engine = Local(logs)
        head = Head(plan, engine, jobs or engine.jobs, Times(PLACE / "seconds.json"), View(logs))
        head.run()
        tell(head)


@contextmanager
def alone() -> Iterator[None]:
    """Two heads in one folder would both run the same stages."""
    lock = Lock(str(PLACE / "lock"))
    try:
        lock.lock()
    except LockError:
        raise door.UserError("another run of many stages is at work in this folder; wait for its end") from None
    try:
        yield
    finally:
        lock.unlock()


def count(text: str) -> int:
    """JOBS as the user wrote it; 0 where nothing was."""
    if text and (not text.isdigit() or int(text) == 0):
        raise door.UserError(f"JOBS is {text!r}; give a whole number of at least 1")
    return int(text or 0)


def tell(head: Head) -> None:
    """One line for each stage that failed and one for what it took along."""
    for stage, skipped in head.skipped().items():
        door.say(f"failed: {stage.addressing}; its words are in {log_of(head.view.logs, stage)}")
        if skipped:
            door.say(f"skipped because of {stage.name}: {', '.join(other.name for other in skipped)}")
    if head.failed:
        raise SystemExit(1)
    door.say(f"{len(head.ran)} stage{'s' * (len(head.ran) != 1)} had to run")


if __name__ == "__main__":
    door.enter(main)
