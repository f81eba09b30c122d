"""Print the knobs that `dvc exp run` has to turn for a profile: `make repro PROFILE=paper` uses it.

    python -m stages.profile --name paper

A profile names the datasets that it uses, the rows that it adds to the suite, those on datasets of their own, and how
much of each sweep it runs.
"""

import shlex
from collections.abc import Sequence
from dataclasses import replace

from stages import door, params, sweeps


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.profile", __doc__)
    parser.add_argument("--name", required=True, help="a key of `profiles` in params.yaml")
    args = parser.parse_args(argv)
    door.say(" ".join(shlex.quote(word) for word in knobs(params.load(args.params), args.name)))


def knobs(suite: params.Params, name: str) -> list[str]:
    """-S words. A row that another profile has added goes out again."""
    profile = suite.profiles[params.known(name, suite.profiles, "PROFILE")]
    there = replace(suite, profile=name, use=profile.use)  # where other points are rows of the table
    turned = {"profile": name, "use": listed(profile.use)}
    for key, rows in suite.suite.items():
        own = [row for row in rows if suite.rows[row].dataset is None]
        turned[f"suite.{key}"] = listed([*own, *profile.suite.get(key, [])])
    words = [word for knob, value in turned.items() for word in ("-S", f"{knob}={value}")]
    for key, sweep in suite.sweeps.items():
        dataset = suite.rows[sweep.rows[0]].dataset
        runs = dataset is None or dataset in profile.use
        words += sweeps.turned(key, there.points_of(sweep) if runs else [])
    return words


def listed(words: list[str]) -> str:
    return f"[{','.join(words)}]"


if __name__ == "__main__":
    door.enter(main)
