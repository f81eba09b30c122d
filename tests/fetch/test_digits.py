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
from stages.fetch import digits as dataset
from stages.fetch.__main__ import main


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


def test_the_splits_part_the_1797_images_between_them() -> None:
    bunch = load_digits()
    splits = dataset.fetch("bundled", 8)  # at their own size, enlarging changes nothing
    images = np.concatenate([images for images, _ in splits.values()])[..., 0]
    labels = np.concatenate([labels for _, labels in splits.values()])
    grey = np.rint(bunch.images * 255 / 16).astype(np.uint8)
    fetched = sorted((image.tobytes(), int(label)) for image, label in zip(images, labels, strict=True))
    assert len(fetched) == 1797
    assert fetched == sorted((image.tobytes(), int(label)) for image, label in zip(grey, bunch.target, strict=True))


def test_every_class_has_its_images_in_both_splits() -> None:
    splits = dataset.fetch("bundled", 8)
    counts = {split: np.bincount(labels) for split, (_, labels) in splits.items()}
    # The counts that the set's own description prints, 0 to 9.
    assert (counts["train"] + counts["test"]).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert counts["test"].min() >= 20


def test_greys_go_from_black_to_white() -> None:
    assert np.all(dataset.enlarge(np.zeros((8, 8)), 16) == 0)
    assert np.all(dataset.enlarge(np.full((8, 8), 16.0), 16) == 255)
    assert np.all(dataset.enlarge(np.full((8, 8), 8.0), 32) == 128)  # 127.5, to the even


def test_an_enlarged_image_keeps_its_sides() -> None:
    left = np.zeros((8, 8))
    left[:, :4] = 16
    enlarged = dataset.enlarge(left, 16).astype(int)
    assert np.all(enlarged[:, :6] > 200)
    assert np.all(enlarged[:, 10:] < 50)


def test_the_card_says_what_the_arrays_are(digits: Path) -> None:
    card = json.loads((digits / "card.json").read_text(encoding="utf-8"))
    assert (card["name"], card["source"], card["shape"], card["classes"]) == ("digits", "bundled", [16, 16, 1], 10)
    assert card["stand_in"] is True
    for split, told in card["splits"].items():
        images = arrays.load(digits / split / "images.npy")
        labels = arrays.load(digits / split / "labels.npy", dtype=np.int64, dimensions=1)
        assert told == {
            "images": len(images),
            "per_class": [int((labels == digit).sum()) for digit in range(10)],
            "images_sha256": arrays.digest(images),
            "labels_sha256": arrays.digest(labels),
        }


def test_fetching_twice_gives_the_same_bytes(digits: Path, tiny_params: Path, tmp_path: Path) -> None:
    main(["--params", str(tiny_params), "--dataset", "digits", "--out", str(tmp_path / "again")])
    again = files(tmp_path / "again")
    assert len(again) == 5
    assert again == files(digits)


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ({"source": "web"}, "datasets.digits.source is 'web'; choose bundled"),
        ({"size": 20}, "datasets.digits.size is 20; give a multiple of 8"),
    ],
)
def test_what_the_digits_cannot_be_is_refused_and_nothing_written(
    edit: dict[str, Any],
    told: str,
    suite: dict[str, Any],
    write_params: Callable[[Any], Path],
    refusal: Callable[..., str],
    tmp_path: Path,
) -> None:
    suite["datasets"]["digits"] |= edit
    line = refusal(main, "--params", write_params(suite), "--dataset", "digits", "--out", tmp_path / "digits")
    assert told in line
    assert not (tmp_path / "digits").exists()


def test_an_unknown_dataset_is_refused(tiny_params: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"--dataset is 'letters'; choose .*digits"):
        main(["--params", str(tiny_params), "--dataset", "letters", "--out", str(tmp_path / "letters")])
