"""Time one iteration of PAGAN in the default profile, each measure of speed against its absence, in alternation.

    python -m benchmarks.train_step [--rounds 8]

Needs `dvc repro fetch@digits` first. Prints milliseconds (median over rounds) and the ratio to the loop as it is.
"""

import argparse
import contextlib
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import torch

from stages import arrays, params
from stages.train import contract
from stages.train.__main__ import deterministic
from stages.train.loop import Run
from stages.train.streams import Streams

ITERATIONS = 30


def run() -> Run:
    suite = params.load(Path("params.yaml"))
    settings = suite.settings("pagan")
    images = torch.from_numpy(arrays.load(Path("data/digits/train/images.npy")).copy())
    made = Run(contract.build("pagan", settings, list(images.shape[1:])), Streams(0), images, settings["batch"])
    made.system.train()
    return made


def without_cached_spectral_norm() -> contextlib.AbstractContextManager[object]:
    return mock.patch("torch.nn.utils.parametrize.cached", contextlib.nullcontext)


def plain_adam() -> Run:
    adam = torch.optim.Adam

    def unfused(*parameters: object, fused: bool, **settings: object) -> torch.optim.Optimizer:
        return adam(*parameters, **settings)  # type: ignore[arg-type]

    with mock.patch("torch.optim.Adam", unfused):
        return run()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=8)
    rounds = parser.parse_args().rounds
    deterministic(1)
    nothing: Callable[[], contextlib.AbstractContextManager[object]] = contextlib.nullcontext
    cases = {
        "as it is": (run(), nothing),
        "spectral norm at every forward pass": (run(), without_cached_spectral_norm),
        "Adam not fused": (plain_adam(), nothing),
    }
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, (training, condition) in cases.items():
            with condition():
                began = time.perf_counter()
                for _ in range(ITERATIONS):
                    training.iterate()
                times[name].append((time.perf_counter() - began) / ITERATIONS * 1000)
    base = statistics.median(times["as it is"])
    for name, found in times.items():
        print(f"{name:40} {statistics.median(found):6.1f} ms   x {statistics.median(found) / base:.2f}")


if __name__ == "__main__":
    main()
