"""The critic as a metric: which images it learns from, which it is scored on, and which way is better."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from stages.evaluate.enough import TooFew
from stages.evaluate.metrics import critic as metric
from stages.params import CriticBudget

BUDGET = CriticBudget(steps=60, batch=32, learning_rate=2e-3, width=32, every=20)


@pytest.fixture(autouse=True)
def _on_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUITE_DEVICE", "cpu")


def blobs(n: int, brightness: int, seed: int = 0) -> np.ndarray:
    """Noisy images of 8 x 8 around a grey."""
    return np.random.default_rng(seed).normal(brightness, 20, (n, 8, 8, 1)).clip(0, 255).astype(np.uint8)


def measured(test: np.ndarray, samples: np.ndarray, budget: CriticBudget = BUDGET) -> dict[str, Any]:
    arrays = {"test": test, "samples": samples}
    return metric.measure(SimpleNamespace(images=arrays.__getitem__, settings=SimpleNamespace(critic=budget)))


def test_samples_that_are_further_off_score_lower_and_higher_is_better() -> None:
    scores = [measured(blobs(200, 100), blobs(200, grey, seed=1))["value"] for grey in (100, 130, 200)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1] + 1
    assert metric.BETTER == "higher"


def test_it_is_the_negative_distance() -> None:
    # every pixel 60 greys off: a norm of 8 x 60 / 127.5 = 3.76 in [-1, 1], found 19 % longer under the penalty
    budget = CriticBudget(steps=300, batch=64, learning_rate=2e-3, width=32, every=300)
    told = measured(blobs(400, 90), blobs(400, 150, seed=1), budget)
    assert told["value"] == pytest.approx(-3.76 * (1 + 3.76 / 20), rel=0.1)
    assert told["slope"] == pytest.approx(1 + 3.76 / 20, rel=0.1)


def test_it_is_scored_on_the_half_that_it_did_not_learn_from() -> None:
    # the halves lie on different sides of the samples: what it learned does not help
    test = np.concatenate([blobs(100, 60), blobs(100, 180)])
    told = measured(test, blobs(200, 120, seed=1))
    assert told["value"] > 1 > -1 > told["value"] - told["gap"]


def test_the_order_of_what_it_is_scored_on_does_not_matter() -> None:
    test, samples = blobs(60, 100), blobs(60, 120, seed=1)
    turned = [np.concatenate([array[:30], array[:29:-1]]) for array in (test, samples)]
    assert measured(*turned)["value"] == pytest.approx(measured(test, samples)["value"], rel=1e-9)


def test_samples_that_are_test_images_leave_no_image_on_both_sides() -> None:
    # else the critic would learn each image as real or as sample, and be scored on it as the other
    test = blobs(200, 100)
    images, samples = metric.apart(test, test[::-1])
    assert (len(images), len(samples)) == (100, 100)
    assert np.array_equal(np.concatenate([images, samples[::-1]]), test)
    assert abs(measured(test, test[::-1])["value"]) < 0.3


def test_a_sample_that_happens_to_be_a_test_image_changes_nothing() -> None:
    test, samples = blobs(20, 100), blobs(20, 100, seed=1)
    samples[3] = test[5]
    images, kept = metric.apart(test, samples)
    assert np.array_equal(images, test)
    assert np.array_equal(kept, samples)


def test_the_number_stands_beside_its_protocol_and_curves() -> None:
    told = measured(blobs(61, 100), blobs(80, 130, seed=1))
    assert (told["steps"], told["images"], told["samples"]) == (60, [30, 31], [40, 40])
    assert told["curves"]["step"] == [20, 40, 60]
    assert told["curves"]["test"][-1] == told["value"]
    assert len(told["curves"]["validation"]) == 3


def test_one_image_is_too_few() -> None:
    with pytest.raises(TooFew, match="samples has 1"):
        measured(blobs(10, 100), blobs(1, 100))
    with pytest.raises(TooFew, match="the test set has 1"):
        measured(blobs(1, 100), blobs(10, 100))
