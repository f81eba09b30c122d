"""CelebA has 162,770 training images: what fetch holds in memory must not grow with them."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.fetch.small import encode

# Linux keeps the peak of a process in /proc; what getrusage tells may be that of the process that started it.
FETCH = """
import sys
from pathlib import Path
from stages.fetch.__main__ import main
main(["--dataset", "celeba", "--params", *sys.argv[1:]])
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(int(peak.split()[1]) * 1024)
"""
IMAGES, WHOLE = 20_000, 162_770


def peak(images: int, folder: Path, params: Path) -> int:
    words = [sys.executable, "-c", FETCH, str(params), "--out", str(folder / f"data-{images}")]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return int(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_the_peak_of_memory_does_not_grow_with_the_images(params_for: Callable[..., Path], tmp_path: Path) -> None:
    flat = np.random.default_rng(0).integers(0, 256, (50, 3), np.uint8)  # of one colour, which is quickly decoded
    files = [encode(np.broadcast_to(colour, (218, 178, 3)), "JPEG") for colour in flat]
    for number, data in enumerate(files):
        (tmp_path / f"{number}.jpg").write_bytes(data)
    peaks = {}
    for images in (200, IMAGES):
        folder = tmp_path / str(images)
        for split, count in {"train": images, "test": 10}.items():
            (folder / split).mkdir(parents=True)
            for number in range(count):
                os.link(tmp_path / f"{number % 50}.jpg", folder / split / f"{number}.jpg")
        peaks[images] = peak(images, tmp_path, params_for("celeba", source=f"folder:{folder}"))
    assert (tmp_path / f"data-{IMAGES}/train/images.npy").stat().st_size > IMAGES * 64 * 64 * 3
    assert peaks[IMAGES] < 4 * 2**30 * IMAGES / WHOLE  # 4 GiB for all of CelebA
    assert peaks[IMAGES] - peaks[200] < IMAGES * 64 * 64 * 3 / 8  # not even the arrays were held
