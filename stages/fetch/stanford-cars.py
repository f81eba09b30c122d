"""Stanford Cars: 16,185 photographs of cars, of many sizes; 64 x 64 for colorization. Published as two .tgz files.

The images stay RGB bytes here; who colours them converts to Lab. Labels and boxes are not used, so any folder of
pictures of cars will do, and the card says which it was.

Differs from the papers: the colorization experiment trains on 16,000 images, which is more than the published
training split holds. So both splits are taken in their order, train first, and the last 185 of 16,185 are the test
split; of a smaller set, the same share.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import chain, islice
from pathlib import Path

from stages.fetch.sources import download, images, members
from stages.fetch.sources.dataset import Archive, Dataset, Form, Item, Origin, Split, Splits
from stages.fetch.sources.order import natural

PUBLISHED = {"train": 8_144, "test": 8_041}
TEST_SHARE = 185 / sum(PUBLISHED.values())
FILES = {"train": "cars_train.tgz", "test": "cars_test.tgz"}
FORM = Form(channels=3, size=None, colour_grey=True)


def unpack(files: Mapping[str, Path], stack: ExitStack) -> Splits:
    found = {}
    for split, name in FILES.items():
        inside = stack.enter_context(members.opened(files[name], download.folder()))
        chosen = [name for name in inside.names if name.lower().endswith(images.SUFFIXES)]
        found[split] = images.among(inside, [(name, 0) for name in sorted(chosen, key=natural)], FORM)
    return found


def pooled(splits: Splits) -> Splits:
    count = sum(split.count for split in splits.values())
    test = max(1, round(count * TEST_SHARE))
    every: Iterator[Item] = chain.from_iterable(split.items for split in splits.values())
    return {"train": Split(count - test, islice(every, count - test)), "test": Split(test, every)}


DATASET = Dataset(
    title="Stanford Cars",
    licence="for non-commercial research; Krause et al. 2013, 3D Object Representations",
    origin=Origin(
        form=FORM,
        published=PUBLISHED,
        train_names=("train", "cars_train"),
        test_names=("test", "cars_test"),
        archives=(  # checksums as torchvision recorded them before the address was given up
            Archive(FILES["train"], "065e5b463ae28d29e77c1b4b166cfe61"),
            Archive(FILES["test"], "4ce7ebf6a94d07f1952d94dd34c4d501"),
        ),
        unpack=unpack,
    ),
    sizes=(32, 64),
    prepare=images.squashed,
    arrange=pooled,
    preprocessing="grey images to RGB; squashed to {size}x{size} (bilinear, antialiased); RGB, not Lab;"
    " both published splits in their order, the last 185 of 16,185 (or that share) are test",
    labels="none are used: all 0",
)
