"""Make a row's images: samples from the prior, reconstructions of test images, and walks from one to another.

    python -m stages.generate --row pagan --seed 0 --data data/digits --model runs/pagan/0/model \\
        --out runs/pagan/0/generated --provenance runs/pagan/0/provenance/generate.json

The codes of the samples depend on the seed alone, so that grids of two rows show the same codes. A row that
`generate.features` in params.yaml names also keeps its encoder's features of training and test images. A system that
colours grey images also colours each test image several times, and in the colours of others. A row whose training kept
its generator along the way (`snapshots`) makes samples with each.
"""

from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch

from stages import arrays, door, params, record
from stages.generate import along, colorizations, features, interpolation
from stages.generate.decoding import BATCH, to_images
from stages.train import contract, kept
from stages.train.streams import Streams


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.generate", __doc__)
    parser.add_argument("--row", required=True, help="a key of `rows` in params.yaml")
    parser.add_argument("--seed", type=door.seed, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder that fetch made; its test images are used")
    parser.add_argument("--model", type=Path, help="folder that train made; a row without a model needs none")
    parser.add_argument("--out", type=Path, required=True, help="folder to make: arrays of images, card.json")
    parser.add_argument("--provenance", type=Path, help="JSON file to write: where the images came from")
    args = parser.parse_args(argv)

    suite = params.load(args.params)
    system, sizes = suite.row(args.row).system, suite.sizes.generate
    images = np.array(arrays.load(args.data / "test" / "images.npy")[: sizes.images])
    provenance = record.Provenance(
        "generate", asdict(sizes), f"dvc repro {suite.stage('generate', args.row, args.seed)}"
    )
    torch.set_num_threads(suite.sizes.threads)
    unseen = Streams(args.seed).seeds["generation"]  # of codes that training has not seen
    draw = Streams(unseen)

    card: dict[str, Any] = {"row": args.row, "seed": args.seed, "system": system, "status": "generated"}
    if system in params.modelfree_systems():
        module = import_module(f"stages.generate.modelfree.{system}")
        made = module.generate(images, suite.settings(args.row), sizes.samples, draw)
    elif args.model is None:
        raise door.UserError(f"--model is missing: row {args.row!r} has a model; give the folder that train made")
    else:
        model = kept.card(args.model, args.row, args.seed)
        card |= {"weights_sha256": model.get("weights_sha256"), "diverged": model["diverged"]}
        if model["status"] == "diverged":
            card["status"], made = "diverged", {}
        else:
            trained = kept.load(args.model, model)
            made = from_model(trained, images, sizes.samples, sizes.colorizations, draw)
            if args.row in sizes.features:
                made |= features.labelled(trained, args.data, sizes.features[args.row], len(images), draw)
            if model["snapshots"]:
                card["snapshots"] = moments = model["snapshots"]
                made["snapshots"] = along.samples(trained, args.model, moments, sizes.samples, images, Streams(unseen))

    with record.new_folder(args.out) as folder:
        for name, array in made.items():
            arrays.save(folder, name, array)
        record.write(folder / "card.json", card | {"arrays": {name: len(array) for name, array in made.items()}})
    if args.provenance:
        provenance.write(args.provenance, seed=args.seed)
    counts = ", ".join(f"{len(array):,} {name}" for name, array in made.items())
    door.say(f"{args.out}: {counts or 'nothing, because the training diverged'}")


@torch.no_grad()
def from_model(
    system: contract.System, images: np.ndarray, samples: int, each: int, draw: Streams
) -> dict[str, np.ndarray]:
    """Samples of a conditional system are given the test images in turn, and it makes `each` of every one besides."""
    in_turn = images[np.arange(samples) % len(images)]
    made, codes = {"samples": to_images(system, system.prior(samples, draw), in_turn)}, None
    if system.encodes:
        batches = np.split(images, range(BATCH, len(images), BATCH))
        codes = torch.cat([system.encode(contract.to_unit_range(torch.from_numpy(x)), draw) for x in batches])
        made |= {"originals": images, "reconstructions": to_images(system, codes, images), "codes": codes.numpy()}
        if len(images) > 1 and not system.conditional:  # whose walk would change the colours of one image alone
            walks = interpolation.walks(system, codes)
            pairs, steps, _ = walks.shape
            walked = to_images(system, walks.flatten(0, 1), np.repeat(images[:pairs], steps, axis=0))
            made["interpolations"] = walked.reshape(pairs, steps, *images.shape[1:])
    return made | colorizations.several(system, images, codes, each, draw) if system.conditional else made


if __name__ == "__main__":
    door.enter(main)
