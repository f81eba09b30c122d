"""Print what `dvc exp run` has to turn and to run for one sweep: `make sweep NAME=ijae-lambda` uses it.

    python -m stages.sweeps --name ijae-lambda

A profile says how much of a grid there is: all of it, or its corners, the ends of each knob's values.
"""

import shlex
from collections.abc import Sequence

from stages import door, params


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.sweeps", __doc__)
    parser.add_argument("--name", required=True, help="a key of `sweeps` in params.yaml")
    args = parser.parse_args(argv)
    suite = params.load(args.params)
    sweep = suite.sweeps[params.known(args.name, suite.sweeps, "NAME")]
    dataset = suite.rows[sweep.rows[0]].dataset
    if dataset is not None and dataset not in suite.use:
        raise door.UserError(f"use is {suite.use}, but sweep {args.name} runs on {dataset!r}; add it to use")
    points = suite.points_of(sweep)
    door.say(" ".join(shlex.quote(word) for word in [*turned(args.name, points), target(suite, args.name, points[0])]))


def turned(name: str, points: list[str]) -> list[str]:
    quoted = ",".join(f"'{point}'" for point in points)
    return ["-S", f"sweeps.{name}.points=[{quoted}]"]


def target(suite: params.Params, name: str, point: str) -> str:
    """The stage that scores each point: what it stands on comes with it."""
    return f"pipeline/{suite.row(point).system}/dvc.yaml:evaluate-{name}"


if __name__ == "__main__":
    door.enter(main)
