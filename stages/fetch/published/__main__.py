"""Get the published weights that params.yaml names, each checked by its sha256, into the places where they should lie.

    python -m stages.fetch.published
    python -m stages.fetch.published --network inception --network lpips-alex

What is there already is only checked. The environment may set SUITE_DOWNLOADS and SUITE_MIRROR, as for datasets.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from stages import door, params, record
from stages.fetch.sources import download
from stages.fetch.sources.archive import problem
from stages.fetch.sources.dataset import Archive


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.fetch.published", __doc__)
    parser.add_argument("--network", action="append", help="a key of `published` in params.yaml (default: every one)")
    args = parser.parse_args(argv)

    published = params.load(args.params).published
    chosen = [published[params.known(name, published, "--network")] for name in args.network or published]
    wrong = []
    for told in chosen:  # one that cannot be had keeps no other back
        try:
            put(told)
            door.say(f"{told.file}: there, sha256 {told.sha256}")
        except door.UserError as error:
            wrong.append(str(error))
    if wrong:
        raise door.UserError("; ".join(wrong))


def put(told: params.Published) -> None:
    target = Path(told.file)
    archive = Archive(target.name, urls=(told.url,), sha256=told.sha256)
    with download.alone(download.folder() / f"{target.name}.put"):
        if target.is_file() and problem(archive, target) is None:
            return
        got = download.one(archive, f"get it elsewhere and put it at {target}")
        with record.new_file(target) as temporary:
            shutil.move(got, temporary)


if __name__ == "__main__":
    door.enter(main)
