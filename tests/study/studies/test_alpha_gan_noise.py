"""Diversity of noisy images: what noise is added, and what is compared with what."""

from pathlib import Path

import numpy as np
import pytest

from stages import arrays, record
from stages.evaluate.metrics.diversity import ms_ssim, random_pairs, weights_for
from stages.study.studies.alpha_gan_noise import JUDGED, LEVELS, SEED, Sizes, found, study, with_noise


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder of 30 images of one grey: nothing is less diverse."""
    (tmp_path / "test").mkdir()
    arrays.save(tmp_path / "test", "images", np.full((30, 16, 16, 1), 128, np.uint8))
    record.write(tmp_path / "card.json", {"name": "grey", "title": "grey images", "stand_in": True})
    return tmp_path


@pytest.mark.parametrize("deviation", [0.02, 0.1])
def test_the_noise_has_the_deviation_asked_for_and_its_draws_are_the_same(deviation: float) -> None:
    grey = np.full((200, 16, 16, 1), 128, np.uint8)
    noise = with_noise(grey, deviation).astype(float) - 128
    assert noise.std() == pytest.approx(255 * deviation, rel=0.02)
    assert abs(noise.mean()) < 255 * deviation / 50
    assert np.corrcoef(noise.ravel(), (with_noise(grey, 0.05).astype(float) - 128).ravel())[0, 1] > 0.98


def test_no_noise_leaves_the_images_as_they_were() -> None:
    images = np.random.default_rng(0).integers(256, size=(5, 16, 16, 1)).astype(np.uint8)
    assert np.array_equal(with_noise(images, 0.0), images)


def test_equal_images_differ_by_their_noise_alone(folder: Path) -> None:
    told = study(Sizes(images=30, pairs=40), data=folder)
    assert told["plain"] == pytest.approx(0, abs=1e-12)
    values = [one["diversity"] for one in told["noisy"]]
    assert values == sorted(values)
    assert values[0] > 0
    assert told["difference"] == pytest.approx(values[LEVELS.index(JUDGED)])
    assert (told["dataset"], told["dataset_title"], told["images"]) == ("grey", "grey images", 30)


def test_the_pairs_are_the_same_with_and_without_noise(digits: Path) -> None:
    told = study(Sizes(images=50, pairs=60), data=digits)
    images = np.array(arrays.load(digits / "test" / "images.npy")[:50])
    noisy, (first, second) = with_noise(images, LEVELS[2]), random_pairs(50, 60, SEED)
    alike = ms_ssim(images[first], images[second], weights_for(16))
    less_alike = ms_ssim(noisy[first], noisy[second], weights_for(16))
    assert told["plain"] == pytest.approx(1 - alike.mean())
    assert told["noisy"][2]["diversity"] == pytest.approx(1 - less_alike.mean())
    added = alike - less_alike
    assert told["noisy"][2]["more"]["mean"] == told["difference"] == pytest.approx(added.mean())
    assert told["noisy"][2]["more"]["standard_error"] == pytest.approx(added.std() / 60**0.5)
    assert added.std() < alike.std()  # what noise adds is known better than how diverse the images are


def test_it_says_every_level_in_one_line(folder: Path) -> None:
    line = found(study(Sizes(images=10, pairs=5), data=folder))
    assert line.startswith("diversity 0; ")
    assert all(f"with noise of {level:g}" in line for level in LEVELS)
