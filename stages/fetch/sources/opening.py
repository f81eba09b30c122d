"""From what `datasets.<name>.source` says to the images: prepared, arranged, each checked on its way."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from stages.door import UserError
from stages.fetch.sources import archive, download, folder, parquet
from stages.fetch.sources.dataset import Dataset, Item, Origin, Split, Splits
from stages.schema import or_list


@dataclass
class Opened:
    kind: str
    splits: Splits
    whole: bool  # as many images as are published
    seen: dict[str, str]  # checksums of what was read, complete once all of it is


@contextmanager
def opened(name: str, dataset: Dataset, source: str, size: int) -> Iterator[Opened]:
    if size not in dataset.sizes:
        told = or_list([str(one) for one in dataset.sizes])
        raise UserError(f"datasets.{name}.size is {size}; choose {told}")
    kind, path = chosen(name, dataset.origin, source)
    with ExitStack() as stack:
        seen: dict[str, str] = {}
        splits = read(name, dataset.origin, kind, path, seen, stack)
        for split, one in splits.items():
            if not one.count:
                raise UserError(f"datasets.{name}.source is {source!r}, where the {split} split holds no images")
        prepared = {
            split: replace(one, items=prepare(dataset, one, size, f"datasets.{name}")) for split, one in splits.items()
        }
        whole = {split: one.count for split, one in splits.items()} == dict(dataset.origin.published)
        yield Opened(kind, dataset.arrange(prepared), whole, seen)


def choices(origin: Origin) -> list[str]:
    if origin.bundled:
        return ["bundled"]
    return ["official", "archive:PATH", "folder:PATH", "parquet:PATH"]


def chosen(name: str, origin: Origin, source: str) -> tuple[str, Path]:
    """The kind of source, and its path where it has one."""
    kind, _, path = source.partition(":")
    if (f"{kind}:PATH" if path else source) not in choices(origin):
        raise UserError(f"datasets.{name}.source is {source!r}; choose {or_list(choices(origin))}")
    return kind, Path(path).expanduser()


def read(name: str, origin: Origin, kind: str, path: Path, seen: dict[str, str], stack: ExitStack) -> Splits:
    if origin.bundled:
        return origin.bundled()
    if kind == "parquet":
        return parquet.splits(origin, path, seen)
    if kind == "folder":
        return folder.splits(origin, path, seen)
    if kind == "archive":
        files = archive.own(origin.archives, path)
    else:
        others = or_list([f"{choice!r}" for choice in choices(origin)[1:]])
        files = download.fetched(origin.archives, f"datasets.{name}.source may also be {others}")
    seen |= {one.name: f"md5:{one.md5}" for one in origin.archives}
    assert origin.unpack is not None  # what has archives says how to unpack them
    return origin.unpack(files, stack)


def prepare(dataset: Dataset, split: Split, size: int, where: str) -> Iterator[Item]:
    origin = dataset.origin
    for item in split.items:
        height, width, channels = item.pixels.shape
        if channels != origin.form.channels or origin.form.size not in (None, (width, height)):
            wanted = " x ".join(str(length) for length in (*(origin.form.size or ()), channels))
            raise UserError(f"{item.where} is {width} x {height} x {channels}; {where} takes {wanted}")
        if not 0 <= item.label < origin.classes:
            raise UserError(f"{item.where} has label {item.label}; {where} takes 0 to {origin.classes - 1}")
        yield item._replace(pixels=dataset.prepare(item.pixels, size))
