"""Train the classifier that judges a dataset's images.

python -m stages.judge --data data/digits --out judges/digits --provenance judges/provenance/digits.json
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from stages import arrays, door, params, record
from stages.judge.training import train


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.judge", __doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that fetch made")
    parser.add_argument("--out", type=Path, required=True, help="folder to make: weights.safetensors, card.json")
    parser.add_argument("--provenance", type=Path, required=True, help="JSON file to write: where the judge came from")
    args = parser.parse_args(argv)

    settings = params.load(args.params)
    data = record.read(args.data / "card.json")
    name = settings.datasets[params.known(data["name"], settings.datasets, f"the dataset of {args.data}")].judge
    budget = settings.sizes.judge
    provenance = record.Provenance("judge", asdict(budget), f"dvc repro judge@{data['name']}")
    torch.set_num_threads(settings.sizes.threads)
    torch.use_deterministic_algorithms(True)

    judge = train(name, *split(args.data, "train"), budget)
    images, labels = split(args.data, "test")
    judge.card |= {
        "dataset": data["name"],
        "title": data["title"],
        "test_accuracy": judge.accuracy(images, labels),
        "test_images": len(images),
        "training_images_sha256": data["splits"]["train"]["images_sha256"],
    }
    with record.new_folder(args.out) as folder:
        judge.save(folder)
    provenance.write(args.provenance)
    door.say(f"{args.out}: {judge.name}, test accuracy {judge.card['test_accuracy']:.1%}")


def split(data: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    images = arrays.load(data / name / "images.npy")
    labels = arrays.load(data / name / "labels.npy", dtype=np.int64, dimensions=1)
    if len(images) != len(labels):
        raise door.UserError(f"{data / name} has {len(images)} images and {len(labels)} labels; fetch it again")
    return images, labels


if __name__ == "__main__":
    door.enter(main)
