"""What the judge sees is computed once, whatever the batch, and found again by content."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from stages import arrays
from stages.door import UserError
from stages.evaluate import kept
from stages.evaluate.metrics import fid
from stages.evaluate.seen import Seen
from stages.judge.absent import Absent, NotComputed
from stages.judge.classifier import Classifier

Arrays = dict[str, np.ndarray]
SETTINGS: Any = SimpleNamespace(splits=10, shuffle_seed=0)


class Eyes:
    """A judge that counts what it is shown."""

    suffix = "-own"
    name = "a judge"

    def __init__(self, weights: str = "a" * 64, nan: bool = False):
        self.card = {"weights_sha256": weights}
        self.nan = nan
        self.looked: list[int] = []

    def look(self, images: np.ndarray, batch: int = 500) -> tuple[np.ndarray, np.ndarray]:
        self.looked.append(len(images))
        features = images.reshape(len(images), -1)[:, :3].astype(np.float64)
        return features * np.nan if self.nan else features, features[:, :2]


@pytest.fixture
def paths(made: Arrays, folder_of: Callable[..., Path], digits: Path) -> dict[str, Path]:
    return {path.stem: path for path in folder_of(made).glob("*.npy")}


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes sets of a hundred count as large."""
    monkeypatch.setattr(kept, "LEAST", 100)


def test_what_the_judge_sees_is_computed_once(paths: dict[str, Path]) -> None:
    eyes = Eyes()
    seen = Seen(paths, SETTINGS, eyes)
    assert np.array_equal(seen.features("samples"), seen.features("samples"))
    assert seen.logits("samples").shape == (200, 2)
    assert eyes.looked == [200]
    seen.logits("originals")
    assert eyes.looked == [200, 60]
    assert seen.features("samples").dtype == seen.logits("samples").dtype == np.float64


def test_each_judge_looks_for_itself(paths: dict[str, Path]) -> None:
    one, other = Eyes(), Eyes("b" * 64)
    seen = Seen(paths, SETTINGS)
    for eyes in (one, other):
        view = seen.through(eyes)
        view.features("samples")
        view.logits("samples")
    assert one.looked == other.looked == [200]


def test_the_arrays_are_there_without_a_judge(paths: dict[str, Path], made: Arrays) -> None:
    seen = Seen(paths, SETTINGS)
    assert seen.has("samples")
    assert not seen.has("reference")
    assert np.array_equal(seen.images("samples"), made["samples"])
    assert np.array_equal(seen.codes(), made["codes"])


@pytest.mark.parametrize("batch", [1, 7, 64])
def test_what_is_seen_does_not_depend_on_the_batch(paths: dict[str, Path], judge: Path, batch: int) -> None:
    eyes = Classifier.load(judge)
    features = Seen(paths, SETTINGS, eyes).features("samples")
    assert eyes.look(arrays.load(paths["samples"]), batch)[0] == pytest.approx(features, abs=1e-6)


@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_seen_does_not_depend_on_the_number_of_threads(
    paths: dict[str, Path], judge: Path, threads: int
) -> None:
    eyes = Classifier.load(judge)
    torch.set_num_threads(1)
    expected = eyes.look(arrays.load(paths["samples"]))[0]
    torch.set_num_threads(threads)
    assert Seen(paths, SETTINGS, eyes).features("samples") == pytest.approx(expected, abs=1e-6)


def test_features_that_are_not_finite_are_refused(paths: dict[str, Path]) -> None:
    with pytest.raises(UserError, match=r"what a judge sees in .*samples\.npy is not all finite"):
        Seen(paths, SETTINGS, Eyes(nan=True)).logits("samples")


@pytest.mark.usefixtures("large")
def test_another_run_finds_what_was_seen(paths: dict[str, Path]) -> None:
    one, other = Eyes(), Eyes()
    expected = Seen(paths, SETTINGS, one).features("samples")
    assert np.array_equal(Seen(paths, SETTINGS, other).features("samples"), expected)
    assert (one.looked, other.looked) == ([200], [])


@pytest.mark.usefixtures("large")
def test_it_is_found_by_content_and_not_by_name(paths: dict[str, Path], tmp_path: Path, made: Arrays) -> None:
    Seen(paths, SETTINGS, Eyes()).features("samples")
    arrays.save(tmp_path, "copied", made["samples"])
    copied = Eyes()
    Seen({"reference": tmp_path / "copied.npy"}, SETTINGS, copied).features("reference")
    assert copied.looked == []
    changed = made["samples"].copy()
    changed[0, 0, 0, 0] ^= 1
    arrays.save(paths["samples"].parent, "samples", changed)
    again = Eyes()
    Seen(paths, SETTINGS, again).features("samples")
    assert again.looked == [200]


@pytest.mark.usefixtures("large")
def test_another_judge_and_other_code_look_again(paths: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    Seen(paths, SETTINGS, Eyes()).features("samples")
    other = Eyes("b" * 64)
    Seen(paths, SETTINGS, other).features("samples")
    assert other.looked == [200]
    monkeypatch.setattr(kept, "code", lambda make: "changed")
    same = Eyes()
    Seen(paths, SETTINGS, same).features("samples")
    assert same.looked == [200]


@pytest.mark.usefixtures("large")
def test_a_judge_that_is_not_there_says_so_of_large_sets_too(paths: dict[str, Path]) -> None:
    absent = Absent({"kind": "published", "title": "Inception", "missing": "needs a file", "weights_sha256": None})
    with pytest.raises(NotComputed, match="needs a file; see README"):
        Seen(paths, SETTINGS, absent).features("samples")


def test_small_sets_are_not_kept(paths: dict[str, Path], tmp_path: Path) -> None:
    Seen(paths, SETTINGS, Eyes()).features("samples")
    assert not (tmp_path / "cache").exists()


@pytest.mark.usefixtures("large")
def test_moments_are_kept_beside_features(paths: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    given = dict(paths, reference=paths["samples"])
    expected = fid.measure(Seen(given, SETTINGS, Eyes()))
    monkeypatch.delattr(Seen, "single")
    assert fid.measure(Seen(given, SETTINGS, Eyes())) == expected


@pytest.mark.usefixtures("large")
def test_networks_compute_in_single_precision_so_that_nothing_is_lost(paths: dict[str, Path], judge: Path) -> None:
    eyes = Classifier.load(judge)
    features, logits = eyes.look(arrays.load(paths["samples"]))
    for _ in range(2):  # made, then found
        seen = Seen(paths, SETTINGS, eyes)
        assert np.array_equal(seen.features("samples"), features)
        assert np.array_equal(seen.logits("samples"), logits)
