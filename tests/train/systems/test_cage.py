"""AGE's colorization held to its equations: what is divided from what, by which batch, and what decoding is given."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from stages.door import UserError
from stages.train import contract, lab
from stages.train.loop import Run
from stages.train.streams import Streams
from stages.train.systems.cage import System
from tests.train.systems.conftest import images

SHAPE = [16, 16, 3]
Build = Callable[..., System]


@pytest.fixture
def build(build_row: Callable[..., contract.System]) -> Build:
    def make(**knobs: Any) -> System:
        system = build_row("cage", SHAPE, **{"latent": 3} | knobs)
        assert isinstance(system, System)
        return system

    return make


@pytest.fixture
def x() -> Tensor:
    return images(8, SHAPE)


class Always(nn.Module):
    """A generator of these colours, whatever it is given; it keeps that."""

    def __init__(self, colours: Tensor):
        super().__init__()
        self.colours = colours
        self.shown: list[tuple[Tensor, Tensor]] = []

    def forward(self, lightness: Tensor, z: Tensor) -> Tensor:
        self.shown.append((lightness, z))
        return self.colours


class FirstPixel(nn.Module):
    """An encoder that gives the first pixel's L and colours; it keeps images."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.shown.append(x)
        return x[:, :, 0, 0]


def colours(seed: int) -> Tensor:
    return torch.rand(8, 2, 16, 16, generator=torch.Generator().manual_seed(seed)) - 0.5


def divergence(codes: Tensor) -> Tensor:
    """Equation (7) with the code's variance, written out with loops over a whole batch of codes."""
    terms = []
    for column in normalize(codes).T:
        mean = column.sum() / len(column)
        v = ((column - mean) ** 2).sum() / len(column)
        terms.append((v**2 + mean**2) / 2 - v.log() - 0.5)
    return torch.stack(terms).mean()


@pytest.fixture
def faked(build: Build) -> System:
    system = build()
    system.generator, system.encoder = Always(colours(1)), FirstPixel()
    return system


def test_the_divergence_is_of_a_batch_that_mixes_images_worked_by_hand(faked: System) -> None:
    # Six images, one at each end of the axes, with two codes each: v = 1/3 and m = 0 over all of them.
    ends = torch.cat([torch.eye(3), -torch.eye(3)])
    assert faked.divergence(ends.repeat(2, 1)).item() == pytest.approx((1 / 9) / 2 + math.log(3) - 0.5)
    assert torch.isinf(faked.divergence(ends[:1].repeat(2, 1)))  # one image's codes, which do not vary


def test_the_encoder_s_loss_worked_by_hand(faked: System, x: Tensor) -> None:
    lightness, own = lab.of_rgb(x)
    loss = faked.encoder_loss(x, Streams(0))["encoder"].item()
    real = divergence(torch.cat([lightness, own], dim=1)[:, :, 0, 0])
    fake = divergence(torch.cat([lightness, colours(1)], dim=1)[:, :, 0, 0])
    distance = (own - colours(1)).abs().mean()  # over pixels and both colours
    assert loss == pytest.approx((real - fake + 10 * distance).item(), rel=1e-5)
    logged = faked.finish({})
    assert (logged["real"].item(), logged["fake"].item()) == pytest.approx((real.item(), fake.item()), rel=1e-5)


def test_the_generator_s_loss_worked_by_hand(faked: System, x: Tensor) -> None:
    lightness, _ = lab.of_rgb(x)
    loss = faked.generator_loss(x, Streams(0))["generator"].item()
    code = normalize(torch.cat([lightness, colours(1)], dim=1)[:, :, 0, 0])
    z = faked.prior(8, Streams(0))
    distance = 2 - (z * code).sum(dim=1).mean() / 3
    assert loss == pytest.approx((divergence(code) + 1000 * distance).item(), rel=1e-5)


def test_images_and_what_is_made_of_their_grey_pass_the_encoder_apart_with_the_same_grey(
    faked: System, x: Tensor
) -> None:
    lightness, own = lab.of_rgb(x)
    faked.encoder_loss(x, Streams(0))
    real, made = faked.encoder.shown
    assert torch.equal(real, torch.cat([lightness, own], dim=1))
    assert torch.equal(made, torch.cat([lightness, colours(1)], dim=1))
    (grey, z), (again, code) = faked.generator.shown
    assert torch.equal(grey, lightness)
    assert torch.equal(again, lightness)
    assert torch.equal(z, faked.prior(8, Streams(0)))
    assert torch.equal(code, faked.encode(x, Streams(0)))


def test_prior_and_codes_are_on_a_sphere_of_three_dimensions(build: Build, x: Tensor) -> None:
    system = build()
    for codes in (system.prior(8, Streams(0)), system.encode(x, Streams(0))):
        assert codes.shape == (8, 3)
        assert torch.allclose(codes.norm(dim=1), torch.ones(8))


def test_the_paper_s_row_has_a_code_of_three_numbers_in_every_profile(suite: dict[str, Any]) -> None:
    from stages import params

    for profile in suite["profiles"]:
        checked = params.check(suite | {"profile": profile})
        for row in ("cage", "pix2pix", "cage-digits-tinted", "pix2pix-digits-tinted"):
            assert checked.settings(row)["latent"] == 3


def test_the_encoder_steps_once_and_then_the_generator_twice(build: Build) -> None:
    bytes_ = torch.randint(256, (64, *SHAPE), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    run = Run(build(), Streams(0), bytes_, 8)
    run.iterate()
    assert {name: int(adam.steps[0]) for name, adam in run.optimisers.items()} == {"encoder": 1, "generator": 2}


def test_the_rate_is_halved_every_40_epochs(build: Build) -> None:
    system, epoch = build(), 16_000 // 64
    assert [system.decay(at) for at in (0, 40 * epoch - 1, 40 * epoch, 150 * epoch)] == [1, 1, 0.5, 0.125]


def test_what_is_decoded_keeps_the_grey_that_it_was_given(build: Build, x: Tensor) -> None:
    system = build().eval()
    x = 0.3 * x  # far from the edge of what sRGB has
    system.generator.register_forward_hook(lambda module, given, output: 0.1 * output)
    with torch.no_grad():
        lightness, _ = lab.of_rgb(system.decoder_given(x)(system.prior(8, Streams(0))))
    assert torch.allclose(lightness, lab.of_rgb(x)[0], atol=1e-4)


def test_images_without_colours_are_refused(build_row: Callable[..., contract.System]) -> None:
    with pytest.raises(UserError, match="give the row a dataset in colour"):
        build_row("cage", [16, 16, 1], latent=3)


@pytest.mark.parametrize("side", [16, 32, 64])
def test_it_runs_on_the_paper_s_networks(build_row: Callable[..., contract.System], side: int) -> None:
    system = build_row("cage", [side, side, 3], networks="cage", width=4, latent=3)
    bytes_ = np.random.default_rng(0).integers(256, size=(16, side, side, 3), dtype=np.uint8)
    run = Run(system, Streams(0), torch.from_numpy(bytes_), 8)
    assert all(bool(value.isfinite()) for value in run.iterate().values())
