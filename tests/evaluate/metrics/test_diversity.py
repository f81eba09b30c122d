"""Diversity against a plain convolution, torchmetrics, and sets whose pairs are known."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from scipy.ndimage import uniform_filter
from scipy.signal import convolve
from torchmetrics.functional.image import multiscale_structural_similarity_index_measure

from stages.door import UserError
from stages.evaluate.enough import TooFew
from stages.evaluate.metrics import diversity as metric
from stages.evaluate.metrics.diversity import WEIGHTS, ms_ssim, random_pairs, weights_for
from stages.judge.absent import NotComputed


def images(n: int = 4, side: int = 64, channels: int = 3, seed: int = 0) -> np.ndarray:
    """Smooth enough that pairs are neither alike nor wholly unlike."""
    rough = np.random.default_rng(seed).normal(128, 260, (n, side, side, channels))
    return uniform_filter(rough, (0, 5, 5, 0)).clip(0, 255).astype(np.uint8)


def like(x: np.ndarray, seed: int = 9) -> np.ndarray:
    """The same images under noise."""
    return (x + np.random.default_rng(seed).normal(0, 40, x.shape)).clip(0, 255).astype(np.uint8)


def plainly(x: np.ndarray, y: np.ndarray, scales: int) -> float:
    """MS-SSIM of one pair by two-dimensional convolutions, a channel at a time; after Wang et al. 2003."""
    weights = np.array(WEIGHTS[:scales]) / sum(WEIGHTS[:scales])
    a, b = x.astype(np.float64), y.astype(np.float64)
    value = 1.0
    for scale in range(scales):
        size = min(11, *a.shape[:2])
        place = np.arange(size) - (size - 1) / 2
        line = np.exp(-0.5 * (place / (1.5 * size / 11)) ** 2)
        window = np.outer(line, line) / np.outer(line, line).sum()
        contrasts, wholes = [], []
        for channel in range(a.shape[2]):
            p, q = a[..., channel], b[..., channel]
            mean_p, mean_q = convolve(p, window, "valid"), convolve(q, window, "valid")
            var_p = convolve((p - p.mean()) ** 2, window, "valid") - (mean_p - p.mean()) ** 2
            var_q = convolve((q - q.mean()) ** 2, window, "valid") - (mean_q - q.mean()) ** 2
            both = convolve((p - p.mean()) * (q - q.mean()), window, "valid")
            both -= (mean_p - p.mean()) * (mean_q - q.mean())
            contrast = (2 * both + 58.5225) / (var_p + var_q + 58.5225)
            luminance = (2 * mean_p * mean_q + 6.5025) / (mean_p**2 + mean_q**2 + 6.5025)
            contrasts.append(contrast.mean())
            wholes.append((contrast * luminance).mean())
        mean = float(np.mean(wholes if scale == scales - 1 else contrasts))
        value *= max(mean, 0.0) ** weights[scale]
        height, width = a.shape[0] // 2 * 2, a.shape[1] // 2 * 2
        a, b = (
            (
                one[:height:2, :width:2]
                + one[1:height:2, :width:2]
                + one[:height:2, 1:width:2]
                + one[1:height:2, 1:width:2]
            )
            / 4
            for one in (a, b)
        )
    return value


@pytest.mark.parametrize(("side", "scales"), [(64, 5), (32, 5), (28, 4), (16, 4), (5, 2)])
@pytest.mark.parametrize("channels", [1, 3])
def test_it_is_what_plain_convolutions_give(side: int, scales: int, channels: int) -> None:
    x = images(side=side, channels=channels)
    y = like(x)
    assert len(weights_for(side)) == scales
    expected = [plainly(one, other, scales) for one, other in zip(x, y, strict=True)]
    assert ms_ssim(x, y, weights_for(side)) == pytest.approx(np.array(expected), rel=1e-9)
    assert 0.01 < min(expected) < max(expected) < 0.99


def test_it_is_torchmetrics_where_that_leaves_out_the_border() -> None:
    # Its last scale averages over a reflected border too, so the last weight is 0; 64 pixels are enough for 3 scales.
    x, weights = images(3), (0.3, 0.7, 0.0)
    y = like(x)
    for one, other, ours in zip(x, y, ms_ssim(x, y, weights), strict=True):
        pair = [torch.from_numpy(image).double().permute(2, 0, 1)[None] for image in (one, other)]
        told = multiscale_structural_similarity_index_measure(*pair, data_range=255.0, betas=weights)
        assert ours == pytest.approx(float(told), rel=1e-6)


def test_an_image_is_like_itself() -> None:
    assert ms_ssim(images(), images(), WEIGHTS) == pytest.approx(np.ones(4), abs=1e-12)


def test_constant_images_differ_by_the_luminance_of_the_last_scale_alone() -> None:
    # (2 x 50 x 100 + C1) / (50² + 100² + C1), C1 = 6.5025, to the last weight.
    dark, light = (np.full((1, 64, 64, 3), grey, np.uint8) for grey in (50, 100))
    assert ms_ssim(dark, light, WEIGHTS) == pytest.approx(np.array([(10006.5025 / 12506.5025) ** 0.1333]))


def test_an_image_and_its_negative_have_nothing_in_common() -> None:
    # The contrast is negative, which no fractional power has.
    x = images(1)
    assert ms_ssim(x, 255 - x, WEIGHTS) == pytest.approx(np.zeros(1))


def test_it_does_not_matter_which_image_comes_first() -> None:
    x, y = images(), images(seed=1)
    assert ms_ssim(x, y, WEIGHTS) == pytest.approx(ms_ssim(y, x, WEIGHTS))


@pytest.mark.parametrize(("side", "scales"), [(1, 0), (2, 1), (3, 1), (4, 2), (31, 4), (32, 5), (218, 5)])
def test_as_many_scales_as_leave_two_pixels(side: int, scales: int) -> None:
    weights = weights_for(side)
    assert len(weights) == scales
    if scales:
        assert sum(weights) == pytest.approx(1)
        assert weights == pytest.approx([weight * weights[0] / WEIGHTS[0] for weight in WEIGHTS[:scales]])


def test_pairs_are_of_distinct_images_and_all_images_take_part() -> None:
    first, second = random_pairs(7, 500, 0)
    assert not (first == second).any()
    assert set(first) == set(second) == set(range(7))
    assert len(set(zip(first.tolist(), second.tolist(), strict=True))) == 42
    assert np.array_equal(first, random_pairs(7, 500, 0)[0])
    assert not np.array_equal(first, random_pairs(7, 500, 1)[0])


def seen(samples: np.ndarray, pairs: int = 300) -> Any:
    settings = SimpleNamespace(diversity_pairs=pairs, shuffle_seed=0)
    return SimpleNamespace(images={"samples": samples}.__getitem__, settings=settings)


def test_copies_of_one_image_have_no_diversity() -> None:
    assert metric.measure(seen(np.repeat(images(1), 10, axis=0)))["value"] == pytest.approx(0, abs=1e-12)


def test_two_images_have_the_diversity_of_their_pair() -> None:
    x = images(2, side=32)
    expected = 1 - ms_ssim(x[:1], x[1:], weights_for(32))[0]
    assert metric.measure(seen(x))["value"] == pytest.approx(expected)


def test_a_collapsed_set_scores_lower_and_higher_is_better() -> None:
    varied = images(40, side=16)
    collapsed = np.repeat(images(4, side=16), 10, axis=0)
    assert metric.measure(seen(varied))["value"] > metric.measure(seen(collapsed))["value"] + 0.05
    assert metric.BETTER == "higher"


def test_how_many_pairs_are_taken_at_a_time_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    before = metric.measure(seen(images(20, side=16)))["value"]
    monkeypatch.setattr(metric, "PAIRS", 7)
    assert metric.measure(seen(images(20, side=16)))["value"] == pytest.approx(before, abs=1e-12)


def test_the_number_stands_beside_its_protocol() -> None:
    told = metric.measure(seen(images(10, side=28, channels=1), pairs=50))
    counts = {name: told[name] for name in ("pairs", "samples", "scales", "windows", "seed")}
    assert counts == {"pairs": 50, "samples": 10, "scales": 4, "windows": [11, 11, 7, 3], "seed": 0}
    assert 0 < told["standard_error"] < told["value"] < 1


def test_one_sample_makes_no_pair() -> None:
    with pytest.raises(TooFew, match="at least 2 samples"):
        metric.measure(seen(images(1)))


def test_images_of_one_pixel_have_no_structure() -> None:
    with pytest.raises(NotComputed, match="at least 2 x 2, these are 1 x 2"):
        metric.measure(seen(np.zeros((3, 1, 2, 1), np.uint8)))


def test_sets_that_do_not_pair_up_are_refused() -> None:
    with pytest.raises(UserError, match="image by image"):
        ms_ssim(images(3), images(4), WEIGHTS)
