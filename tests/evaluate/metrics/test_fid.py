"""The Fréchet distance against closed forms and two other implementations."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch_fidelity.metric_fid import KEY_METRIC_FID, fid_features_to_statistics, fid_statistics_to_metric
from torchmetrics.image.fid import FrechetInceptionDistance

from stages.door import UserError
from stages.evaluate.metrics import fid as metric
from stages.evaluate.metrics.fid import fid


def features(n: int = 400, d: int = 6, seed: int = 0) -> np.ndarray:
    """Correlated, skewed and off centre."""
    generator = np.random.default_rng(seed)
    mixing = np.random.default_rng(9).standard_normal((d, d))
    return np.maximum(generator.standard_normal((n, d)) @ mixing + 1, -0.5)


def fidelity(samples: np.ndarray, reference: np.ndarray) -> float:
    statistics = [fid_features_to_statistics(torch.from_numpy(array)) for array in (samples, reference)]
    return float(fid_statistics_to_metric(*statistics, verbose=False)[KEY_METRIC_FID])


class Itself(nn.Module):
    """Features that are handed to torchmetrics as they are."""

    num_features = 6

    def forward(self, x: Tensor) -> Tensor:
        return x


@pytest.mark.parametrize("sizes", [(400, 400), (300, 500), (12, 400)])
def test_it_is_torch_fidelity_s_distance(sizes: tuple[int, int]) -> None:
    samples, reference = features(sizes[0]), 1.3 * features(sizes[1], seed=1) + 0.2
    assert fid(samples, reference) == pytest.approx(fidelity(samples, reference), abs=1e-6)


def test_it_is_torch_fidelity_s_distance_where_a_feature_never_fires() -> None:
    samples, reference = features(), features(seed=1)
    samples[:, 2] = reference[:, 4] = 0  # ReLU features do this; the covariances are singular
    assert fid(samples, reference) == pytest.approx(fidelity(samples, reference), abs=1e-6)


def test_it_is_torchmetrics_distance() -> None:
    samples, reference = features(), features(seed=1) * 1.5
    other = FrechetInceptionDistance(feature=Itself()).set_dtype(torch.float64)
    other.update(torch.from_numpy(reference), real=True)
    other.update(torch.from_numpy(samples), real=False)
    assert fid(samples, reference) == pytest.approx(float(other.compute()), abs=1e-6)


def test_equal_sets_are_at_distance_0() -> None:
    assert fid(features(), features()) == pytest.approx(0, abs=1e-9)
    assert fid(features(), features()) >= 0


def test_a_shifted_mean_costs_the_shift_squared() -> None:
    shift = np.array([1.0, -2.0, 0.0, 0.5, 0.0, 3.0])
    assert fid(features() + shift, features()) == pytest.approx(1 + 4 + 0.25 + 9)


@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_scaled_deviations_cost_the_scale_less_one_squared_times_the_variance(scale: float) -> None:
    x = features()
    centred = x - x.mean(axis=0)
    total = np.trace(np.cov(x, rowvar=False))
    assert fid(scale * centred, centred) == pytest.approx((1 - scale) ** 2 * total)


def test_four_images_worked_by_hand() -> None:
    # Means 1 and 4, variances (n - 1 in the denominator) 4/3 and 16/3: 9 + 4/3 + 16/3 - 2 x 8/3 = 31/3.
    samples, reference = np.zeros((4, 2)), np.zeros((4, 2))
    samples[:, 0], reference[:, 0] = (0, 2, 0, 2), (2, 2, 6, 6)
    assert fid(samples, reference) == pytest.approx(31 / 3)


def test_the_order_of_rows_and_of_the_two_sets_does_not_matter() -> None:
    samples, reference = features(), features(300, seed=1) * 1.2
    order = np.random.default_rng(0).permutation(400)
    assert fid(samples[order], reference) == pytest.approx(fid(samples, reference))
    assert fid(reference, samples) == pytest.approx(fid(samples, reference))


def test_going_further_from_the_reference_scores_higher_and_lower_is_better() -> None:
    reference, noise = features(), np.random.default_rng(5).standard_normal((400, 6))
    scores = [fid(features(seed=1) + scale * noise, reference) for scale in (0, 1, 2, 4)]
    assert scores == sorted(scores)
    assert fid(np.repeat(features(100, seed=1), 4, axis=0) * 0.1, reference) > scores[0]  # collapse hurts as well
    assert metric.BETTER == "lower"


def test_single_precision_features_are_scored_in_double() -> None:
    # A mean far above the spread leaves single precision nothing of the covariance.
    samples, reference = features().astype(np.float32) + 1000, features(seed=1).astype(np.float32) + 1000
    expected = fid(samples.astype(np.float64), reference.astype(np.float64))
    assert fid(samples, reference) == expected


@pytest.mark.parametrize(
    ("samples", "reference", "named"), [(11, 400, "samples has 11"), (400, 11, "reference has 11")]
)
def test_too_few_images_for_the_features_are_refused(samples: int, reference: int, named: str) -> None:
    with pytest.raises(UserError, match=rf"at least 12 images for 6 features, .*{named}"):
        fid(features(samples), features(reference))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_features_that_are_not_finite_are_refused(value: float) -> None:
    broken = features()
    broken[3, 2] = value
    with pytest.raises(UserError, match="features of samples are not all finite"):
        fid(broken, features())
    with pytest.raises(UserError, match="features of the reference are not all finite"):
        fid(features(), broken)


def test_a_set_of_several_blocks_has_the_covariance_of_the_whole() -> None:
    samples = features(2 * metric.ROWS + 7)
    told = metric.moments(samples, "samples")
    assert told["mean"] == pytest.approx(samples.mean(axis=0), abs=1e-12)
    assert told["covariance"] == pytest.approx(np.cov(samples, rowvar=False), rel=1e-10)


def test_it_is_torch_fidelity_s_distance_at_many_features() -> None:
    generator = np.random.default_rng(0)
    mixing = generator.standard_normal((96, 96)) / 10
    samples, reference = (np.maximum(generator.standard_normal((n, 96)) @ mixing, -0.5) for n in (3000, 2000))
    assert fid(samples, 1.2 * reference) == pytest.approx(fidelity(samples, 1.2 * reference), rel=1e-6)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("offset", [0, 100, 100_000])
def test_single_precision_products_change_nothing_that_is_told(
    kind: type[np.floating], offset: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = features(3 * metric.ROWS, 48).astype(kind) + kind(offset)
    reference = (features(2 * metric.ROWS, 48, seed=1) * 1.1).astype(kind) + kind(offset)
    expected = fid(samples, reference)
    monkeypatch.setattr(metric, "SINGLE", 1)
    assert fid(samples, reference) != expected
    assert fid(samples, reference) == pytest.approx(expected, rel=1e-7)
    assert fid(samples, reference) == pytest.approx(fidelity(*map(np.float64, (samples, reference))), rel=1e-6)


def test_shifted_gaussians_are_as_far_as_the_shift_squared() -> None:
    generator = np.random.default_rng(0)
    samples, reference = generator.standard_normal((50_000, 4)) + 3, generator.standard_normal((50_000, 4))
    assert fid(samples, reference) == pytest.approx(4 * 9, rel=0.02)


def test_the_number_stands_beside_its_sample_count() -> None:
    sets = {"samples": features(300), "reference": features(400, seed=1)}
    along: dict[int, np.ndarray] = {}
    seen = SimpleNamespace(
        single=sets.__getitem__,
        images=sets.__getitem__,
        kept=lambda name, what, make: make(),
        along=along.items,
        judge=SimpleNamespace(look=lambda images: (images, None)),
    )
    told = {
        "value": pytest.approx(fid(sets["samples"], sets["reference"])),
        "samples": 300,
        "reference": 400,
        "features": 6,
    }
    assert metric.measure(seen) == told
    along |= {50: features(300, seed=2), 100: sets["samples"]}
    by_iteration = {iteration: pytest.approx(fid(one, sets["reference"]), rel=1e-5) for iteration, one in along.items()}
    assert metric.measure(seen) == told | {"along": by_iteration}
