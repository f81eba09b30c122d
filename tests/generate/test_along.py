"""Samples made along a training, from the door that trains to the one that scores."""

from pathlib import Path

import numpy as np
import pytest

from stages import arrays, record
from stages.evaluate.__main__ import main as evaluate
from stages.generate.__main__ import main as generate
from stages.train.__main__ import main as train

MOMENTS = [5, 10, 15, 20]  # tiny trains for 20 iterations and logs every 5


@pytest.fixture
def began(tiny_params: Path, digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with a BEGAN that learned for 20 iterations, and what it generates."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUITE_DEVICE", "cpu")
    monkeypatch.setenv("SUITE_CACHE", str(tmp_path / "cache"))
    which = ["--params", str(tiny_params), "--row", "began", "--seed", "0", "--data", str(digits)]
    train([*which, "--out", "model", "--losses", "losses.csv"])
    generate([*which, "--model", "model", "--out", "generated"])
    return tmp_path


def test_the_last_of_them_are_the_row_s_samples(began: Path) -> None:
    card = record.read(began / "generated/card.json")
    assert card["snapshots"] == MOMENTS
    along = arrays.load(began / "generated/snapshots.npy", dimensions=5)
    samples = arrays.load(began / "generated/samples.npy")
    assert along.shape == (len(MOMENTS), *samples.shape)
    assert np.array_equal(along[-1], samples)
    assert not np.array_equal(along[0], samples)


def test_fid_is_taken_of_each_and_the_last_is_the_row_s(
    began: Path, tiny_params: Path, digits: Path, judge: Path
) -> None:
    where = ["--params", str(tiny_params), "--data", str(digits), "--judge", str(judge)]
    evaluate([*where, "--generated", "generated", "--out", "metrics.json"])
    (fid,) = (told for label, told in record.read(began / "metrics.json")["metrics"].items() if label.startswith("FID"))
    assert set(fid["along"]) == {str(moment) for moment in MOMENTS}
    assert fid["along"]["20"] == pytest.approx(fid["value"], rel=1e-6)
    assert len(set(fid["along"].values())) == len(MOMENTS)


def test_a_row_that_kept_no_generator_has_none(
    model: Path, tiny_params: Path, digits: Path, judge: Path, tmp_path: Path
) -> None:
    which = ["--params", str(tiny_params), "--row", "pagan", "--seed", "0", "--data", str(digits)]
    generate([*which, "--model", str(model), "--out", str(tmp_path / "generated")])
    assert not (tmp_path / "generated/snapshots.npy").exists()
    assert "snapshots" not in record.read(tmp_path / "generated/card.json")
    where = ["--params", str(tiny_params), "--data", str(digits), "--judge", str(judge)]
    evaluate([*where, "--generated", str(tmp_path / "generated"), "--out", str(tmp_path / "metrics.json")])
    told = record.read(tmp_path / "metrics.json")["metrics"]
    assert not [label for label, one in told.items() if "along" in one]
