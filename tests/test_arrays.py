"""Arrays between the rooms: read as they were saved, or refused with what was found."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages import arrays
from stages.door import UserError

IMAGES = np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3)


def test_what_was_saved_is_what_is_loaded(tmp_path: Path) -> None:
    arrays.save(tmp_path, "images", IMAGES)
    loaded = arrays.load(tmp_path / "images.npy")
    assert np.array_equal(loaded, IMAGES)
    assert not loaded.flags.writeable


def test_a_view_is_saved_as_plainly_as_its_copy(tmp_path: Path) -> None:
    arrays.save(tmp_path, "view", IMAGES[:, ::-1].transpose(0, 2, 1, 3))
    arrays.save(tmp_path, "copy", IMAGES[:, ::-1].transpose(0, 2, 1, 3).copy())
    assert (tmp_path / "view.npy").read_bytes() == (tmp_path / "copy.npy").read_bytes()


def test_labels_are_loaded_where_labels_are_asked_for(tmp_path: Path) -> None:
    arrays.save(tmp_path, "labels", np.array([3, 1, 4], dtype=np.int64))
    assert arrays.load(tmp_path / "labels.npy", dtype=np.int64, dimensions=1).tolist() == [3, 1, 4]


def test_a_missing_array_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"images\.npy is missing"):
        arrays.load(tmp_path / "images.npy")


@pytest.mark.parametrize("left", [0, 5, 60, -1], ids=["nothing", "magic", "half-header", "one-byte-short"])
def test_a_truncated_file_is_refused(left: int, tmp_path: Path) -> None:
    arrays.save(tmp_path, "images", IMAGES)
    path = tmp_path / "images.npy"
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(UserError, match=r"images\.npy is not a whole \.npy file .*make it again"):
        arrays.load(path)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "images.npy").write_text("x,y\n1,2\n")
    with pytest.raises(UserError, match=r"images\.npy is not a whole \.npy file"):
        arrays.load(tmp_path / "images.npy")


def test_an_array_of_objects_is_refused_unread(tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
    with pytest.raises(UserError, match=r"images\.npy is not a whole \.npy file"):
        arrays.load(tmp_path / "images.npy")


@pytest.mark.parametrize(
    ("array", "found"),
    [
        (IMAGES.astype(np.float32), "float32"),
        (IMAGES.astype(np.int8), "int8"),
        (IMAGES[0], r"\(4, 4, 3\)"),
        (IMAGES[None], r"\(1, 2, 4, 4, 3\)"),
    ],
    ids=["floats", "signed", "one-image", "five-dimensions"],
)
def test_what_is_no_stack_of_byte_images_is_refused(array: Any, found: str, tmp_path: Path) -> None:
    arrays.save(tmp_path, "images", array)
    with pytest.raises(UserError, match=rf"images\.npy holds .*{found}.*must be uint8 with 4 dimensions"):
        arrays.load(tmp_path / "images.npy")


def test_an_empty_set_is_refused(tmp_path: Path) -> None:
    arrays.save(tmp_path, "images", IMAGES[:0])
    with pytest.raises(UserError, match=r"images\.npy holds no rows"):
        arrays.load(tmp_path / "images.npy")


def test_nothing_pickled_is_saved(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        arrays.save(tmp_path, "images", np.array([{}], dtype=object))


def test_a_digest_is_of_values_type_and_shape() -> None:
    same = np.asfortranarray(IMAGES)
    assert arrays.digest(same) == arrays.digest(IMAGES)
    changed = IMAGES.copy()
    changed[0, 0, 0, 0] += 1
    assert len({arrays.digest(x) for x in (IMAGES, changed, IMAGES.reshape(2, 16, 3), IMAGES.view(np.int8))}) == 4
