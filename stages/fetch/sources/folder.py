"""Folders of image files: PATH/train/CLASS/*.png and PATH/test/CLASS/*.png, or no CLASS where labels are not used.

A CLASS is a class's name or its label. Images come in the order of their file names, numbers counted as numbers,
whatever their class: name them as the set numbers them, and the arrays are those of its archive. A folder that holds
what was in an official archive may be taken as it is.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from stages.door import UserError
from stages.fetch.sources import images, members
from stages.fetch.sources.broken import reading
from stages.fetch.sources.dataset import Item, Listing, Origin, Split, Splits
from stages.fetch.sources.members import Members
from stages.fetch.sources.order import natural


def splits(origin: Origin, path: Path, seen: dict[str, str]) -> Splits:
    """`seen` gets a checksum of each split's files, once they are read."""
    if not path.is_dir():
        raise UserError(f"{path} is no folder; give one that holds the folders train and test")
    with reading(path):
        inside = members.folder(path)
    listing = origin.unpacked(inside) if origin.unpacked else None
    if listing is None:
        listing = by_class(origin, inside)
    return {split: watched(split, chosen, inside, origin, seen) for split, chosen in listing.items()}


def by_class(origin: Origin, inside: Members) -> Listing:
    """Files below the folders of the splits, with the labels that their classes' folders give."""
    tops = {split: top(inside, names) for split, names in origin.split_names.items()}
    found = {split: below(inside, top) for split, top in tops.items()}
    classes = origin.names or sorted({name.split("/")[1] for name in found["train"] if name.count("/") > 1})
    return {
        split: [(name, label(origin, classes, inside.where, name)) for name in names] for split, names in found.items()
    }


def top(inside: Members, names: tuple[str, ...]) -> str:
    there = {name.split("/")[0] for name in inside.names if "/" in name}
    for name in names:
        if name in there:
            return name
    raise UserError(f"{inside.where} holds no images in a folder {' or '.join(names)}; give one that does")


def below(inside: Members, top: str) -> list[str]:
    found = [name for name in inside.names if name.startswith(f"{top}/")]
    for name in found:
        if not name.lower().endswith(images.SUFFIXES):
            raise UserError(f"{inside.where}: {name} is no {', '.join(images.SUFFIXES)} file; take it out")
    return sorted(found, key=lambda name: (natural(PurePosixPath(name).name), name))


def label(origin: Origin, classes: tuple[str, ...] | list[str], where: str, name: str) -> int:
    if origin.classes == 1:
        return 0
    if name.count("/") < 2:
        raise UserError(f"{where}: {name} lies in no class's folder; move it into one")
    folder = name.split("/")[1]
    if folder.isascii() and folder.isdecimal():
        return int(folder)
    if folder in classes:
        return classes.index(folder)
    told = ", ".join(classes[:10])
    raise UserError(f"{where}: {name} lies in {folder!r}, which is no class; choose {told} or a label's number")


def watched(split: str, chosen: list[tuple[str, int]], inside: Members, origin: Origin, seen: dict[str, str]) -> Split:
    """The split, its files' names and bytes hashed as they are read."""
    told = hashlib.sha256()

    def read(name: str) -> bytes:
        data = inside.read_bytes(name)
        told.update(f"{name} {len(data)} ".encode())
        told.update(data)
        return data

    plain = images.among(replace(inside, read_bytes=read), chosen, origin.form)

    def items() -> Iterator[Item]:
        yield from plain.items
        seen[split] = f"sha256:{told.hexdigest()}"

    return Split(plain.count, items())
