"""Parquet files in the layout of dataset hubs: a column of encoded images, a column of labels, files by split.

PATH/train.parquet, PATH/test.parquet, or shards such as PATH/data/train-00000-of-00002.parquet
image (or img): struct<bytes: binary, ...> or binary, PNG or JPEG;  label (or labels): whole numbers
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stages import record
from stages.door import UserError
from stages.fetch.sources.broken import reading
from stages.fetch.sources.dataset import Item, Origin, Split, Splits
from stages.fetch.sources.images import decode
from stages.fetch.sources.order import natural

IMAGE, LABEL = ("image", "img"), ("label", "labels")  # the columns' names on the hubs
ROWS = 64  # decoded at a time
FREE_BYTES, TIMES = 256 * 2**20, 50  # what a file's columns may unpack to: encoded images hardly shrink


def splits(origin: Origin, path: Path, seen: dict[str, str]) -> Splits:
    """`seen` gets each file's checksum."""
    if not path.is_dir():
        raise UserError(f"{path} is no folder; give one that holds train.parquet and test.parquet")
    found = {}
    for split, names in origin.split_names.items():
        shards = [Shard(file, origin) for file in files(path, names)]
        seen |= {shard.path.name: f"sha256:{record.file_digest(shard.path)}" for shard in shards}
        found[split] = Split(sum(shard.rows for shard in shards), rows(shards))
    return found


def files(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Those of a split, in order; none may be missing from a numbered set."""
    for place in (folder, folder / "data"):
        for name in names:
            shape = re.compile(rf"{name}(-(\d+)-of-(\d+).*)?\.parquet")
            found = {path: match for path in place.glob("*.parquet") if (match := shape.fullmatch(path.name))}
            if not found:
                continue
            told = sorted((int(match[2] or 0), int(match[3] or 1)) for match in found.values())
            if told != [(number, len(told)) for number in range(len(told))]:
                raise UserError(f"{place} holds {len(told)} files {name}-*.parquet, not one complete set of them")
            return sorted(found, key=lambda path: natural(path.name))
    raise UserError(f"{folder} holds no {names[0]}.parquet or {names[0]}-*.parquet, nor does {folder / 'data'}")


def rows(shards: list["Shard"]) -> Iterator[Item]:
    for shard in shards:
        yield from shard.items()


class Shard:
    """One file, opened and its columns checked."""

    def __init__(self, path: Path, origin: Origin):
        from pyarrow.parquet import ParquetFile  # half a second, which other sources do not need

        self.path, self.form, self.labelled = path, origin.form, origin.classes > 1
        with reading(path), ParquetFile(path) as file:
            self.rows: int = file.metadata.num_rows
            self.check_size(file.metadata)
            present = file.schema_arrow.names
        self.image = self.column(IMAGE, present)
        self.columns = [self.image, self.column(LABEL, present)] if self.labelled else [self.image]

    def column(self, names: tuple[str, ...], present: list[str]) -> str:
        for name in names:
            if present.count(name) == 1:
                return name
        raise UserError(f"{self.path} has the columns {', '.join(present)}; one must be called {' or '.join(names)}")

    def check_size(self, metadata: Any) -> None:
        groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
        limit = FREE_BYTES + TIMES * self.path.stat().st_size
        if (unpacked := sum(group.total_byte_size for group in groups)) > limit:
            raise UserError(f"{self.path} unpacks to {unpacked:,} bytes, as no file of images does; get it again")

    def items(self) -> Iterator[Item]:
        row = 0
        for batch in self.batches():
            encoded = self.encoded(batch.column(self.image), row)
            labels = self.whole_numbers(batch.column(self.columns[1]), row) if self.labelled else [0] * len(encoded)
            for data, label in zip(encoded, labels, strict=True):
                where = f"{self.path}, row {row}"
                yield Item(decode(data, self.form, where), label, where)
                row += 1

    def batches(self) -> Iterator[Any]:
        from pyarrow.parquet import ParquetFile

        with reading(self.path):
            file = ParquetFile(self.path, page_checksum_verification=True, pre_buffer=False, buffer_size=2**16)
        with file:
            batches = file.iter_batches(batch_size=ROWS, columns=self.columns, use_threads=False)
            while True:
                with reading(self.path):
                    batch = next(batches, None)
                if batch is None:
                    return
                yield batch

    def encoded(self, column: Any, row: int) -> list[bytes]:
        from pyarrow import types

        if types.is_struct(column.type):
            if "bytes" not in column.type.names:
                raise UserError(f"{self.path}: column {self.image} is {column.type}; it must hold the images' bytes")
            column = column.flatten()[column.type.names.index("bytes")]
        if not (types.is_binary(column.type) or types.is_large_binary(column.type)):
            raise UserError(f"{self.path}: column {self.image} is {column.type}; it must hold the images' bytes")
        return self.no_nulls(column, self.image, row)

    def whole_numbers(self, column: Any, row: int) -> list[int]:
        from pyarrow import types

        if not types.is_integer(column.type):
            raise UserError(f"{self.path}: column {self.columns[1]} is {column.type}; it must hold whole numbers")
        return self.no_nulls(column, self.columns[1], row)

    def no_nulls(self, column: Any, name: str, row: int) -> list[Any]:
        values: list[Any] = column.to_pylist()
        if column.null_count:
            raise UserError(f"{self.path}, row {row + values.index(None)}: {name} is null; every row needs one")
        return values
