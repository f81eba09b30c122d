"""Lab held to published values, and its way back."""

from itertools import product

import numpy as np
import pytest
from skimage.color import lab2rgb, rgb2lab

from stages.lab import grey, lab_of_rgb, rgb_of_lab

PUBLISHED = {  # sRGB under D65, as tables of named colours print them
    (255, 255, 255): (100.00, 0.00, 0.00),
    (0, 0, 0): (0.00, 0.00, 0.00),
    (128, 128, 128): (53.59, 0.00, 0.00),
    (255, 0, 0): (53.24, 80.09, 67.20),
    (0, 255, 0): (87.73, -86.18, 83.18),
    (0, 0, 255): (32.30, 79.19, -107.86),
    (255, 255, 0): (97.14, -21.55, 94.48),
    (0, 255, 255): (91.11, -48.09, -14.13),
    (255, 0, 255): (60.32, 98.23, -60.82),
    (255, 165, 0): (74.93, 23.93, 78.95),
    (0, 0, 128): (12.97, 47.51, -64.70),
}


@pytest.mark.parametrize(("rgb", "lab"), PUBLISHED.items(), ids=str)
def test_a_colour_has_its_published_lab(rgb: tuple[int, ...], lab: tuple[float, ...]) -> None:
    assert lab_of_rgb(np.array(rgb, np.uint8)) == pytest.approx(lab, abs=0.04)


def test_lab_is_scikit_image_s() -> None:
    cube = np.array(list(product(range(0, 256, 15), repeat=3)), np.uint8)
    theirs = rgb2lab(cube)
    # in L*a*b* units; its matrix has fewer digits than ours
    assert np.abs(lab_of_rgb(cube) - theirs).max() < 0.02
    assert np.abs(255 * rgb_of_lab(theirs) - cube).max() < 1  # there by its way, back by ours
    assert np.abs(255 * lab2rgb(lab_of_rgb(cube)) - cube).max() < 1  # and the other way round


def test_bytes_come_back_from_lab() -> None:
    cube = np.array(list(product(range(0, 256, 15), repeat=3)), np.uint8)
    assert np.abs(255 * rgb_of_lab(lab_of_rgb(cube)) - cube).max() < 1e-3  # 1 was asked for


def test_a_colour_that_srgb_has_not_is_cut_off() -> None:
    made = rgb_of_lab(np.array([[50.0, 127, -128], [100, -110, 110]]))
    assert (made.min(), made.max()) == pytest.approx((0, 1))


def test_a_grey_image_keeps_its_lightness_alone() -> None:
    images = np.random.default_rng(0).integers(256, size=(4, 8, 8, 3), dtype=np.uint8)
    made = grey(images)
    assert np.abs(lab_of_rgb(made) - lab_of_rgb(images) * [1, 0, 0]).max() < 0.3  # as far as bytes can tell
    assert (made.max(axis=3) - made.min(axis=3)).max() <= 1
