"""Fetch one dataset into arrays, with a card that says what they are.

    python -m stages.fetch --dataset digits --out data/digits
    python -m stages.fetch --dataset cifar10 --source parquet:FOLDER

`datasets` in params.yaml says where it comes from, unless --source does. The environment may set SUITE_DOWNLOADS (the
folder that keeps official archives, default .scratch/downloads) and SUITE_MIRROR (an address to try first for them).
"""

import errno
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from PIL import Image

from stages import door, lab, params, record  # noqa: F401  # see below
from stages.fetch.output import npy
from stages.fetch.output.card import card
from stages.fetch.sources import mnist_files, opening, sklearn_digits, stacked  # noqa: F401  # see below
from stages.fetch.sources.dataset import Dataset

# `lab` and the last three are what datasets' files share. Imported here, they are deps of every fetch in dvc.yaml.

A_USERS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS)


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.fetch", __doc__)
    parser.add_argument("--dataset", required=True, help="a key of `datasets` in params.yaml")
    parser.add_argument("--source", help="official, archive:PATH, folder:PATH or parquet:PATH")
    parser.add_argument("--out", type=Path, help="folder to make: arrays, card.json (default: data/<dataset>)")
    args = parser.parse_args(argv)

    settings = params.load(args.params)
    choice = settings.datasets[params.known(args.dataset, settings.datasets, "--dataset")]
    out = args.out or Path("data") / args.dataset
    dataset: Dataset = import_module(f"stages.fetch.{args.dataset}").DATASET
    with (
        mendable(),
        opening.opened(args.dataset, dataset, args.source or choice.source, choice.size) as opened,
        record.new_folder(out) as folder,
    ):
        written = {
            split: npy.write(folder / split, one, f"{args.dataset}, {split}") for split, one in opened.splits.items()
        }
        record.write(folder / "card.json", card(args.dataset, dataset, choice.size, opened, written))
    counts = ", ".join(f"{len(told.labels):,} {split}" for split, told in written.items())
    door.say(f"{out}: {dataset.title}, {counts} images")


@contextmanager
def mendable() -> Iterator[None]:
    """A full disk or a folder that may not be written is the user's to mend; Pillow's warnings of bombs are errors."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except OSError as error:
        if error.errno not in A_USERS:
            raise
        where = f"{error.filename}: " if error.filename else ""
        raise door.UserError(f"{where}{os.strerror(error.errno)}; make room or write elsewhere") from None


if __name__ == "__main__":
    door.enter(main)
