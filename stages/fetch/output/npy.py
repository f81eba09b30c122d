"""A split written to its folder image by image: what is in memory is one image and one number a label."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from stages import arrays
from stages.fetch.sources.dataset import Split


@dataclass
class Written:
    """What a card wants to know of a split."""

    shape: tuple[int, ...]  # of the array of images
    labels: np.ndarray
    images_sha256: str
    extras_sha256: Mapping[str, str]
    prints: list[bytes]  # a short hash of each image


def write(folder: Path, split: Split, title: str) -> Written:
    """images.npy, labels.npy and the extras, as np.save would write them."""
    folder.mkdir()
    labels: list[int] = []
    prints: list[bytes] = []
    shape: tuple[int, ...] = ()
    with (folder / "images.npy").open("wb", buffering=2**20) as file:
        for pixels, label, _ in tqdm(split.items, desc=title, total=split.count, unit="image", disable=None):
            if not labels:
                shape = pixels.shape
                file.write(header((0, *shape)))
            assert (pixels.shape, pixels.dtype) == (shape, np.uint8), "a dataset prepares all images alike"
            data = np.ascontiguousarray(pixels).data
            file.write(data)
            labels.append(label)
            prints.append(hashlib.blake2b(data, digest_size=16).digest())
        shape = (len(labels), *shape)
        file.seek(0)
        file.write(header(shape))  # as long as before: numpy leaves room for the count
    whole = np.asarray(labels, np.int64)
    arrays.save(folder, "labels", whole)
    for name, extra in split.extras.items():
        arrays.save(folder, name, extra)
    return Written(
        shape=shape,
        labels=whole,
        images_sha256=digest(folder / "images.npy", shape),
        extras_sha256={name: arrays.digest(extra) for name, extra in split.extras.items()},
        prints=prints,
    )


def header(shape: tuple[int, ...]) -> bytes:
    file = BytesIO()
    told: dict[str, Any] = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, told)
    return file.getvalue()


def digest(path: Path, shape: tuple[int, ...]) -> str:
    """arrays.digest of the images, read in pieces."""
    told = hashlib.sha256(f"uint8 {shape}".encode())
    with path.open("rb") as file:
        file.seek(len(header(shape)))
        while piece := file.read(2**20):
            told.update(piece)
    return told.hexdigest()
