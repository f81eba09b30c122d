"""CelebA, aligned: 202,599 faces, 178 x 218, colour; 64 x 64 as AGE makes them. Published as a .zip and a list.

Differs from the papers: alpha-GAN does not state its crop, so it gets AGE's. AGE does not state whether its second
folder is the list's split 1 or 2; its text says test, so it is 2, and split 1 ("valid") is left out.
The 40 attributes are not read: no paper of the suite uses labels here.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from stages.door import UserError
from stages.fetch.sources import images, members
from stages.fetch.sources.broken import reading
from stages.fetch.sources.dataset import Archive, Dataset, Form, Listing, Origin, Splits
from stages.fetch.sources.members import Members

DRIVE = "https://drive.usercontent.google.com/download?export=download&confirm=t&id="
ZIP, LIST = "img_align_celeba.zip", "list_eval_partition.txt"
SPLITS = {"0": "train", "1": None, "2": "test"}
FORM = Form(channels=3, size=(178, 218))


def unpack(files: Mapping[str, Path], stack: ExitStack) -> Splits:
    inside = stack.enter_context(members.opened(files[ZIP], files[ZIP].parent))
    with reading(files[LIST]):
        text = files[LIST].read_text(encoding="utf-8")
    return {split: images.among(inside, chosen, FORM) for split, chosen in listing(text, str(files[LIST])).items()}


def unpacked(inside: Members) -> Listing | None:
    """Of a folder that holds the list, and the .zip's folder beside it."""
    return listing(inside.text(LIST), f"{inside.where}: {LIST}") if LIST in inside.names else None


def listing(text: str, where: str) -> Listing:
    """Lines such as `000001.jpg 0`."""
    found: Listing = {"train": [], "test": []}
    for number, (name, split) in enumerate(pairs(text, where), start=1):
        if split not in SPLITS:
            raise UserError(f"{where}, line {number} puts {name} in split {split!r}; it must be 0, 1 or 2")
        if told := SPLITS[split]:
            found[told].append((f"img_align_celeba/{name}", 0))
    return found


def pairs(text: str, where: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if len(words) != 2:
            raise UserError(f"{where}, line {number} is {line[:60]!r}; it must be a file's name and its split")
        yield words[0], words[1]


def cropped(pixels: np.ndarray, size: int) -> np.ndarray:
    """The whole image to `size` columns, then the middle rows: for 64, rows 7 to 70 of 64 x 78."""
    height = size * 218 // 178
    top = (height - size) // 2
    return images.resized(pixels, (size, height))[top : top + size]


DATASET = Dataset(
    title="CelebA",
    licence="for non-commercial research, not to be passed on; see https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html",
    origin=Origin(
        form=FORM,
        published={"train": 162_770, "test": 19_962},
        archives=(  # checksums and addresses as torchvision records them; the drive has a quota and often refuses
            Archive(ZIP, "00d2c5bc6d35e252742224ab0c1e8fcb", (f"{DRIVE}0B7EVK8r0v71pZjFTYXZWM3FlRnM",)),
            Archive(LIST, "d32c9cbf5e040fd4025c592c306e6668", (f"{DRIVE}0B7EVK8r0v71pY0NSMzRuSXJEVkk",)),
        ),
        unpack=unpack,
        unpacked=unpacked,
    ),
    sizes=(32, 64, 128),
    prepare=cropped,
    preprocessing="178x218 resized to {size} columns (bilinear, antialiased), middle {size} rows; split 1 left out",
    labels="none are used: all 0",
)
