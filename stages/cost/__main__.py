"""Time what an epoch of training costs: AGE, ALI and a VAE by turns, on one machine, with one batch.

    python -m stages.cost --data data/digits --out costs/digits.json --provenance costs/provenance/digits.json

For AGE's claim (sec. 3.1) that ALI's epochs take three times as long. An epoch is as many iterations as the training
images fill batches; how many further batches a system takes in an iteration is its own affair. The networks are those
of the rows: the same dense ones by default, each system's own convolutional ones in the profile `paper`.

These are numbers of this machine and this moment, the only ones among all results that no seed can bring back. So they
have a file of their own, on which nothing that trains or scores depends: the tables read it for that claim alone. The
environment may set SUITE_DEVICE (cpu, cuda; default: cuda if there is one).
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from stages import arrays, door, params, record
from stages.cost.timing import by_turns, clock_of, epoch_seconds
from stages.params import Params
from stages.train import contract
from stages.train.__main__ import deterministic
from stages.train.loop import Run
from stages.train.streams import Streams


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.cost", __doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that fetch made; its training images are used")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write: seconds of every row and seed")
    parser.add_argument("--provenance", type=Path, help="JSON file to write: which machine that was")
    args = parser.parse_args(argv)

    suite = params.load(args.params)
    sizes, card = suite.sizes.cost, record.read(args.data / "card.json")
    provenance = record.Provenance("cost", asdict(sizes), f"dvc repro --force cost@{card['name']}")
    device = door.environment_device(torch.cuda.is_available())
    deterministic(suite.sizes.threads)
    images = torch.from_numpy(arrays.load(args.data / "train" / "images.npy").copy()).to(device)

    settings = settings_on(card["name"], suite)
    seconds: dict[str, dict[str, list[float]]] = {name: {} for name in settings}
    for seed in suite.seeds:
        runs = {name: started(name, knobs, images, seed) for name, knobs in settings.items()}
        for name, found in by_turns(runs, sizes.rounds, sizes.iterations, clock_of(device)).items():
            seconds[name][str(seed)] = found
    told = {
        "dataset": {name: card[name] for name in ("name", "title", "stand_in")},
        "images": len(images),
        "sizes": asdict(sizes),
        "rows": {name: of_row(settings[name], found, len(images)) for name, found in seconds.items()},
    }
    record.write(args.out, told)
    if args.provenance:
        provenance.write(args.provenance, device=device, threads=suite.sizes.threads)
    door.say(f"{args.out}: {outcome(told)}")


def settings_on(dataset: str, suite: Params) -> dict[str, dict[str, Any]]:
    """{row, as papers name it: its knobs on this dataset, with the first row's batch}, of the rows that are timed."""
    main_dataset = dataset == suite.use[0]
    rows = {name: name if main_dataset else f"{name}-{dataset}" for name in params.TIMED}
    found = {name: suite.settings(row) for name, row in rows.items() if row in suite.rows}
    return {name: knobs | {"batch": next(iter(found.values()))["batch"]} for name, knobs in found.items()}


def started(system: str, settings: dict[str, Any], images: torch.Tensor, seed: int) -> Run:
    device = str(images.device)
    streams = Streams(seed, device)
    made = contract.build(system, settings, list(images.shape[1:]), streams.seeds["init"]).to(device).train()
    return Run(made, streams, images, settings["batch"])


def of_row(settings: dict[str, Any], seconds: dict[str, list[float]], images: int) -> dict[str, Any]:
    an_epoch = max(images // settings["batch"], 1)
    return {
        **{name: settings[name] for name in ("networks", "batch")},
        "iterations_an_epoch": an_epoch,
        "seconds_an_iteration": seconds,
        "epoch_seconds": {seed: epoch_seconds(found, an_epoch) for seed, found in seconds.items()},
    }


def outcome(told: dict[str, Any]) -> str:
    means = {name: sum(row["epoch_seconds"].values()) / len(row["epoch_seconds"]) for name, row in told["rows"].items()}
    listed = ", ".join(f"{name} {mean:.3g} s" for name, mean in means.items())
    return f"an epoch of {told['dataset']['title']}: {listed or 'none of the rows that are timed runs on it'}"


if __name__ == "__main__":
    door.enter(main)
