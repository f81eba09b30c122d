"""Fetch one dataset into arrays, with a card that says what they are.

python -m stages.fetch --dataset digits --out data/digits
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from stages import arrays, door, params, record


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.fetch", __doc__)
    parser.add_argument("--dataset", required=True, help="a key of `datasets` in params.yaml")
    parser.add_argument("--out", type=Path, required=True, help="folder to make: {train,test}/*.npy, card.json")
    args = parser.parse_args(argv)

    settings = params.load(args.params)
    choice = settings.datasets[params.known(args.dataset, settings.datasets, "--dataset")]
    dataset = import_module(f"stages.fetch.{args.dataset}")
    splits = dataset.fetch(choice.source, choice.size)
    with record.new_folder(args.out) as folder:
        for split, (images, labels) in splits.items():
            (folder / split).mkdir()
            arrays.save(folder / split, "images", images)
            arrays.save(folder / split, "labels", labels)
        record.write(folder / "card.json", card(args.dataset, dataset, choice.source, choice.size, splits))
    counts = ", ".join(f"{len(images):,} {split}" for split, (images, _) in splits.items())
    door.say(f"{args.out}: {dataset.TITLE}, {counts} images")


def card(name: str, dataset: Any, source: str, size: int, splits: dict[str, Any]) -> dict[str, Any]:
    images, labels = splits["train"]
    return {
        "name": name,
        "title": dataset.TITLE,
        "source": source,
        "licence": dataset.LICENCE,
        "stand_in": dataset.STAND_IN,
        "preprocessing": dataset.preprocessing(size),
        "shape": list(images.shape[1:]),
        "classes": int(labels.max()) + 1,
        "splits": {
            split: {
                "images": len(x),
                "per_class": np.bincount(y).tolist(),
                "images_sha256": arrays.digest(x),
                "labels_sha256": arrays.digest(y),
            }
            for split, (x, y) in splits.items()
        },
    }


if __name__ == "__main__":
    door.enter(main)
