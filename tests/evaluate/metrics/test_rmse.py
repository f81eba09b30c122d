"""RMSE in the scale that PAGAN prints: the mean Euclidean norm of an image's difference, pixels in [0, 1]."""

from types import SimpleNamespace

import numpy as np
import pytest

from stages.evaluate.metrics import rmse as metric
from stages.evaluate.metrics.rmse import l2_norm


def images(n: int = 5, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 200, (n, 32, 32, 3), dtype=np.uint8)


@pytest.mark.parametrize("greys", [1, 51])
def test_a_constant_difference_counts_the_root_of_the_pixels_times(greys: int) -> None:
    # sqrt(3 x 32 x 32) = 55.4256
    assert l2_norm(images(), images() + np.uint8(greys)) == pytest.approx(55.4256 * greys / 255, rel=1e-6)


def test_one_pixel_from_black_to_white_counts_1() -> None:
    changed = np.zeros((4, 8, 8, 1), dtype=np.uint8)
    changed[:, 2, 3] = 255
    assert l2_norm(np.zeros_like(changed), changed) == pytest.approx(1)


def test_the_norm_is_taken_image_by_image_before_the_mean() -> None:
    changed = np.zeros((2, 8, 8, 1), dtype=np.uint8)
    changed[1, 0, :4] = 255  # norms 0 and 2; the root of the mean square would be sqrt(2)
    assert l2_norm(np.zeros_like(changed), changed) == pytest.approx(1)


def test_equal_images_score_0() -> None:
    assert l2_norm(images(), images()) == 0


def test_bytes_do_not_wrap_around() -> None:
    dark, light = np.full((1, 8, 8, 1), 10, dtype=np.uint8), np.full((1, 8, 8, 1), 61, dtype=np.uint8)
    assert l2_norm(dark, light) == l2_norm(light, dark) == pytest.approx(8 * 0.2)


def test_the_order_of_the_pairs_does_not_matter() -> None:
    original, other, order = images(), images(seed=1), np.array([3, 1, 4, 0, 2])
    assert l2_norm(original[order], other[order]) == pytest.approx(l2_norm(original, other))
    assert l2_norm(original[order], other) != pytest.approx(l2_norm(original, other))


def test_larger_differences_score_higher_and_lower_is_better() -> None:
    scores = [l2_norm(images(), images() + np.uint8(greys)) for greys in (0, 5, 20)]
    assert scores == sorted(set(scores))
    assert metric.BETTER == "lower"


@pytest.mark.parametrize("shape", [(4, 32, 32, 3), (5, 32, 32, 1), (1, 32, 32, 3)])
def test_sets_that_do_not_pair_up_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\(5, 32, 32, 3\) originals"):
        l2_norm(images(), np.zeros(shape, dtype=np.uint8))


def test_the_value_is_told_beside_its_share_of_a_pixel() -> None:
    pairs = {"originals": images(), "reconstructions": images() + np.uint8(51)}
    told = metric.measure(SimpleNamespace(images=pairs.__getitem__))
    assert told == {"value": pytest.approx(0.2 * 3072**0.5), "per_pixel": pytest.approx(0.2), "images": 5}
