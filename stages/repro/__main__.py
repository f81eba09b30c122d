"""Run the pipeline with many stages at once: on this machine, or on a cluster.

    python -m stages.repro --jobs 4
    python -m stages.repro --engine slurm --settings slurm.yaml
    python -m stages.repro --predict 1,8,64

Gives what `dvc repro` gives. What comes after a failed stage is skipped and named, all else runs. CLUSTER.md tells what
a cluster needs.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dvc.exceptions import DvcException
from dvc.lock import Lock, LockError
from dvc.utils.hydra import apply_overrides

from stages import door
from stages.repro import checks, settings
from stages.repro.engines.cluster import Cluster
from stages.repro.engines.contract import Engine, Workers
from stages.repro.engines.local import Local
from stages.repro.head import Head
from stages.repro.plan import Plan, opened
from stages.repro.schedule import wall_seconds
from stages.repro.times import Times
from stages.repro.view import View, log_of, spoken

PLACE = Path(".dvc/tmp/repro")  # of this room's own records, which git ignores
LOGS, JOBS, TIMES = PLACE / "logs", PLACE / "jobs", PLACE / "seconds.json"
ENGINES = ("local", "slurm", "ray")
MANY = 64  # stages sent to a cluster at once, where the user does not say


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.repro", __doc__)
    parser.add_argument("--jobs", default="", metavar="N", help=f"stages at once; else as many as cores, or {MANY}")
    parser.add_argument("--engine", default="", metavar="NAME", help="local (default), slurm or ray")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="what to ask of a cluster; see CLUSTER.md")
    parser.add_argument("-S", "--set-param", action="append", default=[], metavar="KNOB", help="as in `dvc exp run`")
    parser.add_argument("--predict", metavar="N,...", help="only tell how long a run from nothing takes on N workers")
    args = parser.parse_args(argv)
    if args.predict:
        return predict([count(text, "--predict") for text in args.predict.split(",")])
    engine = args.engine or "local"
    otherwise = (os.cpu_count() or 1) if engine == "local" else MANY
    jobs = count(args.jobs, "JOBS") if args.jobs else otherwise
    if engine not in ENGINES:
        raise door.UserError(f"ENGINE is {engine!r}; choose {', '.join(ENGINES[:-1])} or {ENGINES[-1]}")
    given = settings.load(args.settings)
    LOGS.mkdir(parents=True, exist_ok=True)
    with alone():
        turn_knobs(args.params, args.set_param)
        with opened(Path.cwd()) as plan:
            head = Head(plan, made(engine, plan, given), jobs, Times(TIMES), View(LOGS))
            head.run()
            tell(head)
    return None


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


def count(text: str, name: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise door.UserError(f"{name} is {text!r}; give a whole number of at least 1")
    return int(text)


def turn_knobs(path: Path, knobs: list[str]) -> None:
    if knobs:
        try:
            apply_overrides(path, knobs)
        except DvcException as error:
            raise door.UserError(f"{error}: {knobs}") from None


def made(name: str, plan: Plan, given: settings.Settings) -> Engine:
    here = Local(LOGS)
    if name == "local":
        return here
    with plan.repo.lock:
        footing = checks.footing(plan.repo, given)
        remote = plan.repo.cloud.get_remote_odb(hash_name="md5-dos2unix")
        plan.repo.stage_cache.transfer(remote, plan.repo.cache.legacy, force=False)  # pull() would get all each time
    return Cluster(plan, workers(name, given), here, given, footing)


def workers(name: str, given: settings.Settings) -> Workers:
    try:
        if name == "slurm":
            from stages.repro.engines.slurm import Slurm

            return Slurm(given, JOBS)
        from stages.repro.engines.ray import Ray

        return Ray(given)
    except ImportError as error:
        raise door.UserError(
            f"ENGINE={name} needs {error.name}, which is not installed; `make setup ENGINE={name}` installs it"
        ) from None


def tell(head: Head) -> None:
    """One line for each stage that failed and one for what it took along."""
    for stage, skipped in head.skipped().items():
        door.say(f"failed: {stage.addressing}; its words are in {log_of(LOGS, stage)}")
        if skipped:
            door.say(f"skipped because of {stage.name}: {', '.join(other.name for other in skipped)}")
    if head.failed:
        raise SystemExit(1)
    door.say(f"{len(head.ran)} stage{'s' * (len(head.ran) != 1)} had to run")


def predict(numbers: list[int]) -> None:
    """A table, from recorded times, of a run in which nothing is cached."""
    with opened(Path.cwd()) as plan:
        graph = plan.of(plan.order)
        times = Times(TIMES)
        seconds = times.of(plan.order)
    door.say(
        f"{len(graph)} stages of {sum(seconds.values()):.0f} s, and {times.turn:.1f} s of DVC's own work on each\n"
    )
    door.say("| workers | wall time |\n|---|---|")
    for number in numbers:
        door.say(f"| {number} | {spoken(wall_seconds(graph, seconds, number, times.turn))} |")


if __name__ == "__main__":
    door.enter(main)
