"""SVHN, cropped digits: 99,289 house-number digits, 32 x 32, colour. Published as two MATLAB files.

Differs from the papers: none says whether the 531,131 further images of `extra` are used; here they are not.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from stages.door import UserError
from stages.fetch.sources import members
from stages.fetch.sources.broken import reading
from stages.fetch.sources.dataset import Archive, Dataset, Form, Origin, Splits, from_arrays

ADDRESS = "http://ufldl.stanford.edu/housenumbers/"
FILES = {  # the checksums that torchvision records
    "train_32x32.mat": "e26dedcc434d2e4c54c9b2d4a06d8373",
    "test_32x32.mat": "eb5a983be6a315427106f1b164d9cef3",
}


def unpack(files: Mapping[str, Path], stack: ExitStack) -> Splits:
    return {
        split: from_arrays(*matlab(files[name]), str(files[name]))
        for split, name in zip(("train", "test"), FILES, strict=True)
    }


def matlab(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Images [n, 32, 32, 3] of X, which has n last, and labels of y, where 10 stands for the digit 0."""
    from scipy.io import loadmat, whosmat

    with reading(path):
        told = {name: (shape, kind) for name, shape, kind in whosmat(path)}
        shape, kind = told.get("X", ((), ""))
    if len(shape) != 4 or shape[:3] != (32, 32, 3) or kind != "uint8" or told.get("y", [()])[0] != (shape[3], 1):
        raise UserError(f"{path} holds {told}, not X of 32 x 32 x 3 x n bytes and y of n labels; get it again")
    members.check_total(int(np.prod(shape)), path)
    with reading(path):
        held = loadmat(path, variable_names=["X", "y"])
        labels = held["y"][:, 0].astype(np.int64)
    return held["X"].transpose(3, 0, 1, 2), np.where(labels == 10, 0, labels)


DATASET = Dataset(
    title="SVHN",
    licence="for non-commercial use; see http://ufldl.stanford.edu/housenumbers/",
    origin=Origin(
        form=Form(channels=3, size=(32, 32)),
        classes=10,
        names=tuple("0123456789"),
        published={"train": 73_257, "test": 26_032},
        archives=tuple(Archive(name, md5, (ADDRESS + name,)) for name, md5 in FILES.items()),
        unpack=unpack,
    ),
    sizes=(32,),
    preprocessing="none; label 10 of the published files is the digit 0",
)
