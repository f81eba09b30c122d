"""The weights file, held to the safetensors package both ways."""

from pathlib import Path

import numpy as np
import pytest
from safetensors import numpy as theirs

from stages import weights
from stages.door import UserError

ARRAYS = {
    "encoder.0.weight": np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32),
    "a.count": np.array(7),
    "empty": np.zeros((0, 2), np.float32),
    "flag": np.array([True, False]),
    "größe": np.arange(5, dtype=np.float64),
    "bytes": np.arange(3, dtype=np.uint8),
}


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    alike = [one[name].dtype == other[name].dtype and np.array_equal(one[name], other[name]) for name in one]
    return one.keys() == other.keys() and all(alike)


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    weights.save(tmp_path / "w", ARRAYS)
    assert same(weights.load(tmp_path / "w"), ARRAYS)


def test_the_package_reads_what_is_written_here(tmp_path: Path) -> None:
    weights.save(tmp_path / "w", ARRAYS)
    assert same(theirs.load_file(tmp_path / "w"), ARRAYS)


def test_what_the_package_writes_is_read_here(tmp_path: Path) -> None:
    theirs.save_file(ARRAYS, tmp_path / "w", metadata={"format": "pt"})
    assert same(weights.load(tmp_path / "w"), ARRAYS)


def test_both_write_the_same_bytes(tmp_path: Path) -> None:
    weights.save(tmp_path / "ours", ARRAYS)
    theirs.save_file(ARRAYS, tmp_path / "theirs")
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


def test_the_order_of_names_leaves_the_bytes_alone(tmp_path: Path) -> None:
    weights.save(tmp_path / "one", ARRAYS)
    weights.save(tmp_path / "other", dict(reversed(ARRAYS.items())))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


@pytest.mark.parametrize("cut", [0, 5, 40, -1], ids=["empty", "in the length", "in the header", "in the last array"])
def test_a_file_cut_short_is_refused(cut: int, tmp_path: Path) -> None:
    weights.save(tmp_path / "w", ARRAYS)
    (tmp_path / "w").write_bytes((tmp_path / "w").read_bytes()[:cut])
    with pytest.raises(UserError, match="is not a whole safetensors file"):
        weights.load(tmp_path / "w")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="w is missing"):
        weights.load(tmp_path / "w")


def test_a_pickle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(b"\x80\x04\x95" + b"\x00" * 50)
    with pytest.raises(UserError, match="is not a whole safetensors file"):
        weights.load(tmp_path / "w")
