"""CIFAR-10: 60,000 colour photographs, 32 x 32, of ten classes. Published as Python pickles in a .tar.gz.

The pickles are read after the archive's checksum has been verified, and then by a reader that knows numpy's arrays
alone: nothing else that a pickle may name is ever called.
"""

import pickle
from collections.abc import Mapping
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from stages.door import UserError
from stages.fetch.sources import download, members
from stages.fetch.sources.broken import reading
from stages.fetch.sources.dataset import Archive, Dataset, Form, Origin, Splits, from_arrays

ARCHIVE = "cifar-10-python.tar.gz"
BATCHES = {"train": [f"data_batch_{number}" for number in range(1, 6)], "test": ["test_batch"]}


def unpack(files: Mapping[str, Path], stack: ExitStack) -> Splits:
    inside = stack.enter_context(members.opened(files[ARCHIVE], download.folder()))
    found = {}
    for split, names in BATCHES.items():
        parts = [batch(inside.read(f"cifar-10-batches-py/{name}"), f"{inside.where}: {name}") for name in names]
        images, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        found[split] = from_arrays(images, labels, f"{inside.where}, {split}")
    return found


def batch(data: bytes, where: str) -> tuple[np.ndarray, np.ndarray]:
    """Images [n, 32, 32, 3] and labels of one pickle: a dictionary with rows of 1,024 reds, greens, then blues."""
    with reading(where):
        told = ArrayUnpickler(BytesIO(data), encoding="latin1").load()
        rows, labels = np.asarray(told["data"]), np.asarray(told["labels"])
    if rows.dtype != np.uint8 or rows.ndim != 2 or rows.shape[1] != 3072 or labels.dtype.kind not in "iu":
        raise UserError(f"{where} holds {rows.dtype} of shape {rows.shape}, not rows of 3,072 bytes; get it again")
    return rows.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), labels


class ArrayUnpickler(pickle.Unpickler):
    """Knows what numpy arrays of numpy 1 and 2 are made of."""

    def find_class(self, module: str, name: str) -> Any:
        known: dict[str, Any] = {
            "_reconstruct": np._core.multiarray._reconstruct,  # type: ignore[attr-defined]
            "ndarray": np.ndarray,
            "dtype": np.dtype,
        }
        if module in ("numpy", "numpy.core.multiarray", "numpy._core.multiarray") and name in known:
            return known[name]
        if (module, name) == ("_codecs", "encode"):  # how Python 3 writes bytes in the old protocol
            return encode
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no array needs")


def encode(text: str, encoding: str) -> bytes:
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"it asks for the encoding {encoding!r}")
    return text.encode("latin1")


DATASET = Dataset(
    title="CIFAR-10",
    licence="none stated; its authors ask to cite Krizhevsky 2009, Learning Multiple Layers of Features",
    origin=Origin(
        form=Form(channels=3, size=(32, 32)),
        classes=10,
        published={"train": 50_000, "test": 10_000},
        names=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        archives=(
            Archive(
                ARCHIVE,
                "c58f30108f718f92721af3b95e74349a",  # as torchvision records it
                (
                    f"https://www.cs.toronto.edu/~kriz/{ARCHIVE}",
                    f"https://dataset.bj.bcebos.com/cifar/{ARCHIVE}",
                ),
            ),
        ),
        unpack=unpack,
    ),
    sizes=(32,),
    preprocessing="none",
)
