"""Lab as networks see it: the floor's, scaled, in torch."""

from itertools import product

import numpy as np
import pytest
import torch

from stages import lab as reference
from stages.door import UserError
from stages.train import contract, lab

CUBE = np.array(list(product(range(0, 256, 17), repeat=3)), np.uint8).reshape(1, 64, 64, 3)


def test_it_is_the_floor_s_scaled_to_about_one() -> None:
    lightness, colours = lab.of_rgb(contract.to_unit_range(torch.from_numpy(CUBE)))
    found = torch.cat([(lightness + 1) * 50, colours * 110], dim=1).permute(0, 2, 3, 1).numpy()
    assert (lightness.shape, colours.shape) == ((1, 1, 64, 64), (1, 2, 64, 64))
    assert np.abs(found - reference.lab_of_rgb(CUBE)).max() < 2e-3
    assert float(torch.cat([lightness, colours], dim=1).abs().max()) <= 1.001


def test_every_colour_comes_back_to_the_byte() -> None:
    made = lab.to_rgb(*lab.of_rgb(contract.to_unit_range(torch.from_numpy(CUBE))))
    assert np.array_equal(contract.to_bytes(made).numpy(), CUBE)


def test_the_way_back_is_the_floor_s_for_colours_that_srgb_has_not_too() -> None:
    drawn = np.random.default_rng(0).uniform(-1, 1, (1, 3, 16, 16))
    made = lab.to_rgb(torch.from_numpy(drawn[:, :1]), torch.from_numpy(drawn[:, 1:]))
    wide = np.moveaxis(drawn, 1, 3) * [50, 110, 110] + [50, 0, 0]
    assert (made.permute(0, 2, 3, 1).numpy() + 1) / 2 == pytest.approx(reference.rgb_of_lab(wide), abs=1e-9)
    assert float(made.abs().max()) <= 1


def test_grey_images_are_refused() -> None:
    with pytest.raises(UserError, match="images of 1 channel have no colours to learn; give the row a dataset"):
        lab.check([16, 16, 1])
