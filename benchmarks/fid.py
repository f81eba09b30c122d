"""Time FID from features, 50,000 + 50,000 of 2,048 numbers, beside torch-fidelity's own functions.

    python -m benchmarks.fid [--rows 50000] [--features 2048] [--rounds 3]

The features are made up from a seed: rectified, correlated, of unequal spreads, as a network's are; in single
precision, as a network gives them. torch-fidelity gets them in double, since it computes in what it is given. A row of
the pipeline finds the reference's moments kept (stages/evaluate/kept.py), so that way is timed too. Prints
seconds on the clock and of the processor, as medians over rounds in alternation, and how far the two are apart.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from torch_fidelity.metric_fid import KEY_METRIC_FID, fid_features_to_statistics, fid_statistics_to_metric

from stages.evaluate.metrics.fid import distance, fid, moments


def made_up(rows: int, features: int, seed: int) -> np.ndarray:
    draw, mixing = np.random.default_rng(seed), np.random.default_rng(7).standard_normal((features, features))
    mixing = mixing.astype(np.float32) * 3 / np.float32(features**0.5)
    spreads = np.arange(1, features + 1, dtype=np.float32) ** -0.5
    made = np.empty((rows, features), np.float32)
    for at in range(0, rows, 5000):
        part = made[at : at + 5000]
        part[:] = draw.standard_normal(part.shape, dtype=np.float32) * spreads @ mixing * (1 + seed / 10) + 0.2
    return np.maximum(made, 0)


def theirs(samples: np.ndarray, reference: np.ndarray) -> float:
    told = [fid_features_to_statistics(torch.from_numpy(array)) for array in (samples, reference)]
    return float(fid_statistics_to_metric(*told, verbose=False)[KEY_METRIC_FID])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--features", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    single = [made_up(args.rows, args.features, seed) for seed in (0, 1)]
    double = [array.astype(np.float64) for array in single]
    known = moments(single[1], "the reference")
    ways: dict[str, Callable[[], float]] = {
        "this suite": lambda: fid(*single),
        "a row of it": lambda: distance(moments(single[0], "samples"), known),
        "torch-fidelity": lambda: theirs(*double),
    }
    values: dict[str, float] = {}
    costs: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for _ in range(args.rounds):
        for way, run in ways.items():
            began, busy = time.perf_counter(), time.process_time()
            values[way] = run()
            costs[way].append((time.perf_counter() - began, time.process_time() - busy))
    for way, rounds in costs.items():
        clock, processor = (statistics.median(column) for column in zip(*rounds, strict=True))
        print(f"{way:15} {clock:5.1f} s, {processor:5.1f} s of the processor; FID {values[way]:.6g}")
    here, there = values["this suite"], values["torch-fidelity"]
    print(f"apart: {abs(here - there) / there:.1e} of it")


if __name__ == "__main__":
    main()
