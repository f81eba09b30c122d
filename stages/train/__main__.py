"""Train one row with one seed.

    python -m stages.train --row pagan --seed 0 --data data/digits --out runs/pagan/0/model \\
        --log runs/pagan/0/log --provenance runs/pagan/0/provenance/train.json

A run that was killed goes on from its last checkpoint, to the same bytes. The environment may set SUITE_DEVICE
(cpu, cuda; default: cuda if there is one) and SUITE_CHECKPOINT_SECONDS (default 10).
"""

import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tqdm import tqdm

from stages import arrays, door, params, record
from stages.train import contract
from stages.train.checkpoint import Checkpoints, code_digest
from stages.train.loop import Run
from stages.train.streams import Streams


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.train", __doc__)
    parser.add_argument("--row", required=True, help="a key of `rows` in params.yaml")
    parser.add_argument("--seed", type=door.seed, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder that fetch made")
    parser.add_argument("--out", type=Path, required=True, help="folder to make: weights.safetensors, card.json")
    parser.add_argument("--log", type=Path, help="folder to make: dvclive's log of every loss (default: none)")
    parser.add_argument("--provenance", type=Path, help="JSON file to write: where the weights came from")
    args = parser.parse_args(argv)

    suite = params.load(args.params)
    row = suite.row(args.row)
    if row.system in params.modelfree_systems():
        raise door.UserError(f"--row is {args.row!r}, which has no model to train; generate and evaluate it")
    data = record.read(args.data / "card.json")
    if data["name"] != suite.dataset_of(args.row):
        raise door.UserError(
            f"--data holds {data['name']}, but row {args.row!r} runs on {suite.dataset_of(args.row)}; "
            "give that folder, or change `use` in params.yaml"
        )
    settings = suite.settings(args.row)
    device = choose_device()
    threads = suite.sizes.threads
    deterministic(threads)

    images = torch.from_numpy(arrays.load(args.data / "train" / "images.npy").copy()).to(device)
    streams = Streams(args.seed, device)
    system = contract.build(row.system, settings, data["shape"], streams.seeds["init"]).to(device)
    run = Run(system, streams, images, settings["batch"])

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
    provenance = record.Provenance("train", settings, f"dvc repro train-{row.system}@{args.row}-{args.seed}")
    resumed_at = train(
        run, Checkpoints(inputs), settings["iterations"], suite.sizes.log_every, f"{args.row} {args.seed}"
    )

    if args.log:
        write_log(args.log, run.progress.history)
    with record.new_folder(args.out) as folder:
        write_model(folder, run, {name: inputs[name] for name in ("row", "seed", "system", "settings", "code")})
    Checkpoints(inputs).clear()
    if args.provenance:
        where = f"{torch.cuda.get_device_name()}" if device == "cuda" else "cpu"
        provenance.write(args.provenance, seed=args.seed, device=where, threads=threads, resumed_at=resumed_at)
    door.say(f"{args.out}: {outcome(run)}")


def train(run: Run, checkpoints: Checkpoints, iterations: int, log_every: int, name: str) -> int:
    """Run to the end, from the last checkpoint if there is one; returns the iteration it went on from."""
    kept = checkpoints.latest()
    if kept is not None:
        run.restore(kept)
        door.say(f"{name}: going on from iteration {run.progress.iteration:,} of {iterations:,}")
    start = run.progress.iteration
    seconds = door.environment_number("SUITE_CHECKPOINT_SECONDS", 10)
    saved = time.monotonic()

    with tqdm(total=iterations, initial=start, desc=name, unit="it", disable=None) as bar:
        said = time.monotonic()

        def logged(run: Run) -> None:
            nonlocal saved, said
            bar.update(run.progress.iteration - bar.n)
            now = time.monotonic()
            if run.progress.diverged:
                return
            if bar.disable and now - said > 15:
                said = now
                door.say(f"{name}: iteration {run.progress.iteration:,} of {iterations:,}, {remaining(run, now)}")
            if now - saved >= seconds:
                checkpoints.save(run.state())
                saved = time.monotonic()

        began = time.monotonic()

        def remaining(run: Run, now: float) -> str:
            left = (iterations - run.progress.iteration) * (now - began) / max(run.progress.iteration - start, 1)
            return f"about {left:.0f} s to go"

        run.advance(iterations, log_every, logged)
    return start


def choose_device() -> str:
    wanted = os.environ.get("SUITE_DEVICE") or ("cuda" if torch.cuda.is_available() else "cpu")
    if wanted not in ("cpu", "cuda"):
        raise door.UserError(f"environment: SUITE_DEVICE is {wanted!r}; choose cpu or cuda")
    if wanted == "cuda" and not torch.cuda.is_available():
        raise door.UserError("environment: SUITE_DEVICE is 'cuda', but torch sees no such device; choose cpu")
    return wanted


def deterministic(threads: int) -> None:
    """Same commit, params and machine, same bytes. TF32 stays off: the papers computed in float32."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # none is ever read
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.allow_tf32 = False


def write_log(folder: Path, history: list[dict[str, float]]) -> None:
    """dvclive's files of every logged number, as `dvc plots` reads them."""
    from dvclive.live import Live  # here, because a machine that only trains may lack it

    shutil.rmtree(folder, ignore_errors=True)
    with Live(str(folder), dvcyaml=None, save_dvc_exp=False, report=None, monitor_system=False) as live:
        for entry in history:
            live.step = int(entry["iteration"])
            for name, value in entry.items():
                if name != "iteration":
                    live.log_metric(name, value)


def write_model(folder: Path, run: Run, about: dict[str, Any]) -> None:
    """The weights (none if the run diverged) and a card that says what they are."""
    card = about | {
        "status": "diverged" if run.progress.diverged else "trained",
        "diverged": run.progress.diverged,
        "iterations": run.progress.iteration,
        "shape": run.system.shape,
        "parameters": {name: sum(p.numel() for p in owned) for name, owned in run.parameters.items()},
        "docstring": sys.modules[type(run.system).__module__].__doc__,  # the report quotes it
    }
    if not run.progress.diverged:
        weights = {name: tensor.detach().cpu().contiguous() for name, tensor in run.system.state_dict().items()}
        save_file(weights, folder / "weights.safetensors")
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
