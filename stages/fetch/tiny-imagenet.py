"""Tiny ImageNet: 110,000 labelled photographs of 200 classes, 64 x 64, JPEG. Published as one .zip.

The test split here is the published `val`: the published `test` has no labels. A class's label is its place in the
sorted list of the names (n01443537 ...).

Differs from the papers: AGE and ALI cite ILSVRC-2012; whether they shrank that or took this set is not stated.
"""

import re
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from stages.door import UserError
from stages.fetch.sources import images, members
from stages.fetch.sources.dataset import Archive, Dataset, Form, Listing, Origin, Splits
from stages.fetch.sources.members import Members
from stages.fetch.sources.order import natural

ARCHIVE, TOP = "tiny-imagenet-200.zip", "tiny-imagenet-200/"
ANNOTATIONS = "val/val_annotations.txt"
FORM = Form(channels=3, size=(64, 64), colour_grey=True)


def unpack(files: Mapping[str, Path], stack: ExitStack) -> Splits:
    inside = stack.enter_context(members.opened(files[ARCHIVE], files[ARCHIVE].parent))
    return {split: images.among(inside, chosen, FORM) for split, chosen in listing(inside, TOP).items()}


def unpacked(inside: Members) -> Listing | None:
    """Of the folder tiny-imagenet-200, or one that holds it."""
    for top in ("", TOP):
        if top + ANNOTATIONS in inside.names:
            return listing(inside, top)
    return None


def listing(inside: Members, top: str) -> Listing:
    shape = re.compile(rf"{top}train/(\w+)/(?:images/)?[^/]+\.JPEG")
    train = {name: match[1] for name in inside.names if (match := shape.fullmatch(name))}
    labels = {name: label for label, name in enumerate(sorted(set(train.values())))}
    where = f"{inside.where}: {top}{ANNOTATIONS}"
    test = [annotation(line, number, labels, where) for number, line in lines(inside.text(top + ANNOTATIONS))]
    return {
        "train": [(name, labels[train[name]]) for name in sorted(train, key=natural)],
        "test": [(f"{top}val/images/{name}", label) for name, label in sorted(test, key=lambda one: natural(one[0]))],
    }


def lines(text: str) -> list[tuple[int, str]]:
    return list(enumerate(text.splitlines(), start=1))


def annotation(line: str, number: int, labels: dict[str, int], where: str) -> tuple[str, int]:
    """A line: the file's name, its class, and a box that is not used, with tabs between."""
    words = line.split("\t")
    if len(words) < 2 or words[1] not in labels:
        raise UserError(f"{where}, line {number} is {line[:60]!r}; it must be a file's name and a class of train")
    return words[0], labels[words[1]]


DATASET = Dataset(
    title="Tiny ImageNet",
    licence="ImageNet's terms: for non-commercial research; see https://www.image-net.org/download",
    origin=Origin(
        form=FORM,
        classes=200,
        published={"train": 100_000, "test": 10_000},
        test_names=("val", "valid", "validation", "test"),
        archives=(
            Archive(
                ARCHIVE,
                "90528d7ca1a48142e341f4ef8d21d0de",  # as many public loaders record it
                (f"http://cs231n.stanford.edu/{ARCHIVE}",),
            ),
        ),
        unpack=unpack,
        unpacked=unpacked,
    ),
    sizes=(32, 64),
    prepare=images.squashed,
    preprocessing="grey images to RGB; 64x64 resized to {size}x{size} (bilinear, antialiased; none at 64)",
)
