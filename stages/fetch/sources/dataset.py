"""What a dataset's file says of it, and the form in which every source hands over its images: one at a time."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from stages.door import UserError
from stages.fetch.sources.members import Members


class Item(NamedTuple):
    pixels: np.ndarray  # uint8 [height, width, channels]
    label: int
    where: str  # for messages: the file and the place in it


@dataclass(frozen=True)
class Split:
    """Images in their order, to be gone through once; `extras` are arrays with a row for each, saved beside them."""

    count: int
    items: Iterable[Item]
    extras: Mapping[str, np.ndarray] = field(default_factory=dict)


Splits = dict[str, Split]
Listing = dict[str, list[tuple[str, int]]]  # {split: [(member, label)]}


@dataclass(frozen=True)
class Form:
    """What an image must be before it is prepared. Grey ones become colour only where a paper's set needs it."""

    channels: int
    size: tuple[int, int] | None  # (width, height); None: any, because preparing makes them one
    colour_grey: bool = False


@dataclass(frozen=True)
class Archive:
    """A file as its authors published it; `urls` are tried in turn, and its checksum, either of the two, decides."""

    name: str
    md5: str = ""
    urls: tuple[str, ...] = ()
    sha256: str = ""


@dataclass(frozen=True)
class Origin:
    """The images as they are published, in every place where they can be had."""

    form: Form
    published: Mapping[str, int]  # images in each split of the whole set
    classes: int = 1  # 1: labels are not used, and all are 0
    names: tuple[str, ...] = ()  # of the classes, in the order of their labels
    train_names: tuple[str, ...] = ("train",)  # what files and folders may call a split
    test_names: tuple[str, ...] = ("test",)
    archives: tuple[Archive, ...] = ()
    unpack: Callable[[Mapping[str, Path], ExitStack], Splits] | None = None  # of the archives, by their names
    unpacked: Callable[[Members], Listing | None] | None = None  # of a folder that holds what was in the archives
    bundled: Callable[[], Splits] | None = None

    @property
    def split_names(self) -> dict[str, tuple[str, ...]]:
        return {"train": self.train_names, "test": self.test_names}


def as_it_is(pixels: np.ndarray, size: int) -> np.ndarray:
    return pixels


def as_they_are(splits: Splits) -> Splits:
    return splits


@dataclass(frozen=True)
class Dataset:
    """A name of `datasets` in params.yaml: images of an origin, prepared one by one, then arranged."""

    title: str
    licence: str
    origin: Origin
    sizes: tuple[int, ...]
    preprocessing: str  # for the card; {size} stands for the size asked for
    prepare: Callable[[np.ndarray, int], np.ndarray] = as_it_is
    arrange: Callable[[Splits], Splits] = as_they_are
    labels: str = "the set's own"
    classes: int | None = None  # where arranging changes them
    stand_in: bool = False


def from_arrays(images: np.ndarray, labels: np.ndarray, where: str) -> Split:
    """A split of images [n, height, width, channels] that are in memory."""
    if len(images) != len(labels):
        raise UserError(f"{where} holds {len(images):,} images but {len(labels):,} labels; get it again")
    pairs = enumerate(zip(images, labels.tolist(), strict=True))
    return Split(len(images), (Item(pixels, label, f"{where}, image {n}") for n, (pixels, label) in pairs))
