"""Diversity, plausibility and transfer of colours, held to a law of colours that is known."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from stages import arrays, record
from stages.door import UserError
from stages.evaluate.__main__ import main
from stages.evaluate.enough import TooFew
from stages.evaluate.metrics import best_of_k, colour_transfer, colour_variance
from stages.lab import lab_of_rgb, rgb_of_lab

CHROMA = 39  # of white, in digits-tinted


def flat(*lab: tuple[float, float, float], side: int = 4) -> np.ndarray:
    """Even images [n, side, side, 3] of these colours."""
    pixels = np.rint(255 * rgb_of_lab(np.array(lab, float))).astype(np.uint8)
    return np.broadcast_to(pixels[:, None, None], (len(lab), side, side, 3)).copy()


def seen(**given: np.ndarray) -> Any:
    return SimpleNamespace(several=given.__getitem__, images=given.__getitem__, labels=given.__getitem__)


@pytest.fixture(scope="module")
def tests(digits_tinted: Path) -> np.ndarray:
    return np.array(arrays.load(digits_tinted / "test" / "images.npy"))[:40]


def in_hues(images: np.ndarray, hues: np.ndarray) -> np.ndarray:
    """digits-tinted's own law: each image in each of its hues, [n, k]."""
    tint = import_module("stages.fetch.digits-tinted").colour
    greys = lab_of_rgb(images)[..., 0] / 74
    return np.stack([[tint(one, hue) for hue in own] for one, own in zip(greys, hues.tolist(), strict=True)])


# Variance


def test_the_variance_of_two_colours_worked_by_hand() -> None:
    # Of a = ±10 the unbiased variance is 200, of b = 0 it is 0.
    two = flat((50, 10, 0), (50, -10, 0))[None]
    assert colour_variance.variance(two) == pytest.approx(200, rel=0.06)  # bytes
    assert colour_variance.variance(two[:, [0, 0]]) == 0


def test_the_number_of_colorizations_does_not_bias_it_and_lightness_does_not_count() -> None:
    four = flat((50, 10, 0), (50, -10, 0), (30, 10, 0), (30, -10, 0))[None]
    assert colour_variance.variance(four) == pytest.approx(4 / 3 * 100, rel=0.06)


def test_evenly_spaced_hues_have_the_variance_of_the_known_law_exactly(tests: np.ndarray) -> None:
    # A pixel of chroma C in k hues evenly around the circle: mean 0, sum of squares k C², over k - 1.
    k = 10
    starts = np.random.default_rng(0).uniform(0, 2 * np.pi, (len(tests), 1))
    made = in_hues(tests, starts + 2 * np.pi / k * np.arange(k))
    law = colour_variance.of_uniform_hue(tests)
    assert colour_variance.variance(made) == pytest.approx(k / (k - 1) * law, rel=0.01)


def test_an_ideal_colorizer_of_tinted_digits_has_the_known_law_s_variance(tests: np.ndarray) -> None:
    made = in_hues(tests, np.random.default_rng(0).uniform(0, 2 * np.pi, (len(tests), 10)))
    told = colour_variance.measure(seen(colorizations=made, originals=tests))
    grey = lab_of_rgb(tests)[..., 0] / 74
    assert told["of_uniform_hue"] == pytest.approx(np.mean((CHROMA * grey) ** 2), rel=0.01)
    assert told["value"] == pytest.approx(told["of_uniform_hue"], rel=0.1)  # 400 hues
    assert (told["images"], told["each"]) == (40, 10)


def test_a_colorizer_that_ignores_its_code_has_none(tests: np.ndarray) -> None:
    made = np.repeat(tests[:, None], 5, axis=1)
    assert colour_variance.measure(seen(colorizations=made, originals=tests))["value"] < 1e-20
    assert colour_variance.BETTER == "higher"


def test_one_colorization_is_too_few(tests: np.ndarray) -> None:
    with pytest.raises(TooFew, match="wants at least 2 colorizations of each image, there is 1"):
        colour_variance.measure(seen(colorizations=tests[:, None], originals=tests))


# Best of K


def test_the_best_of_two_and_its_curve_worked_by_hand() -> None:
    # a is off by 20 and 10, b by 0: means over both 10 and 5; and of the second image 0 and 10.
    originals = flat((50, 0, 0), (50, 20, 0))
    made = np.stack([flat((50, 20, 0), (50, -10, 0)), flat((50, 20, 0), (50, 0, 0))])
    told = best_of_k.measure(seen(colorizations=made, originals=originals))
    assert told["curve"] == pytest.approx([5, 2.5], rel=0.06)
    assert told["value"] == told["curve"][-1]
    assert best_of_k.BETTER == "lower"


def test_the_true_colours_among_them_leave_no_error(tests: np.ndarray) -> None:
    made = np.stack([255 - tests, tests], axis=1)
    told = best_of_k.measure(seen(colorizations=made, originals=tests))
    assert told["value"] == 0 < told["curve"][0]


def test_more_of_the_law_s_colours_come_nearer_and_grey_does_not(tests: np.ndarray) -> None:
    made = in_hues(tests, np.random.default_rng(0).uniform(0, 2 * np.pi, (len(tests), 10)))
    ideal = best_of_k.measure(seen(colorizations=made, originals=tests))["curve"]
    grey = np.repeat(np.repeat(tests.max(axis=3, keepdims=True), 3, axis=3)[:, None], 10, axis=1)
    assert sorted(ideal, reverse=True) == ideal
    assert ideal[-1] < best_of_k.measure(seen(colorizations=grey, originals=tests))["value"] / 3


# Transfer


def test_distances_worked_by_hand() -> None:
    originals = flat((50, 30, 0), (50, 0, 40))
    transfers = np.stack([flat((50, 30, 0), (50, 0, 40)), flat((50, 30, 0), (50, 0, 40))])
    donors = np.array([0, 1])  # the first pair is (0 with its own), which is none; (0, 1) and (1, 0) took all
    told = colour_transfer.measure(seen(transfers=transfers, originals=originals, donors=donors))
    assert told["pairs"] == 2
    assert told["to_donor"] == 0
    assert told["to_recipient"] == told["value"] == pytest.approx(50, rel=0.06)


def test_codes_without_colours_transfer_nothing_and_a_recipient_that_keeps_its_own_counts_against() -> None:
    originals = flat((50, 30, 0), (50, -30, 0), (50, 0, 30))
    keeping = np.repeat(originals[:, None], 3, axis=1)
    donors = np.arange(3)
    kept = colour_transfer.measure(seen(transfers=keeping, originals=originals, donors=donors))
    assert kept["to_recipient"] == 0
    assert kept["value"] == -kept["to_donor"] < -30
    to_recipient, to_donor = colour_transfer.distances(originals, np.full_like(keeping, 119), donors)
    assert to_recipient.mean() - to_donor.mean() == pytest.approx(0, abs=1e-9)
    assert colour_transfer.BETTER == "higher"


def test_the_donor_s_hue_on_tinted_digits_is_nearer_to_the_donor(tests: np.ndarray) -> None:
    lab = lab_of_rgb(tests)
    hues = np.arctan2(lab[..., 2].sum(axis=(1, 2)), lab[..., 1].sum(axis=(1, 2)))
    donors = np.arange(0, 40, 4)
    made = in_hues(tests, np.broadcast_to(hues[donors], (40, 10)))
    told = colour_transfer.measure(seen(transfers=made, originals=tests, donors=donors))
    assert told["to_donor"] < told["to_recipient"] / 3
    assert told["pairs"] == 390


def test_an_image_alone_has_no_donor() -> None:
    one = flat((50, 30, 0))
    with pytest.raises(TooFew, match="two images at least"):
        colour_transfer.measure(seen(transfers=one[None], originals=one, donors=np.array([0])))


@pytest.mark.parametrize("donors", [[0], [0, 2], [-1, 0]], ids=str)
def test_donors_that_are_not_there_are_refused(donors: list[int]) -> None:
    two = flat((50, 30, 0), (50, 0, 30))
    with pytest.raises(UserError, match=r"donors are .*; give the places among 2 originals of the 2 images"):
        colour_transfer.measure(seen(transfers=np.stack([two, two]), originals=two, donors=np.array(donors)))


# All of them


@pytest.mark.parametrize("metric", [colour_variance, best_of_k, colour_transfer], ids=lambda one: one.LABEL)
def test_several_of_other_images_are_refused(metric: Any, tests: np.ndarray) -> None:
    several = np.repeat(tests[:3, None], 2, axis=1)
    given = {"originals": tests[:2], "colorizations": several, "transfers": several, "donors": np.arange(2)}
    with pytest.raises(UserError, match=r"are of shape \(3, 2, 16, 16, 3\), originals of \(2, 16, 16, 3\)"):
        metric.measure(seen(**given))


def test_grey_images_are_refused() -> None:
    with pytest.raises(UserError, match="these images have 1 channels, give 3"):
        colour_variance.variance(np.zeros((1, 2, 4, 4, 1), np.uint8))


def test_the_door_measures_them_where_their_arrays_are_and_says_nothing_where_not(
    tests: np.ndarray, tiny_params: Path, folder_of: Callable[..., Path], tmp_path: Path
) -> None:
    labels = {"Colour variance", "Best of K", "Colour transfer"}
    several = np.repeat(tests[:, None], 2, axis=1)
    made = {"samples": tests, "originals": tests, "reconstructions": tests}
    several_of = {"colorizations": several, "transfers": several, "donors": np.arange(2)}
    for name, given, told in (("with", made | several_of, labels), ("without", made, set())):
        out = tmp_path / f"{name}.json"
        main(["--params", str(tiny_params), "--generated", str(folder_of(given, name)), "--out", str(out)])
        metrics = record.read(out)
        assert labels & set(metrics["metrics"]) == told
        assert not labels & set(metrics["not_computed"])
