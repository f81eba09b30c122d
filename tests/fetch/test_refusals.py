"""Bad input of every kind: one line that names it, exit code 2, and nothing left in data/."""

import gzip
import io
import os
import pickle
import resource
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.io import savemat

from stages.fetch.output import npy
from stages.fetch.sources import images, members
from stages.fetch.sources import parquet as parquet_files
from tests.fetch.small import Files, Small, draw, encode, idx, parquet, tar_gz, write, zipped

CIFAR, TINY = "cifar-10-python.tar.gz", "tiny-imagenet-200.zip"
BATCH = "cifar-10-batches-py/data_batch_1"


@dataclass
class Place:
    """Where a case puts its files, each way of giving them a source."""

    path: Path
    publish: Callable[[str, Files], None]
    server: Any

    def parquet(self, files: Files) -> str:
        return f"parquet:{write(self.path / 'parquet', files)}"

    def folder(self, files: Files) -> str:
        return f"folder:{write(self.path / 'folder', files)}"

    def archive(self, name: str, published: Files, given: Files | None = None) -> str:
        """The checksums are of what is published; `given` is what the user has instead."""
        self.publish(name, published)
        return f"archive:{write(self.path / 'archives', published if given is None else given)}"

    def official(self, name: str, published: Files, served: Files) -> str:
        self.publish(name, published)
        self.server.files = served
        return "official"


@pytest.fixture
def place(tmp_path: Path, published: Callable[[str, Files], None], server: Any) -> Place:
    return Place(tmp_path, published, server)


def link(kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo("cifar-10-batches-py/link")
    info.type, info.linkname = kind, "/etc/passwd"
    return info


def zip_with(name: str, mode: int = 0, data: bytes = b"x") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo(name)
        info.external_attr, info.compress_type = mode << 16, zipfile.ZIP_DEFLATED
        archive.writestr(info, data)
    return file.getvalue()


def cifar(**batch: Any) -> Files:
    """CIFAR-10's archive, its first batch changed."""
    small = Small("cifar10")
    rows = np.zeros((2, 3072), np.uint8)
    inside = {
        f"cifar-10-batches-py/{name}": pickle.dumps({"data": rows, "labels": [0, 1]}, protocol=2)
        for name in [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"]
    }
    assert small.archives.keys() == {CIFAR}
    inside[BATCH] = pickle.dumps({"data": rows, "labels": [0, 1]} | batch, protocol=2)
    return {CIFAR: tar_gz(inside)}


class Shell:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, ("echo never",)


def svhn(**held: Any) -> Files:
    file = io.BytesIO()
    savemat(file, {"X": np.zeros((32, 32, 3, 2), np.uint8), "y": np.array([[1], [2]], np.uint8)} | held)
    return Small("svhn").archives | {"train_32x32.mat": file.getvalue()}


def mnist(**edit: bytes) -> Files:
    names = {"images": "train-images-idx3-ubyte.gz", "labels": "train-labels-idx1-ubyte.gz"}
    return Small("mnist").archives | {names[key]: data for key, data in edit.items()}


def table(name: str = "cifar10", column: str = "image", **columns: Any) -> Files:
    """Parquet files of a set, whose train file has two rows and these columns instead."""
    rows = [{"bytes": draw(name, n, 0), "path": None} for n in range(2)]
    held = {"image": rows, "label": [0, 1]} | columns
    return Small(name).parquet() | {"train.parquet": parquet({k: v for k, v in held.items() if v is not None})}


def cut(files: Files) -> Files:
    return {name: data[: len(data) // 2] for name, data in files.items()}


def flipped(files: Files) -> Files:
    """One bit in the middle."""
    changed = {name: bytearray(data) for name, data in files.items()}
    for data in changed.values():
        data[len(data) // 2] ^= 4
    return {name: bytes(data) for name, data in changed.items()}


def one_image(name: str, encoded: bytes) -> Files:
    """A folder whose second training image is this."""
    files = Small(name).folder()
    return files | {sorted(file for file in files if file.startswith("train"))[1]: encoded}


def grey(width: int, height: int, kind: str = "PNG") -> bytes:
    return encode(np.zeros((height, width), np.uint8), kind)


def with_alpha() -> bytes:
    return encode(np.zeros((32, 32, 4), np.uint8), "PNG")


def huge_png() -> bytes:
    """A few bytes that say they are 20,000 x 20,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">2I5B", 20_000, 20_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


HTML = b"<!DOCTYPE html><html><title>Too many requests</title></html>"
GOOD = {name: Small(name) for name in ("mnist", "cifar10", "svhn", "celeba", "tiny-imagenet", "stanford-cars")}
Case = tuple[str, Callable[[Place], str], str]  # dataset, its source, what the line says
CASES: dict[str, Case] = {
    # The source itself.
    "no such kind of source": ("cifar10", lambda at: "web", "choose official, archive:PATH, folder:PATH or parquet"),
    "a kind without its path": ("cifar10", lambda at: "parquet:", "datasets.cifar10.source is 'parquet:'; choose"),
    "a path where none belongs": ("cifar10", lambda at: "official:x", "datasets.cifar10.source is 'official:x'"),
    "a download of what is bundled": ("ring", lambda at: "official", "source is 'official'; choose bundled"),
    "no such archive": ("cifar10", lambda at: "archive:/no/such", "/no/such does not exist; give the folder"),
    "no such folder": ("cifar10", lambda at: "folder:/no/such", "/no/such is no folder"),
    "no such parquet folder": ("cifar10", lambda at: "parquet:/no/such", "/no/such is no folder"),
    "one file of several": (
        "mnist",
        lambda at: at.archive("mnist", GOOD["mnist"].archives) + "/train-images-idx3-ubyte.gz",
        "is one file; give the folder that holds train-images-idx3-ubyte.gz, ",
    ),
    "a set of archives with one missing": (
        "mnist",
        lambda at: at.archive(
            "mnist", GOOD["mnist"].archives, {k: v for k, v in GOOD["mnist"].archives.items() if "t10k" not in k}
        ),
        "t10k-images-idx3-ubyte.gz does not exist",
    ),
    # Downloads; test_download.py has more.
    "HTTP 404": ("cifar10", lambda at: at.official("cifar10", GOOD["cifar10"].archives, {}), "HTTP 404 Not Found"),
    "HTTP 503": (
        "cifar10",
        lambda at: at.server.answers.extend([("code", 503)] * 9) or at.official("cifar10", cifar(), cifar()),
        "HTTP 503 Service Unavailable",
    ),
    "a web page from the server": (
        "cifar10",
        lambda at: at.official("cifar10", cifar(), {CIFAR: HTML}),
        f"is a web page, not {CIFAR}",
    ),
    "a cut archive from the server": (
        "cifar10",
        lambda at: at.official("cifar10", GOOD["cifar10"].archives, cut(GOOD["cifar10"].archives)),
        "it is cut short or altered",
    ),
    "an archive that nobody serves": (
        "stanford-cars",
        lambda at: os.environ.pop("SUITE_MIRROR") and "official",
        "it is not published any more); datasets.stanford-cars.source may also be 'archive:PATH', ",
    ),
    # Archives that are not the published ones.
    "a web page saved as an archive": (
        "cifar10",
        lambda at: at.archive("cifar10", cifar(), {CIFAR: HTML}),
        f"is a web page, not {CIFAR}",
    ),
    "a cut archive": (
        "tiny-imagenet",
        lambda at: at.archive("tiny-imagenet", GOOD["tiny-imagenet"].archives, cut(GOOD["tiny-imagenet"].archives)),
        "it is cut short or altered",
    ),
    "an archive with one bit flipped": (
        "svhn",
        lambda at: at.archive("svhn", GOOD["svhn"].archives, flipped(GOOD["svhn"].archives)),
        "it is cut short or altered",
    ),
    "an empty archive": ("cifar10", lambda at: at.archive("cifar10", cifar(), {CIFAR: b""}), "it is cut short"),
    # Archives whose checksum is right and whose content is bad all the same.
    "a published archive cut": ("cifar10", lambda at: at.archive("cifar10", cut(cifar())), "cannot be read"),
    "a .zip cut": ("tiny-imagenet", lambda at: at.archive("tiny-imagenet", {TINY: b"PK\3\4"}), "cannot be read"),
    "a .tar.gz that is none": ("cifar10", lambda at: at.archive("cifar10", {CIFAR: b"\0" * 99}), "cannot be read"),
    "a tar member that climbs out": (
        "cifar10",
        lambda at: at.archive("cifar10", {CIFAR: tar_gz({"cifar-10-batches-py/../../x": b""})}),
        "climbs out of its folder",
    ),
    "a tar member with a path from the root": (
        "cifar10",
        lambda at: at.archive("cifar10", {CIFAR: tar_gz({"/etc/x": b""})}),
        "'/etc' climbs out of its folder",
    ),
    "a tar member that is a symbolic link": (
        "cifar10",
        lambda at: at.archive("cifar10", {CIFAR: tar_gz({}, (link(tarfile.SYMTYPE),))}),
        "is a link or device",
    ),
    "a tar member that is a hard link": (
        "cifar10",
        lambda at: at.archive("cifar10", {CIFAR: tar_gz({}, (link(tarfile.LNKTYPE),))}),
        "is a link or device",
    ),
    "a tar member that is a device": (
        "cifar10",
        lambda at: at.archive("cifar10", {CIFAR: tar_gz({}, (link(tarfile.CHRTYPE),))}),
        "is a link or device",
    ),
    "a zip member that climbs out": (
        "tiny-imagenet",
        lambda at: at.archive("tiny-imagenet", {TINY: zip_with("tiny-imagenet-200/../../x")}),
        "climbs out of its folder",
    ),
    "a zip member with a drive of Windows": (
        "tiny-imagenet",
        lambda at: at.archive("tiny-imagenet", {TINY: zip_with("C:x")}),
        "climbs out of its folder",
    ),
    "a zip member that is a link": (
        "tiny-imagenet",
        lambda at: at.archive("tiny-imagenet", {TINY: zip_with("tiny-imagenet-200/x", stat.S_IFLNK | 0o777)}),
        "is a link",
    ),
    "a .tar.gz that is a bomb": (
        "cifar10",
        lambda at: at.archive("cifar10", {CIFAR: tar_gz({BATCH: b"\0" * 2_000_000})}),
        "unpacks to more than",
    ),
    "a .zip that is a bomb": (
        "tiny-imagenet",
        lambda at: at.archive("tiny-imagenet", {TINY: zip_with("tiny-imagenet-200/x", data=b"\0" * 2_000_000)}),
        "unpacks to more than",
    ),
    "a .gz that is a bomb": (
        "mnist",
        lambda at: at.archive("mnist", mnist(images=gzip.compress(b"\0" * 2_000_000))),
        "unpacks to more than",
    ),
    "an archive without a member that is needed": (
        "cifar10",
        lambda at: at.archive("cifar10", {CIFAR: tar_gz({BATCH: b""})}),
        "cannot be read",
    ),
    "no member at all": ("cifar10", lambda at: at.archive("cifar10", {CIFAR: tar_gz({})}), f"holds no {BATCH}"),
    "a pickle that calls a command": (
        "cifar10",
        lambda at: at.archive("cifar10", cifar(data=Shell())),
        "it asks for posix.system, which no array needs",
    ),
    "a pickle of something else": ("cifar10", lambda at: at.archive("cifar10", cifar(data="text")), "rows of 3,072"),
    "a pickle with too few labels": ("cifar10", lambda at: at.archive("cifar10", cifar(labels=[1])), "but 9 labels"),
    "a label out of range in a pickle": (
        "cifar10",
        lambda at: at.archive("cifar10", cifar(labels=[0, 10])),
        "train, image 1 has label 10; datasets.cifar10 takes 0 to 9",
    ),
    "an .idx file of another kind": (
        "mnist",
        lambda at: at.archive("mnist", mnist(images=idx(np.zeros(3)))),
        "is no IDX file of bytes in 3 dimensions",
    ),
    "an .idx file that is cut": (
        "mnist",
        lambda at: at.archive("mnist", mnist(labels=gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 9, 1])))),
        "holds 1 values, but its head says (9,)",
    ),
    "digits of another size": (
        "mnist",
        lambda at: at.archive("mnist", mnist(images=idx(np.zeros((12, 20, 28))))),
        "image 0 is 28 x 20 x 1; datasets.mnist takes 28 x 28 x 1",
    ),
    "a MATLAB file of other arrays": (
        "svhn",
        lambda at: at.archive("svhn", svhn(X=np.zeros((32, 32, 2), np.uint8))),
        "not X of 32 x 32 x 3 x n bytes",
    ),
    "a MATLAB file that is none": (
        "svhn",
        lambda at: at.archive("svhn", GOOD["svhn"].archives | {"test_32x32.mat": b"MATLAB 5.0"}),
        "test_32x32.mat cannot be read",
    ),
    "a label out of range in a MATLAB file": (
        "svhn",
        lambda at: at.archive("svhn", svhn(y=np.array([[1], [11]], np.uint8))),
        "train_32x32.mat, image 1 has label 11",
    ),
    "a list of splits that is none": (
        "celeba",
        lambda at: at.archive("celeba", GOOD["celeba"].archives | {"list_eval_partition.txt": b"000001.jpg\n"}),
        "line 1 is '000001.jpg'; it must be a file's name and its split",
    ),
    "a list of splits with a fourth": (
        "celeba",
        lambda at: at.archive("celeba", GOOD["celeba"].archives | {"list_eval_partition.txt": b"000001.jpg 3\n"}),
        "puts 000001.jpg in split '3'; it must be 0, 1 or 2",
    ),
    "a list of splits with a missing image": (
        "celeba",
        lambda at: at.archive("celeba", GOOD["celeba"].archives | {"list_eval_partition.txt": b"9.jpg 0\n1.jpg 2\n"}),
        "holds no img_align_celeba/9.jpg",
    ),
    "annotations of an unknown class": (
        "tiny-imagenet",
        lambda at: at.archive(
            "tiny-imagenet",
            {
                TINY: zipped(
                    {
                        "tiny-imagenet-200/train/n1/images/n1_0.JPEG": b"",
                        "tiny-imagenet-200/val/val_annotations.txt": b"val_0.JPEG\tn2\t0\t0\t1\t1\n",
                    }
                )
            },
        ),
        "line 1 is 'val_0.JPEG\\tn2",
    ),
    # Parquet.
    "a folder without parquet": ("cifar10", lambda at: at.parquet({"train.csv": b""}), "holds no train.parquet"),
    "a parquet file that is none": (
        "cifar10",
        lambda at: at.parquet(table() | {"test.parquet": HTML}),
        "test.parquet cannot be read",
    ),
    "a parquet file cut": ("cifar10", lambda at: at.parquet(cut(table())), "train.parquet cannot be read"),
    "a shard missing": (
        "cifar10",
        lambda at: at.parquet({f"train-0000{n}-of-00003.parquet": table()["train.parquet"] for n in (0, 2)}),
        "holds 2 files train-*.parquet, not one complete set",
    ),
    "two sets of shards at once": (
        "cifar10",
        lambda at: at.parquet({name: table()["train.parquet"] for name in ("train.parquet", "train-0-of-1.parquet")}),
        "not one complete set",
    ),
    "no column of images": ("cifar10", lambda at: at.parquet(table(image=None, img_file=["a", "b"])), "image or img"),
    "no column of labels": ("cifar10", lambda at: at.parquet(table(label=None)), "one must be called label or labels"),
    "two columns of the same name": (
        "cifar10",
        lambda at: at.parquet(
            {"train.parquet": parquet_twice("label"), "test.parquet": GOOD["cifar10"].parquet()["test.parquet"]}
        ),
        "has the columns image, label, label",
    ),
    "paths instead of images": (
        "cifar10",
        lambda at: at.parquet(table(image=[{"path": "a.png"}, {"path": "b.png"}])),
        "it must hold the images' bytes",
    ),
    "text instead of images": (
        "cifar10",
        lambda at: at.parquet(table(image=["a", "b"])),
        "must hold the images' bytes",
    ),
    "a null image": (
        "cifar10",
        lambda at: at.parquet(table(image=[{"bytes": draw("cifar10", 0, 0)}, None])),
        "train.parquet, row 1: image is null",
    ),
    "an image whose bytes are null": (
        "cifar10",
        lambda at: at.parquet(table(image=[{"bytes": None, "path": "a.png"}, {"bytes": b"", "path": ""}])),
        "train.parquet, row 0: image is null",
    ),
    "a null label": ("cifar10", lambda at: at.parquet(table(label=[0, None])), "row 1: label is null"),
    "a label that is text": ("cifar10", lambda at: at.parquet(table(label=["cat", "dog"])), "must hold whole numbers"),
    "a label that is a fraction": ("cifar10", lambda at: at.parquet(table(label=[0.5, 1.0])), "hold whole numbers"),
    "a label too large": ("cifar10", lambda at: at.parquet(table(label=[0, 10])), "row 1 has label 10"),
    "a label below 0": ("cifar10", lambda at: at.parquet(table(label=[-1, 1])), "row 0 has label -1"),
    "an image that is none": (
        "cifar10",
        lambda at: at.parquet(table(image=[draw("cifar10", 0, 0), b"no image"])),
        "train.parquet, row 1 cannot be read",
    ),
    "no rows": (
        "cifar10",
        lambda at: at.parquet(table(image=pa.array([], pa.binary()), label=pa.array([], pa.int64()))),
        "the train split holds no images",
    ),
    "a parquet file that is a bomb": (
        "cifar10",
        lambda at: at.parquet(
            {"train.parquet": parquet({"image": [b"\0" * 9_000_000], "label": [0]}, compression="zstd")}
        ),
        "as no file of images does",
    ),
    # Folders.
    "a folder without splits": ("cifar10", lambda at: at.folder({"0/1.png": b""}), "holds no images in a folder train"),
    "an empty split": (
        "celeba",
        lambda at: (
            (at.path / "folder/test").mkdir(parents=True)
            or at.folder({k: v for k, v in GOOD["celeba"].folder().items() if k.startswith("train")})
        ),
        "holds no images in a folder test",
    ),
    "an image outside the classes": (
        "cifar10",
        lambda at: at.folder(GOOD["cifar10"].folder() | {"train/9.png": b""}),
        "train/9.png lies in no class's folder",
    ),
    "a class that is none": (
        "cifar10",
        lambda at: at.folder(GOOD["cifar10"].folder() | {"test/lorry/9.png": b""}),
        "lies in 'lorry', which is no class; choose airplane, automobile",
    ),
    "a class out of range": (
        "cifar10",
        lambda at: at.folder(GOOD["cifar10"].folder() | {"train/10/99.png": draw("cifar10", 0, 0)}),
        "train/10/99.png has label 10",
    ),
    "a file that is no image": (
        "cifar10",
        lambda at: at.folder(GOOD["cifar10"].folder() | {"train/0/list.txt": b""}),
        "train/0/list.txt is no .png, .jpg, .jpeg file",
    ),
    "more classes than the set has": (
        "tiny-imagenet",
        lambda at: at.folder(
            {f"{split}/c{n}/{n}.png": draw("tiny-imagenet", 0, 0) for n in range(201) for split in ("train", "val")}
        ),
        "has label 200; datasets.tiny-imagenet takes 0 to 199",
    ),
    # Images of another form than the set has.
    "an image of another size": ("cifar10", lambda at: at.folder(one_image("cifar10", grey(33, 32))), "is 33 x 32"),
    "a face that is not aligned": (
        "celeba",
        lambda at: at.folder(one_image("celeba", draw("cifar10", 0, 0))),
        "is 32 x 32; it must be 178 x 218",
    ),
    "a grey image in a set of colours": (
        "cifar10",
        lambda at: at.folder(one_image("cifar10", grey(32, 32))),
        "is an image in mode L; it must be RGB",
    ),
    "a coloured digit": (
        "mnist",
        lambda at: at.folder(one_image("mnist", encode(np.zeros((28, 28, 3), np.uint8), "PNG"))),
        "is an image in mode RGB; it must be L",
    ),
    "an image with transparency": (
        "stanford-cars",
        lambda at: at.folder(one_image("stanford-cars", with_alpha())),
        "is an image in mode RGBA; it must be RGB",
    ),
    "an image in another format": (
        "stanford-cars",
        lambda at: at.folder(one_image("stanford-cars", encode(np.zeros((9, 9, 3), np.uint8), "GIF"))),
        "cannot be read",
    ),
    "an image cut short": (
        "celeba",
        lambda at: at.folder(one_image("celeba", draw("celeba", 0, 0)[:2000])),
        "cannot be read (image file is truncated",
    ),
    "an image that is a bomb": (
        "stanford-cars",
        lambda at: at.folder(one_image("stanford-cars", huge_png())),
        "cannot be read (Image size (400000000 pixels) exceeds limit",
    ),
    "an image with too many pixels": (
        "stanford-cars",
        lambda at: at.folder(one_image("stanford-cars", grey(300, 300))),
        "is 300 x 300; an image may have 50,000 pixels",
    ),
}


def parquet_twice(name: str) -> bytes:
    file = io.BytesIO()
    columns = [pa.array([draw("cifar10", 0, 0)]), pa.array([1]), pa.array([2])]
    pq.write_table(pa.Table.from_arrays(columns, names=["image", name, name]), file)
    return file.getvalue()


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a bomb of two million bytes is one."""
    monkeypatch.setattr(members, "FREE_BYTES", 2**20)
    monkeypatch.setattr(parquet_files, "FREE_BYTES", 2**20)
    monkeypatch.setattr(images, "MOST_PIXELS", 50_000)


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_one_line_and_leaves_nothing(case: str, place: Place, refused: Callable[..., str]) -> None:
    name, make, told = CASES[case]
    assert told in refused(name, source=make(place))


@pytest.mark.parametrize(
    ("name", "size", "told"),
    [
        ("cifar10", 64, "datasets.cifar10.size is 64; choose 32"),
        ("mnist", 30, "datasets.mnist.size is 30; choose 28 or 32"),
        ("digits", 20, "datasets.digits.size is 20; choose 8, 16, 32 or 64"),
    ],
)
def test_a_size_that_a_set_does_not_come_in(name: str, size: int, told: str, refused: Callable[..., str]) -> None:
    assert told in refused(name, size=size)


def test_a_full_disk(refused: Callable[..., str], place: Place) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    source = place.folder(Small("celeba", train=40, test=5).folder())
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))  # a write beyond it fails, as on a full disk
    try:
        line = refused("celeba", source=source)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "File too large; make room or write elsewhere" in line


def test_a_full_disk_while_unpacking(
    refused: Callable[..., str], place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = place.archive("cifar10", cifar())
    monkeypatch.setattr(members, "TemporaryFile", lambda dir: Path("/dev/full").open("wb"))  # noqa: SIM115  # a stub
    assert "No space left on device; make room" in refused("cifar10", source=source)


def test_a_full_disk_while_writing(refused: Callable[..., str], place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(npy.arrays, "save", full)
    assert "No space left on device; make room" in refused("ring")


def test_a_folder_of_one_image_is_no_set_of_cars(refused: Callable[..., str], place: Place) -> None:
    source = place.folder({"train/1.png": draw("stanford-cars", 0, 0), "test/.hidden": b""})
    assert "holds no images in a folder test or cars_test" in refused("stanford-cars", source=source)


def test_there_are_cases_enough_and_each_dataset_has_some() -> None:
    assert len(CASES) >= 30
    named = {name for name, _, _ in CASES.values()}
    assert named >= {"mnist", "cifar10", "svhn", "celeba", "tiny-imagenet", "stanford-cars"}
    assert all(import_module(f"stages.fetch.{name}").DATASET for name in named)
