"""What reads bytes from outside either gives what was written or refuses in one line: nothing else may come out."""

import gzip
import io
import pickle
import string
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from stages.door import UserError
from stages.fetch import celeba, cifar10, svhn
from stages.fetch.sources import folder, images, members, mnist_files, parquet
from stages.fetch.sources.dataset import Form, Origin
from stages.fetch.sources.members import Members
from stages.fetch.sources.order import natural
from tests.fetch.small import Small, encode, idx, tar_gz, write, zipped
from tests.fetch.small import parquet as parquet_file

tiny_imagenet = import_module("stages.fetch.tiny-imagenet")
COLOUR = Form(channels=3, size=None)
PLAIN = Origin(form=COLOUR, published={}, classes=10)
NAMES = st.text(string.ascii_letters + string.digits + "._-", min_size=1, max_size=12)

EXAMPLES = 60


def holds(*strategies: Any, examples: int = EXAMPLES, **named: Any) -> Callable[[Any], Any]:
    """given(), the same examples each time."""
    return lambda test: settings(deadline=None, max_examples=examples, derandomize=True)(
        given(*strategies, **named)(test)
    )


def damaged(data: bytes) -> st.SearchStrategy[bytes]:
    """The bytes cut, with some changed, or with more behind."""
    cut = st.integers(0, len(data) - 1).map(lambda n: data[:n])
    changes = st.lists(st.tuples(st.integers(0, len(data) - 1), st.integers(1, 255)), min_size=1, max_size=4)
    return st.one_of(cut, changes.map(lambda those: changed(data, those)), st.binary().map(lambda more: data + more))


def changed(data: bytes, those: list[tuple[int, int]]) -> bytes:
    array = bytearray(data)
    for place, by in those:
        array[place] ^= by
    return bytes(array)


def or_refusal(read: Callable[[], Any]) -> Any:
    """What is read, or nothing where a line says that it cannot be."""
    try:
        return read()
    except UserError as error:
        line = str(error)
    assert "\n" not in line
    return None


@holds(arrays(np.uint8, array_shapes(min_dims=1, max_dims=3, max_side=5)))
def test_idx_files_come_back(array: np.ndarray) -> None:
    data = gzip.decompress(idx(array))
    assert np.array_equal(mnist_files.parse(data, array.ndim, "a file"), array)


@holds(st.one_of(st.binary(max_size=40), damaged(gzip.decompress(idx(np.zeros((3, 4, 5)))))))
def test_idx_files_of_any_bytes(data: bytes) -> None:
    found = or_refusal(lambda: mnist_files.parse(data, 3, "a file"))
    assert found is None or found.size == len(data) - 16


@holds(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 3]))))
def test_images_come_back(pixels: np.ndarray) -> None:
    form = Form(channels=pixels.shape[2], size=(pixels.shape[1], pixels.shape[0]))
    data = encode(pixels[..., 0] if pixels.shape[2] == 1 else pixels, "PNG")
    assert np.array_equal(images.decode(data, form, "an image"), pixels)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@holds(data=st.data())
def test_images_of_any_bytes(kind: str, data: st.DataObject) -> None:
    whole = encode(np.random.default_rng(0).integers(0, 256, (16, 12, 3), np.uint8), kind)
    encoded = data.draw(st.one_of(st.binary(max_size=60), damaged(whole)))
    found = or_refusal(lambda: images.decode(encoded, COLOUR, "an image"))
    assert found is None or (found.dtype == np.uint8 and found.ndim == 3 and found.shape[2] == 3)


@holds(st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"]))
def test_only_the_mode_of_the_set_is_taken(mode: str) -> None:
    file = io.BytesIO()
    Image.new(mode, (4, 4)).save(file, "JPEG" if mode == "CMYK" else "PNG")
    for form in (COLOUR, Form(1, None), Form(3, None, colour_grey=True)):
        taken = {"L"} if form.channels == 1 else {"RGB", "L"} if form.colour_grey else {"RGB"}
        found = or_refusal(lambda form=form: images.decode(file.getvalue(), form, "an image"))
        assert (found is not None) == (mode in taken)


@holds(st.dictionaries(NAMES.map(lambda name: f"top/{name}"), st.binary(max_size=30), min_size=1, max_size=4))
def test_archives_come_back(files: dict[str, bytes]) -> None:
    files = {name: data for name, data in files.items() if ".." not in name.split("/") and not name.endswith("/.")}
    with tempfile.TemporaryDirectory() as place:
        for name, pack in {"a.zip": zipped, "a.tar.gz": tar_gz}.items():
            write(Path(place), {name: pack(files)})
            with members.opened(Path(place) / name, Path(place)) as inside:
                assert {name: inside.read(name) for name in inside.names} == files


@pytest.mark.parametrize(("name", "pack"), [("a.zip", zipped), ("a.tar.gz", tar_gz)])
@holds(data=st.data())
def test_archives_of_any_bytes(name: str, pack: Callable[[dict[str, bytes]], bytes], data: st.DataObject) -> None:
    whole = pack({"a/b.txt": b"some text " * 20, "a/c.txt": b"more"})
    archive = data.draw(st.one_of(st.binary(max_size=60), damaged(whole)))

    def read() -> list[bytes]:
        with members.opened(write(Path(place), {name: archive}) / name, Path(place)) as inside:
            return [inside.read(member) for member in inside.names]

    with tempfile.TemporaryDirectory() as place:
        or_refusal(read)


@holds(st.lists(st.sampled_from(["..", ".", "a", "b", "", "/", "\\", "C:"]), min_size=1, max_size=5).map("/".join))
def test_a_name_that_is_taken_stays_in_its_folder(name: str) -> None:
    if or_refusal(lambda: members.check_name(name, Path("a.zip"), ()) or True):
        for separators in (name, name.replace("\\", "/")):
            assert (Path("/data/set") / separators).resolve().is_relative_to("/data/set")


@holds(st.one_of(st.binary(max_size=60), damaged(pickle.dumps({"data": np.zeros((1, 3072), np.uint8), "labels": [3]}))))
def test_pickles_of_any_bytes(data: bytes) -> None:
    found = or_refusal(lambda: cifar10.batch(data, "a batch"))
    assert found is None or found[0].shape[1:] == (32, 32, 3)


@pytest.mark.parametrize("protocol", range(5))
def test_pickles_of_every_protocol_come_back(protocol: int) -> None:
    rows = np.arange(2 * 3072).reshape(2, 3072).astype(np.uint8)
    images_, labels = cifar10.batch(pickle.dumps({"data": rows, "labels": [3, 4]}, protocol), "a batch")
    assert np.array_equal(images_[1, 0, :2], [[0, 0, 0], [1, 1, 1]])  # 3,072 is a multiple of 256
    assert labels.tolist() == [3, 4]


@holds(st.one_of(st.binary(max_size=200), damaged(Small("svhn", train=2, test=1).archives["train_32x32.mat"])))
def test_matlab_files_of_any_bytes(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = write(Path(place), {"train_32x32.mat": data}) / "train_32x32.mat"
        found = or_refusal(lambda: svhn.matlab(path))
    assert found is None or found[0].shape[1:] == (32, 32, 3)


@holds(
    st.lists(
        st.tuples(arrays(np.uint8, st.tuples(st.integers(1, 5), st.integers(1, 5), st.just(3))), st.integers(0, 9)),
        min_size=1,
        max_size=5,
    ),
    st.integers(1, 3),
    st.booleans(),
)
def test_parquet_files_come_back(rows: list[tuple[np.ndarray, int]], group: int, nested: bool) -> None:
    encoded = [encode(pixels, "PNG") for pixels, _ in rows]
    table = {"img": [{"path": "", "bytes": data} for data in encoded] if nested else encoded}
    file = parquet_file(table | {"labels": [label for _, label in rows]}, row_group_size=group)
    with tempfile.TemporaryDirectory() as place:
        write(Path(place), {"train.parquet": file, "test.parquet": file})
        found = list(parquet.splits(PLAIN, Path(place), {})["train"].items)
    assert [item.label for item in found] == [label for _, label in rows]
    assert all(np.array_equal(item.pixels, pixels) for item, (pixels, _) in zip(found, rows, strict=True))


@holds(damaged(Small("cifar10", train=3, test=1).parquet()["train.parquet"]))
def test_parquet_files_of_any_bytes(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as place:
        write(Path(place), {"train.parquet": data, "test.parquet": data})
        or_refusal(lambda: list(parquet.splits(PLAIN, Path(place), {})["train"].items))


@holds(st.text(max_size=60))
def test_lists_of_splits_of_any_text(text: str) -> None:
    found = or_refusal(lambda: celeba.listing(text, "a list"))
    assert found is None or len(text.splitlines()) >= sum(map(len, found.values()))


@holds(st.text(max_size=60))
def test_annotations_of_any_text(text: str) -> None:
    held = {"train/n1/images/n1_0.JPEG": b"", "val/val_annotations.txt": text.encode("utf-8", "replace")}
    found = or_refusal(lambda: tiny_imagenet.listing(Members("a set", held, held.__getitem__), ""))
    assert found is None or {label for _, label in found["test"]} <= {0}


@holds(st.lists(NAMES, unique=True), st.randoms())
def test_the_order_of_names_is_one(names: list[str], random: Any) -> None:
    shuffled = random.sample(names, len(names))
    assert sorted(names, key=natural) == sorted(shuffled, key=natural)


@holds(st.lists(st.integers(0, 10**9), unique=True))
def test_numbers_in_names_count_as_numbers(numbers: list[int]) -> None:
    names = sorted((f"image_{number}.png" for number in numbers), key=natural)
    assert names == [f"image_{number}.png" for number in sorted(numbers)]


@holds(st.dictionaries(st.integers(0, 10**6), st.integers(0, 9), min_size=1, max_size=12))
def test_folders_are_listed_in_the_order_of_their_numbers(labels: dict[int, int]) -> None:
    held = [f"{split}/{label}/{number}.png" for number, label in labels.items() for split in ("train", "test")]
    found = folder.by_class(PLAIN, Members("a folder", held, lambda name: b""))
    assert [label for _, label in found["test"]] == [labels[number] for number in sorted(labels)]


def test_leaving_early_closes_what_was_opened(tmp_path: Path) -> None:
    """An error after opening must not leave a file open: pytest turns such a leak into a failure."""
    small = Small("cifar10")
    write(tmp_path, small.archives)
    with ExitStack() as stack:
        splits = cifar10.unpack({cifar10.ARCHIVE: tmp_path / cifar10.ARCHIVE}, stack)
        assert splits["train"].count == 12
