"""Train the classifier that judges a dataset's images.

python -m stages.judge --data data/digits --out judges/digits --provenance judges/provenance/digits.json

`datasets.<name>.judges` in params.yaml says which network it is, and `classifiers` how it is taught. A dataset for
which none is named gets a folder that says so. The environment may set SUITE_DEVICE (cpu, cuda; default: cuda if there
is one).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from stages import arrays, door, params, record
from stages.judge import device
from stages.judge.training import train


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.judge", __doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that fetch made")
    parser.add_argument("--out", type=Path, required=True, help="folder to make: weights.safetensors, card.json")
    parser.add_argument("--provenance", type=Path, required=True, help="JSON file to write: where the judge came from")
    args = parser.parse_args(argv)

    suite = params.load(args.params)
    data = record.read(args.data / "card.json")
    name = suite.own_judge(params.known(data["name"], suite.datasets, f"the dataset of {args.data}"))
    knobs = suite.classifier(name) if name else {}
    provenance = record.Provenance("judge", knobs, f"dvc repro judge@{data['name']}")
    about = {"dataset": data["name"], "title": data["title"]}
    if name is None:
        with record.new_folder(args.out) as folder:
            record.write(folder / "card.json", about | none(data))
        provenance.write(args.provenance)
        door.say(f"{args.out}: {none(data)['missing']}")
        return
    if data["classes"] == 1:
        raise door.UserError(f"datasets.{data['name']}.judges lists {name!r}, but {no_classes(data)}; take it out")

    where = device.choose()
    torch.set_num_threads(suite.sizes.threads)
    torch.set_deterministic_debug_mode("error")
    judge = train(name, *split(args.data, "train"), knobs, where)
    images, labels = split(args.data, "test")
    judge.card |= about | {
        "test_accuracy": judge.accuracy(images, labels),
        "test_images": len(images),
        "training_images_sha256": data["splits"]["train"]["images_sha256"],
    }
    with record.new_folder(args.out) as folder:
        judge.save(folder)
    provenance.write(args.provenance, device=where)
    door.say(f"{args.out}: {judge.name}, test accuracy {judge.card['test_accuracy']:.1%}")


def none(data: dict[str, Any]) -> dict[str, Any]:
    """What the card of a dataset without a classifier says."""
    unnamed = f"datasets.{data['name']}.judges in params.yaml names no network to train"
    return {
        "kind": "none",
        "missing": f"no classifier of its own: {no_classes(data) if data['classes'] == 1 else unnamed}",
        "shape": data["shape"],
        **dict.fromkeys(("network", "classes", "features", "weights_sha256", "test_accuracy")),
    }


def no_classes(data: dict[str, Any]) -> str:
    return f"{data['title']} has no classes"


def split(data: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    images = arrays.load(data / name / "images.npy")
    labels = arrays.load(data / name / "labels.npy", dtype=np.int64, dimensions=1)
    if len(images) != len(labels):
        raise door.UserError(f"{data / name} has {len(images)} images and {len(labels)} labels; fetch it again")
    return images, labels


if __name__ == "__main__":
    door.enter(main)
