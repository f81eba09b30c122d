"""MNIST as it is published: four .gz files in the IDX format. `mnist` and what is built from it share them."""

import struct
from collections.abc import Mapping
from contextlib import ExitStack
from io import BytesIO
from math import prod
from pathlib import Path

import numpy as np

from stages.door import UserError
from stages.fetch.sources import members
from stages.fetch.sources.dataset import Archive, Form, Origin, Splits, from_arrays

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://dataset.bj.bcebos.com/mnist/",
)
FILES = {  # the checksums that torchvision records
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}
LICENCE = "usually given as CC BY-SA 3.0; Y. LeCun, C. Cortes, C. Burges"
PUBLISHED = {"train": 60_000, "test": 10_000}


def unpack(files: Mapping[str, Path], stack: ExitStack) -> Splits:
    found = {}
    for split, start in {"train": "train", "test": "t10k"}.items():
        images, labels = files[f"{start}-images-idx3-ubyte.gz"], files[f"{start}-labels-idx1-ubyte.gz"]
        found[split] = from_arrays(read(images, 3)[..., None], read(labels, 1), str(images))
    return found


def read(path: Path, dimensions: int) -> np.ndarray:
    plain = BytesIO()
    members.gunzip(path, plain)
    return parse(plain.getvalue(), dimensions, str(path))


def parse(data: bytes, dimensions: int, where: str) -> np.ndarray:
    """IDX: 0, 0, the type (8: bytes), the number of dimensions; each dimension's size, big-endian; the values."""
    start = 4 + 4 * dimensions
    if len(data) < start or data[:4] != bytes([0, 0, 8, dimensions]):
        raise UserError(f"{where} is no IDX file of bytes in {dimensions} dimensions; get it again")
    shape = struct.unpack(f">{dimensions}I", data[4:start])
    if len(data) - start != prod(shape):
        raise UserError(f"{where} holds {len(data) - start:,} values, but its head says {shape}; get it again")
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


ORIGIN = Origin(
    form=Form(channels=1, size=(28, 28)),
    classes=10,
    published=PUBLISHED,
    names=tuple("0123456789"),
    archives=tuple(Archive(name, md5, tuple(mirror + name for mirror in MIRRORS)) for name, md5 in FILES.items()),
    unpack=unpack,
)


def padded(pixels: np.ndarray, size: int) -> np.ndarray:
    """With as many rows and columns of zeros on every side as `size` wants."""
    by = (size - 28) // 2
    return np.pad(pixels, ((by, by), (by, by), (0, 0)))
