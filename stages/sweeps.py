"""Print the name by which DVC knows a sweep: `make sweep NAME=ijae-lambda` uses it.

python -m stages.sweeps --name ijae-lambda
"""

from collections.abc import Sequence

from stages import door, params


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.sweeps", __doc__)
    parser.add_argument("--name", required=True, help="a key of `sweeps` in params.yaml")
    args = parser.parse_args(argv)
    door.say(target(params.load(args.params), args.name))


def target(suite: params.Params, name: str) -> str:
    """The stage that scores each point: what it stands on comes with it."""
    sweep = suite.sweeps[params.known(name, suite.sweeps, "NAME")]
    if not sweep.points:
        dataset = suite.dataset_of(sweep.rows[0])
        raise door.UserError(
            f"sweeps.{name}.points is empty in profile {suite.profile!r}; list some, and {dataset} in `use`, "
            "or run with PROFILE=paper"
        )
    return suite.stage("evaluate", sweep.points[0], sweep.seeds[0]).partition("@")[0]


if __name__ == "__main__":
    door.enter(main)
