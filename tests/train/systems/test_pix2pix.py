"""pix2pix held to its equations, and given its noise as AGE's authors gave it."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import softplus

from stages.door import UserError
from stages.train import contract, lab
from stages.train.loop import Run
from stages.train.streams import Streams
from stages.train.systems.pix2pix import System
from tests.train.systems.conftest import images
from tests.train.systems.test_cage import Always, colours

SHAPE = [16, 16, 3]
Build = Callable[..., System]


@pytest.fixture
def build(build_row: Callable[..., contract.System]) -> Build:
    def make(**knobs: Any) -> System:
        system = build_row("pix2pix", SHAPE, **{"latent": 3} | knobs)
        assert isinstance(system, System)
        return system

    return make


@pytest.fixture
def x() -> Tensor:
    return images(8, SHAPE)


def test_a_discriminator_that_cannot_tell_loses_log_two_half_of_two(
    build: Build, x: Tensor, silence: Callable[..., None]
) -> None:
    system = build()
    silence(system.image)
    assert system.discriminator_loss(x, Streams(0))["image"].item() == pytest.approx(math.log(2))


def test_the_generator_passes_and_pays_for_the_distance_of_its_colours(
    build: Build, x: Tensor, silence: Callable[..., None]
) -> None:
    system = build()
    silence(system.image)
    _, own = lab.of_rgb(x)
    system.generator = Always(own + 0.25)
    assert system.generator_loss(x, Streams(0))["generator"].item() == pytest.approx(math.log(2) + 100 * 0.25)
    system.generator = Always(own)
    assert system.generator_loss(x, Streams(0))["generator"].item() == pytest.approx(math.log(2))


def test_the_discriminator_sees_the_grey_beside_the_colours(build: Build, x: Tensor) -> None:
    system, shown = build(), []
    system.generator = Always(colours(1))
    system.image.register_forward_pre_hook(lambda module, given: shown.append(given[0]))
    loss = system.discriminator_loss(x, Streams(0))["image"]
    lightness, own = lab.of_rgb(x)
    assert torch.equal(shown[0], torch.cat([lightness, own], dim=1))
    assert torch.equal(shown[1], torch.cat([lightness, colours(1)], dim=1))
    real, fake = (system.image(one) for one in shown[:2])
    assert loss.item() == pytest.approx((softplus(-real).mean() + softplus(fake).mean()).item() / 2, rel=1e-5)


def test_its_noise_is_on_the_sphere_as_cage_s_codes(build: Build) -> None:
    z = build().prior(8, Streams(0))
    assert z.shape == (8, 3)
    assert torch.allclose(z.norm(dim=1), torch.ones(8))


def test_each_player_steps_once(build: Build) -> None:
    bytes_ = torch.randint(256, (64, *SHAPE), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    run = Run(build(), Streams(0), bytes_, 8)
    run.iterate()
    assert {name: int(adam.steps[0]) for name, adam in run.optimisers.items()} == {"image": 1, "generator": 1}


def test_images_without_colours_are_refused(build_row: Callable[..., contract.System]) -> None:
    with pytest.raises(UserError, match="give the row a dataset in colour"):
        build_row("pix2pix", [16, 16, 1], latent=3)


@pytest.mark.parametrize("side", [16, 32, 64])
def test_it_runs_on_the_paper_s_networks(build_row: Callable[..., contract.System], side: int) -> None:
    system = build_row("pix2pix", [side, side, 3], networks="pix2pix", width=4, latent=3)
    bytes_ = torch.randint(256, (16, side, side, 3), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    run = Run(system, Streams(0), bytes_, 4)
    assert all(bool(value.isfinite()) for value in run.iterate().values())
