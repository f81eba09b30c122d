"""The same images from any source are the same arrays, and the ones that the set is made of."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages import arrays
from stages.fetch.__main__ import main
from tests.fetch.small import SETS, Small, write

SIZES = {"mnist": 28, "colormnist": 28}
Fetch = Callable[..., Any]


@pytest.mark.parametrize("name", SETS)
def test_every_source_gives_the_same_arrays_bit_for_bit(
    name: str, fetch: Fetch, published: Callable[..., None], server: Any, tmp_path: Path
) -> None:
    small = Small(name)
    published(name, small.archives)
    server.files = small.archives
    made = {
        "official": fetch(name, source="official"),
        "archive": fetch(name, source=f"archive:{write(tmp_path / 'archives', small.archives)}"),
        "folder": fetch(name, source=f"folder:{write(tmp_path / 'folder', small.folder())}"),
        "parquet": fetch(name, source=f"parquet:{write(tmp_path / 'parquet', small.parquet())}"),
    }
    assert made["archive"].arrays().keys() >= {"train/images.npy", "train/labels.npy", "test/images.npy"}
    for kind, fetched in made.items():
        assert fetched.arrays() == made["archive"].arrays(), kind
        assert fetched.card["source"] == kind
        assert fetched.card["source_files"], kind
        same = ("splits", "shape", "classes", "licence", "preprocessing", "test_in_train")
        assert {key: fetched.card[key] for key in same} == {key: made["archive"].card[key] for key in same}


@pytest.mark.parametrize("name", ["mnist", "cifar10", "svhn"])
def test_images_that_need_no_preparing_are_kept_as_they_are(name: str, fetch: Fetch, tmp_path: Path) -> None:
    small = Small(name)
    fetched = fetch(name, source=f"parquet:{write(tmp_path / 'parquet', small.parquet())}", size=SIZES.get(name, 32))
    for split, pictures in small.splits.items():
        assert np.array_equal(fetched.array(split), [picture.pixels for picture in pictures])
        assert fetched.array(split, "labels").tolist() == [picture.label for picture in pictures]


@pytest.mark.parametrize("name", SETS)
def test_arrays_are_bytes_and_whole_numbers_as_numpy_saves_them(name: str, fetch: Fetch, tmp_path: Path) -> None:
    small = Small(name)
    fetched = fetch(name, source=f"parquet:{write(tmp_path / 'parquet', small.parquet())}")
    for split in small.splits:
        images = arrays.load(fetched.path / split / "images.npy")
        labels = arrays.load(fetched.path / split / "labels.npy", dtype=np.int64, dimensions=1)
        told = fetched.card["splits"][split]
        assert (len(images), len(labels)) == (told["images"], told["images"])
        assert list(images.shape[1:]) == fetched.card["shape"]
        assert told["images_sha256"] == arrays.digest(images)
        assert told["labels_sha256"] == arrays.digest(labels)
        np.save(tmp_path / "again.npy", images)
        assert (tmp_path / "again.npy").read_bytes() == (fetched.path / split / "images.npy").read_bytes()


def test_shards_are_read_in_their_order(fetch: Fetch, tmp_path: Path) -> None:
    first, second = Small("cifar10", train=3), Small("cifar10", train=7)
    files = {
        "data/train-00000-of-00002-0123456789abcdef.parquet": first.parquet()["train.parquet"],
        "data/train-00001-of-00002-fedcba9876543210.parquet": second.parquet()["train.parquet"],
        "data/test-00000-of-00001.parquet": first.parquet()["test.parquet"],
        "README.md": b"not read",
    }
    fetched = fetch("cifar10", source=f"parquet:{write(tmp_path / 'hub', files)}")
    together = first.splits["train"] + second.splits["train"]
    assert np.array_equal(fetched.array("train"), [picture.pixels for picture in together])


def test_classes_may_be_folders_of_their_names(fetch: Fetch, tmp_path: Path) -> None:
    small = Small("cifar10")
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    named = {
        "/".join([split, names[int(label)], file]): data
        for (split, label, file), data in ((path.split("/"), data) for path, data in small.folder().items())
    }
    by_name = fetch("cifar10", source=f"folder:{write(tmp_path / 'names', named)}")
    by_number = fetch("cifar10", source=f"folder:{write(tmp_path / 'numbers', small.folder())}")
    assert by_name.arrays() == by_number.arrays()


@pytest.mark.parametrize("name", ["celeba", "tiny-imagenet", "stanford-cars"])
def test_an_unpacked_archive_is_a_folder_to_read(
    name: str, fetch: Fetch, published: Callable[..., None], unpacked: Callable[..., Path], tmp_path: Path
) -> None:
    small = Small(name)
    published(name, small.archives)
    archive = fetch(name, source=f"archive:{write(tmp_path / 'archives', small.archives)}")
    folder = fetch(name, source=f"folder:{unpacked(tmp_path / 'archives', tmp_path / 'unpacked')}")
    assert folder.arrays() == archive.arrays()


def test_hidden_files_are_passed_over(fetch: Fetch, tmp_path: Path) -> None:
    small = Small("celeba", train=2, test=1)
    folder = write(tmp_path / "folder", small.folder() | {"train/.DS_Store": b"", ".cache/train.lock": b""})
    assert fetch("celeba", source=f"folder:{folder}").card["splits"]["train"]["images"] == 2


def test_a_single_archive_may_be_named_itself(fetch: Fetch, published: Callable[..., None], tmp_path: Path) -> None:
    small = Small("cifar10")
    published("cifar10", small.archives)
    (tmp_path / "renamed.bin").write_bytes(small.archives["cifar-10-python.tar.gz"])
    assert fetch("cifar10", source=f"archive:{tmp_path / 'renamed.bin'}").card["splits"]["train"]["images"] == 12


def test_fetching_twice_gives_the_same_bytes(fetch: Fetch, tmp_path: Path) -> None:
    source = f"parquet:{write(tmp_path / 'parquet', Small('colormnist').parquet())}"
    first, second = fetch("colormnist", source=source), fetch("colormnist", source=source)
    assert first.arrays() == second.arrays()
    assert first.card == second.card


def test_a_new_fetch_replaces_an_old_one_only_when_it_is_whole(
    params_for: Callable[..., Path],
    refusal: Callable[..., str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    small = Small("celeba", train=3, test=1)
    good = params_for("celeba", source=f"folder:{write(tmp_path / 'good', small.folder())}")
    arguments = ["--dataset", "celeba", "--out", str(tmp_path / "data" / "celeba")]
    main(["--params", str(good), *arguments])
    assert capsys.readouterr().out.endswith("celeba: CelebA, 3 train, 1 test images\n")
    before = {path: path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()}
    late = write(tmp_path / "bad", small.folder() | {"test/9.jpg": b"no image"})
    assert "9.jpg" in refusal(main, "--params", params_for("celeba", source=f"folder:{late}"), *arguments)
    assert {path: path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()} == before


def test_the_door_takes_a_source_and_has_a_folder_by_default(
    params_for: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "faces", Small("celeba", train=2, test=1).folder())
    main(["--params", str(params_for("celeba")), "--dataset", "celeba", "--source", "folder:faces"])
    assert len(arrays.load(tmp_path / "data/celeba/train/images.npy")) == 2
