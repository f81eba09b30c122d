"""Train one row with one seed.

    python -m stages.train --row pagan --seed 0 --data data/digits --out runs/pagan/0/model \\
        --losses runs/pagan/0/losses.csv --provenance runs/pagan/0/provenance/train.json
    python -m stages.train --row ijae --seed 0 --profile paper --iterations 200

The second leaves the folders to the layout of `dvc repro`, and needs neither DVC nor more than torch and PyYAML.
A run that was killed goes on from its last checkpoint, to the same bytes. The environment may set SUITE_DEVICE (cpu,
cuda; default: cuda if there is one) and SUITE_CHECKPOINT_SECONDS (default 10).
"""

import csv
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from stages import arrays, door, params, record, weights
from stages.train import contract, measuring, snapshots
from stages.train.checkpoint import Checkpoints, code_digest
from stages.train.loop import Run
from stages.train.streams import Streams


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.train", __doc__)
    parser.add_argument("--row", required=True, help="a key of `rows` in params.yaml")
    parser.add_argument("--seed", type=door.seed, required=True)
    parser.add_argument("--data", type=Path, help="folder that fetch made (default: data/<dataset of the row>)")
    parser.add_argument("--out", type=Path, help="folder to make: weights, card (default: runs/<row>/<seed>/model)")
    parser.add_argument(
        "--losses", type=Path, help="CSV file to write: every loss as logged, and errors (default: none)"
    )
    parser.add_argument("--provenance", type=Path, help="JSON file to write: where the weights came from")
    parser.add_argument("--profile", help="instead of the one that params.yaml names")
    parser.add_argument("--iterations", type=door.count, help="instead of the row's own")
    args = parser.parse_args(argv)

    suite = params.load(args.params, args.profile)
    row = suite.row(args.row)
    if row.system in params.modelfree_systems():
        raise door.UserError(f"--row is {args.row!r}, which has no model to train; generate and evaluate it")
    folder = args.data or Path("data") / suite.dataset_of(args.row)
    out = args.out or Path("runs") / args.row / str(args.seed) / "model"
    data = record.read(folder / "card.json")
    if data["name"] != suite.dataset_of(args.row):
        raise door.UserError(
            f"{folder} holds {data['name']}, but row {args.row!r} runs on {suite.dataset_of(args.row)}; "
            "give --data, or change `use` in params.yaml"
        )
    settings = suite.settings(args.row) | ({"iterations": args.iterations} if args.iterations else {})
    device = door.environment_device(torch.cuda.is_available())
    threads = suite.sizes.threads
    deterministic(threads)

    images = torch.from_numpy(arrays.load(folder / "train" / "images.npy").copy()).to(device)
    streams = Streams(args.seed, device)
    system = contract.build(row.system, settings, data["shape"], streams.seeds["init"]).to(device)
    run = Run(system, streams, images, settings["batch"])
    tests = torch.from_numpy(arrays.load(folder / "test" / "images.npy")[: measuring.IMAGES].copy()).to(device)

    inputs = {
        "row": args.row,
        "seed": args.seed,
        "system": row.system,
        "settings": settings,
        "log_every": suite.sizes.log_every,
        "data": data,
        "device": device,
        "threads": threads,
        "code": code_digest(),
        "torch": torch.__version__,
    }
    provenance = record.Provenance("train", settings, f"dvc repro {suite.stage('train', args.row, args.seed)}")
    name = f"{args.row} {args.seed}"
    moments = snapshots.moments(settings.get("snapshots", 0), settings["iterations"], suite.sizes.log_every)
    checkpoints = Checkpoints(inputs)
    resumed_at = train(run, checkpoints, settings["iterations"], suite.sizes.log_every, name, tests, moments)

    if args.losses:
        write_losses(args.losses, run.progress.history)
    with record.new_folder(out) as made:
        about = {name: inputs[name] for name in ("row", "seed", "system", "settings", "code")}
        write_model(made, run, about | {"snapshots": [] if run.progress.diverged else moments})
        if not run.progress.diverged:
            snapshots.collect(checkpoints.folder, moments, made)
    checkpoints.clear()
    if args.provenance:
        where = f"{torch.cuda.get_device_name()}" if device == "cuda" else "cpu"
        provenance.write(args.provenance, seed=args.seed, device=where, threads=threads, resumed_at=resumed_at)
    door.say(f"{out}: {outcome(run)}")


def train(
    run: Run,
    checkpoints: Checkpoints,
    iterations: int,
    log_every: int,
    name: str,
    tests: Tensor,
    moments: Sequence[int] = (),
) -> int:
    """Run to the end, from the last checkpoint if there is one; returns the iteration it went on from.

    Test images are only measured by: nothing learns from them, and nothing is chosen by what they show. At each of the
    `moments` the generator is kept.
    """
    kept = checkpoints.latest()
    if kept is not None:
        run.restore(kept)
        door.say(f"{name}: going on from iteration {run.progress.iteration:,} of {iterations:,}")
    start = run.progress.iteration
    seconds = door.environment_number("SUITE_CHECKPOINT_SECONDS", 10)
    saved = time.monotonic()
    progress = door.Progress(name, iterations, start)

    def logged(run: Run) -> None:
        nonlocal saved
        if run.progress.diverged:
            return
        measuring.add_to_log(run, tests)
        if run.progress.iteration in moments:
            snapshots.keep(run, checkpoints.folder)
        progress.reached(run.progress.iteration)
        if time.monotonic() - saved >= seconds:
            checkpoints.save(run.state())
            saved = time.monotonic()

    run.advance(iterations, log_every, logged)
    return start


def deterministic(threads: int) -> None:
    """Same commit, params and machine, same bytes. TF32 stays off: the papers computed in float32."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_num_threads(threads)
    torch.set_deterministic_debug_mode("error")
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # none is ever read
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.allow_tf32 = False


def write_losses(path: Path, history: list[dict[str, float]]) -> None:
    """A line a logged iteration, a column a number, as `dvc plots` reads it."""
    columns = list(dict.fromkeys(name for entry in history for name in entry)) or ["iteration"]
    with record.new_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns, lineterminator="\n")
        table.writeheader()
        table.writerows(history)


def write_model(folder: Path, run: Run, about: dict[str, Any]) -> None:
    """The weights (none if the run diverged) and a card that says what they are."""
    card = about | {
        "status": "diverged" if run.progress.diverged else "trained",
        "diverged": run.progress.diverged,
        "iterations": run.progress.iteration,
        "shape": run.system.shape,
        "encodes": run.system.encodes,
        "cited": run.system.cited,
        "terms": {"likelihood": list(run.system.likelihood), "to_prior": list(run.system.to_prior)},
        "parameters": {name: sum(p.numel() for p in owned) for name, owned in run.parameters.items()},
        "docstring": sys.modules[type(run.system).__module__].__doc__,  # the report quotes it
    }
    if not run.progress.diverged:
        kept = {name: tensor.detach().cpu().numpy() for name, tensor in run.system.state_dict().items()}
        weights.save(folder / "weights.safetensors", kept)
        card["weights_sha256"] = record.file_digest(folder / "weights.safetensors")
    record.write(folder / "card.json", card)


def outcome(run: Run) -> str:
    lost = run.progress.diverged
    if lost:
        return f"diverged at iteration {lost['iteration']}: the {lost['player']}'s loss was {lost['loss']}"
    last = run.progress.history[-1] if run.progress.history else {}
    losses = ", ".join(f"{name} {value:.3g}" for name, value in last.items() if name != "iteration")
    return f"{run.progress.iteration:,} iterations; last losses {losses}"


if __name__ == "__main__":
    door.enter(main)
