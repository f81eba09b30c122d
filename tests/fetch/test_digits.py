"""The digits: which images, in what form, and the same ones each time."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

from stages import arrays
from stages.door import UserError
from stages.fetch.__main__ import main
from stages.fetch.sources.sklearn_digits import enlarged


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize(("split", "count"), [("train", 1500), ("test", 297)])
def test_a_split_holds_byte_images_and_a_label_for_each(split: str, count: int, digits: Path) -> None:
    images = arrays.load(digits / split / "images.npy")
    labels = arrays.load(digits / split / "labels.npy", dtype=np.int64, dimensions=1)
    assert images.shape == (count, 16, 16, 1)
    assert labels.shape == (count,)
    assert (images.min(), images.max()) == (0, 255)
    assert set(labels) == set(range(10))


def test_the_splits_part_the_1797_images_between_them(fetch: Callable[..., Any]) -> None:
    bunch = load_digits()
    small = fetch("digits", size=8)  # at their own size, enlarging changes nothing
    images = np.concatenate([small.array(split) for split in ("train", "test")])[..., 0]
    labels = np.concatenate([small.array(split, "labels") for split in ("train", "test")])
    grey = np.rint(bunch.images * 255 / 16).astype(np.uint8)
    fetched = sorted((image.tobytes(), int(label)) for image, label in zip(images, labels, strict=True))
    assert len(fetched) == 1797
    assert fetched == sorted((image.tobytes(), int(label)) for image, label in zip(grey, bunch.target, strict=True))


def test_every_class_has_its_images_in_both_splits(digits: Path) -> None:
    counts = {split: np.bincount(np.load(digits / split / "labels.npy")) for split in ("train", "test")}
    # The counts that the set's own description prints, 0 to 9.
    assert (counts["train"] + counts["test"]).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert counts["test"].min() >= 20


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_an_even_grey_stays_itself(grey: int) -> None:
    assert set(enlarged(np.full((8, 8, 1), grey, np.uint8), 32).flat) == {grey}


def test_an_enlarged_image_keeps_its_sides() -> None:
    left = np.zeros((8, 8, 1), np.uint8)
    left[:, :4] = 255
    wide = enlarged(left, 16).astype(int)
    assert np.all(wide[:, :6] > 200)
    assert np.all(wide[:, 10:] < 50)


def test_the_card_says_what_the_arrays_are(digits: Path) -> None:
    card = json.loads((digits / "card.json").read_text(encoding="utf-8"))
    assert (card["name"], card["source"], card["shape"], card["classes"]) == ("digits", "bundled", [16, 16, 1], 10)
    assert (card["stand_in"], card["whole"], card["test_in_train"]) == (True, True, 0)
    for split, told in card["splits"].items():
        images = arrays.load(digits / split / "images.npy")
        labels = arrays.load(digits / split / "labels.npy", dtype=np.int64, dimensions=1)
        assert told == {
            "images": len(images),
            "per_class": [int((labels == digit).sum()) for digit in range(10)],
            "images_sha256": arrays.digest(images),
            "labels_sha256": arrays.digest(labels),
            "content_sha256": told["content_sha256"],
        }


def test_the_arrays_are_those_of_earlier_versions(digits: Path) -> None:
    card = json.loads((digits / "card.json").read_text(encoding="utf-8"))
    told = {split: facts["images_sha256"][:16] for split, facts in card["splits"].items()}
    assert told == {"train": "c616e70608822de2", "test": "f0bb9c17e54f2ad5"}


def test_fetching_twice_gives_the_same_bytes(digits: Path, tiny_params: Path, tmp_path: Path) -> None:
    main(["--params", str(tiny_params), "--dataset", "digits", "--out", str(tmp_path / "again")])
    again = files(tmp_path / "again")
    assert len(again) == 5
    assert again == files(digits)


def test_an_unknown_dataset_is_refused(tiny_params: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"--dataset is 'letters'; choose .*digits"):
        main(["--params", str(tiny_params), "--dataset", "letters", "--out", str(tmp_path / "letters")])
