"""Time fetching CIFAR-10 from parquet against a plain loop that decodes the same images and does nothing else.

    python -m benchmarks.fetch_parquet [--parquet FOLDER] [--rounds 3]

Without a folder of train.parquet and test.parquet, 60,000 blurred noise images are made, as PNG. Prints, as the
median over rounds, seconds, processor time an image, and the rate as a share of the plain loop's.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from stages.fetch.__main__ import main as fetch

COUNTS = {"train": 50_000, "test": 10_000}


def make(folder: Path) -> None:
    draw = np.random.default_rng(0)
    for split, count in COUNTS.items():
        rows = []
        for _ in range(count):
            file = BytesIO()
            small = Image.fromarray(draw.integers(0, 256, (8, 8, 3), np.uint8))
            small.resize((32, 32), Image.Resampling.BICUBIC).save(file, "PNG")
            rows.append({"bytes": file.getvalue(), "path": None})
        labels = draw.integers(0, 10, count)
        pq.write_table(pa.table({"image": rows, "label": labels}), folder / f"{split}.parquet", row_group_size=1000)


def plain(encoded: list[bytes]) -> None:
    for data in encoded:
        np.asarray(Image.open(BytesIO(data)))


def timed(run: Callable[[], None]) -> tuple[float, float]:
    """Seconds on the clock, and of the processor."""
    began, busy = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - began, time.process_time() - busy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--parquet", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.parquet or Path(scratch)
        if args.parquet is None:
            make(folder)
        encoded = [
            row["bytes"]
            for split in COUNTS
            for row in pq.read_table(folder / f"{split}.parquet", columns=["image"])["image"].to_pylist()
        ]
        words = ["--dataset", "cifar10", "--source", f"parquet:{folder}", "--out", f"{scratch}/data/cifar10"]
        cases: dict[str, Callable[[], None]] = {
            "a plain loop of Pillow": lambda: plain(encoded),
            "fetch": lambda: fetch(words),
        }
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in cases}
        for _ in range(args.rounds):
            for name, run in cases.items():
                found[name].append(timed(run))
    busy = {name: statistics.median(one for _, one in times) for name, times in found.items()}
    for name, times in found.items():
        seconds = statistics.median(one for one, _ in times)
        share = busy["a plain loop of Pillow"] / busy[name]
        print(f"{name:24} {seconds:5.1f} s   {busy[name] / len(encoded) * 1e6:5.0f} µs an image   x {share:.2f}")


if __name__ == "__main__":
    main()
