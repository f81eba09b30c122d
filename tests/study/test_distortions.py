"""Each distortion: nothing at strength 0, more with more strength; and PAGAN's augmentation, written a second time."""

import numpy as np
import pytest

from stages.study.distortions import DISTORTIONS, augmentation, to_bytes


@pytest.fixture
def images() -> np.ndarray:
    """40 grey ramps and blobs, uint8."""
    rng = np.random.default_rng(0)
    rough = rng.random((40, 4, 4, 1)).repeat(4, axis=1).repeat(4, axis=2)
    return (255 * rough).astype(np.uint8)


@pytest.mark.parametrize("name", DISTORTIONS)
def test_no_strength_changes_nothing(name: str, images: np.ndarray) -> None:
    rng = np.random.default_rng(1)
    x = DISTORTIONS[name].apply(images.astype(np.float32) / 255, 0.0, rng)
    assert np.array_equal(to_bytes(x, rng), images)


@pytest.mark.parametrize("name", DISTORTIONS)
def test_more_strength_changes_more(name: str, images: np.ndarray) -> None:
    x, one = images.astype(np.float32) / 255, DISTORTIONS[name]
    changed = [np.abs(one.apply(x, share * one.most, np.random.default_rng(1)) - x).mean() for share in (0.1, 0.3, 0.9)]
    assert changed == sorted(changed)
    assert len(set(changed)) == 3


def test_numbers_by_hand() -> None:
    x, rng = np.array([0.0, 1.0], np.float32).reshape(1, 1, 2, 1), np.random.default_rng(0)

    def after(name: str, strength: float) -> list[float]:
        return [round(float(value), 6) for value in DISTORTIONS[name].apply(x, strength, rng).ravel()]

    assert after("brightness", 0.25) == [0.25, 1.25]
    assert after("contrast", 0.5) == [0.25, 0.75]
    assert after("contrast", 1.0) == [0.5, 0.5]
    assert after("contrast", 2.0) == [1.0, 0.0]
    assert after("pixel-dropout", 1.0) == [0.5, 0.5]
    assert after("patch", 1.0) == [0.5, 0.5]
    assert set(after("salt-and-pepper", 1.0)) <= {0.0, 1.0}


def test_a_pixel_is_lost_in_all_its_channels() -> None:
    x, rng = np.full((5, 8, 8, 3), 0.3, np.float32), np.random.default_rng(0)
    for name in ("salt-and-pepper", "pixel-dropout", "patch"):
        lost = DISTORTIONS[name].apply(x, 0.4, rng) != x
        assert lost.any()
        assert np.array_equal(lost.any(axis=3), lost.all(axis=3))


def test_bytes_are_rounded_up_as_often_as_their_rest_says() -> None:
    made = to_bytes(np.full((1, 200, 200, 1), 100.25 / 255), np.random.default_rng(0))
    assert set(made.ravel().tolist()) == {100, 101}
    assert made.mean() == pytest.approx(100.25, abs=0.01)
    assert to_bytes(np.array([[[[-3.0], [7.0]]]]), np.random.default_rng(0)).ravel().tolist() == [0, 255]


@pytest.mark.parametrize(("side", "pad"), [(16, 1), (32, 3)])
def test_the_augmentation_is_a_crop_of_the_mirrored_image(side: int, pad: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (200, side, side, 1), dtype=np.uint8)
    padded = np.stack([np.pad(image[..., 0], pad, mode="reflect") for image in images])
    moved, places = augmentation(images, np.random.default_rng(1)), set()
    for image, made in zip(padded, moved, strict=True):
        fits = [
            (top, left)
            for top in range(2 * pad + 1)
            for left in range(2 * pad + 1)
            if np.array_equal(image[top : top + side, left : left + side], made[..., 0])
        ]
        assert len(fits) == 1
        places.update(fits)
    assert len(places) == (2 * pad + 1) ** 2  # every offset, the middle one, which moves nothing, among them


def test_the_augmentation_leaves_constant_images_alone() -> None:
    images = np.full((3, 16, 16, 3), 77, np.uint8)
    assert np.array_equal(augmentation(images, np.random.default_rng(0)), images)
