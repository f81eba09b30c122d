"""AGE held to its equations and to its authors' code: divergence, losses of both sides, schedule, sphere."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from stages.train import contract
from stages.train.loop import Run
from stages.train.streams import Streams
from stages.train.systems.age import System

Build = Callable[..., System]


@pytest.fixture
def build(build_row: Callable[..., contract.System]) -> Build:
    def make(row: str = "age", **knobs: Any) -> System:
        system = build_row(row, **knobs)
        assert isinstance(system, System)
        return system

    return make


class Always(nn.Module):
    """A generator of these images, whatever the codes; it keeps them."""

    def __init__(self, images: Tensor):
        super().__init__()
        self.images = images
        self.shown: list[Tensor] = []

    def forward(self, codes: Tensor) -> Tensor:
        self.shown.append(codes)
        return self.images


class FirstPixels(nn.Module):
    """An encoder that gives the first four pixels, whatever its batch; it keeps images."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.shown.append(x)
        return x.flatten(1)[:, :4]


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def greys() -> Tensor:
    """Images to train on, uint8 NHWC."""
    return torch.randint(256, (64, 16, 16, 1), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)


def divergence(codes: Tensor, scale: str = "variance") -> Tensor:
    """Equation (7), written out with loops."""
    terms = []
    for column in codes.T:
        mean = column.sum() / len(column)
        variance = ((column - mean) ** 2).sum() / len(column)
        s = variance if scale == "variance" else variance**0.5
        terms.append((s**2 + mean**2) / 2 - s.log() - 0.5)
    return torch.stack(terms).mean()


# The divergence


@pytest.mark.parametrize(
    ("latent", "variance", "std"),
    [(3, 0.654168, 0.215973), (10, 1.807585, 0.701293), (64, 3.659005, 1.587254), (128, 4.352061, 1.929921)],
)
def test_evenly_spread_over_the_sphere_codes_are_as_near_to_the_prior_as_they_can_be(
    build: Build, latent: int, variance: float, std: float
) -> None:
    ends = torch.cat([torch.eye(latent), -torch.eye(latent)])  # m = 0, s² = 1/M in every dimension
    assert build().divergence(ends).item() == pytest.approx(variance, abs=1e-5)
    assert build(kl_scale="std").divergence(ends).item() == pytest.approx(std, abs=1e-5)


@pytest.mark.parametrize(
    ("spread", "variance", "std"), [(1, 0.0, 0.0), (2, 6.113706, 0.806853), (0.5, 0.917544, 0.318147)]
)
def test_the_authors_code_takes_the_variance_for_the_standard_deviation(
    build: Build, spread: float, variance: float, std: float
) -> None:
    codes = spread * torch.tensor([1.0, -1.0])[:, None].repeat(8, 4)
    assert build().divergence(codes).item() == pytest.approx(variance, abs=1e-5)
    assert build(kl_scale="std").divergence(codes).item() == pytest.approx(std, abs=1e-5)


def test_codes_that_are_all_the_same_are_infinitely_far_from_the_prior(build: Build) -> None:
    assert math.isinf(build().divergence(torch.ones(8, 4)).item())


def test_going_down_the_divergence_with_a_fixed_encoder_spreads_a_collapsed_batch(build: Build) -> None:
    system = build(kl_scale="std")
    samples = (torch.tensor([1.0, 0, 0]) + 0.05 * noise(64, 3)).requires_grad_()
    adam = torch.optim.Adam([samples], lr=0.05)
    before = system.divergence(normalize(samples))
    for _ in range(150):
        adam.zero_grad()
        system.divergence(normalize(samples)).backward()  # type: ignore[no-untyped-call]
        adam.step()
    assert before.item() > 1
    assert system.divergence(normalize(samples)).item() == pytest.approx(0.215973, abs=0.01)


# What the encoder loses


@pytest.mark.parametrize("scale", ["variance", "std"])
def test_the_encoder_brings_images_codes_to_the_prior_and_drives_samples_codes_away(
    build: Build, x: Tensor, scale: str
) -> None:
    system, fake = build(kl_scale=scale, data_weight=0.0), noise(8, 1, 16, 16)
    system.generator, system.encoder = Always(fake), FirstPixels()
    loss = system.encoder_loss(x, Streams(0))["encoder"]
    expected = divergence(system.encode(x, Streams(0)), scale) - divergence(system.encode(fake, Streams(0)), scale)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-4)


def test_where_samples_are_the_images_the_encoder_loses_nothing_but_the_distance(build: Build, x: Tensor) -> None:
    system = build()
    system.generator = Always(x)
    assert system.encoder_loss(x, Streams(0))["encoder"].item() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize(
    ("knobs", "distance"), [({}, 10 * 0.25), ({"data_weight": 15.0}, 15 * 0.25), ({"l1_reduction": "sum"}, 2560 * 0.25)]
)
def test_the_encoder_pays_for_the_distance_of_an_image_and_its_reconstruction(
    build: Build, x: Tensor, knobs: dict[str, Any], distance: float
) -> None:
    losses = []
    for weights in (knobs, {"data_weight": 0.0}):
        system = build(**weights)
        system.generator, system.encoder = Always(x + 0.25), FirstPixels()
        losses.append(system.encoder_loss(x, Streams(0))["encoder"].item())
    assert losses[0] - losses[1] == pytest.approx(distance, rel=1e-4)


def test_images_and_samples_pass_the_encoder_apart(build: Build, x: Tensor) -> None:
    system, fake = build(), noise(8, 1, 16, 16)
    system.generator, system.encoder = Always(fake), FirstPixels()
    system.encoder_loss(x, Streams(0))
    assert torch.equal(system.encoder.shown[0], x)
    assert torch.equal(system.encoder.shown[1], fake)


def test_the_reconstruction_is_of_the_image_s_code(build: Build, x: Tensor) -> None:
    system = build("age-datal1")
    for loss in (system.encoder_loss, system.generator_loss):
        system.generator, system.encoder = Always(noise(8, 1, 16, 16)), FirstPixels()
        loss(x, Streams(0))
        z, code = system.generator.shown
        assert torch.equal(z, system.prior(8, Streams(0)))
        assert torch.equal(code, system.encode(x, Streams(0)))


# What the generator loses


@pytest.mark.parametrize(
    ("form", "same", "opposite"),
    [("cosine", 2 - 1 / 64, 2 + 1 / 64), ("l2", 0.0, 4.0), ("half-mse", 0.0, 4 / 128)],
)
def test_the_distance_of_a_code_and_what_is_read_back_worked_by_hand(
    build: Build, form: str, same: float, opposite: float
) -> None:
    system, z = build(code_loss=form), normalize(noise(8, 64))
    assert system.code_loss(z, z).item() == pytest.approx(same, abs=1e-6)
    assert system.code_loss(z, -z).item() == pytest.approx(opposite, abs=1e-5)


def test_on_the_sphere_the_cosine_pulls_as_half_the_mean_square_and_a_2m_th_of_the_square(build: Build) -> None:
    z, output = normalize(noise(8, 64)), noise(8, 64, seed=1).requires_grad_()
    pulls = {
        form: torch.autograd.grad(build(code_loss=form).code_loss(z, normalize(output)), output)[0]
        for form in ("cosine", "l2", "half-mse")
    }
    assert torch.allclose(pulls["cosine"], pulls["half-mse"], atol=1e-8)
    assert torch.allclose(pulls["cosine"], pulls["l2"] / 128, atol=1e-8)


def test_a_cosine_does_not_see_a_code_s_length_and_the_square_does(build: Build) -> None:
    z = noise(8, 64)
    assert build(code_loss="cosine").code_loss(z, 3 * z).item() == pytest.approx(2 - 1 / 64)
    assert build(code_loss="half-mse").code_loss(z, 3 * z).item() == pytest.approx(2 * (z**2).mean().item())


@pytest.mark.parametrize("form", ["cosine", "l2"])
def test_the_generator_brings_samples_codes_to_the_prior_and_to_where_they_came_from(
    build: Build, x: Tensor, form: str
) -> None:
    system, fake = build(code_loss=form, code_weight=500.0), noise(8, 1, 16, 16)
    system.generator, system.encoder = Always(fake), FirstPixels()
    loss = system.generator_loss(x, Streams(0))["generator"]
    z, code = system.prior(8, Streams(0)), system.encode(fake, Streams(0))
    distance = 2 - (z * code).sum(1).mean() / 4 if form == "cosine" else ((z - code) ** 2).sum(1).mean()
    assert loss.item() == pytest.approx((divergence(code) + 500 * distance).item(), rel=1e-5)


def test_the_generator_sees_images_only_with_their_distance_in_its_loss(build: Build, x: Tensor) -> None:
    plain, with_distance = build(), build("age-datal1")
    for system in (plain, with_distance):
        system.generator, system.encoder = Always(x + 0.25), FirstPixels()
    losses = [system.generator_loss(x, Streams(0))["generator"].item() for system in (plain, with_distance)]
    assert losses[1] - losses[0] == pytest.approx(10 * 0.25, rel=1e-3)
    assert plain.generator_loss(-x, Streams(0))["generator"].item() == losses[0]


# Rows


def test_alignment_alone_is_the_game_without_distances(build: Build, x: Tensor) -> None:
    system, fake = build("age-align"), noise(8, 1, 16, 16)
    system.generator, system.encoder = Always(fake), FirstPixels()
    real, generated = divergence(system.encode(x, Streams(0))), divergence(system.encode(fake, Streams(0)))
    assert system.encoder_loss(x, Streams(0))["encoder"].item() == pytest.approx((real - generated).item(), rel=1e-4)
    assert len(system.generator.shown) == 1  # batch norm of the generator sees no image's code
    assert system.generator_loss(x, Streams(0))["generator"].item() == pytest.approx(generated.item(), rel=1e-5)


@pytest.mark.parametrize("row", ["age", "age-align", "age-datal1"])
def test_prior_and_codes_are_on_the_sphere(build: Build, x: Tensor, row: str) -> None:
    system = build(row)
    for codes in (system.prior(8, Streams(0)), system.encode(x, Streams(0))):
        assert torch.allclose(codes.norm(dim=1), torch.ones(8))


def test_the_prior_is_uniform_on_the_sphere(build: Build) -> None:
    z = build(latent=8).prior(100_000, Streams(0))
    assert torch.allclose(z.mean(0), torch.zeros(8), atol=0.005)
    assert torch.allclose(z.T @ z / len(z), torch.eye(8) / 8, atol=0.005)


def test_with_the_gaussian_prior_codes_keep_their_length(build: Build, x: Tensor) -> None:
    system = build("age-gaussian", latent=64)
    assert float(system.prior(1000, Streams(0)).std()) == pytest.approx(1, abs=0.02)
    assert torch.equal(system.encode(x, Streams(0)), system.encoder(x))
    assert system.settings["code_loss"] != "cosine"


# Schedule


def test_the_encoder_steps_once_and_then_the_generator_twice_on_fresh_codes(build: Build) -> None:
    system = build(data_weight=0.0)
    run = Run(system, Streams(0), greys(), 8)
    order = [name for move in run.moves for name in move(torch.zeros(8, 1, 16, 16), Streams(0))]
    assert order == ["encoder", "generator", "generator"]
    codes: list[Tensor] = []
    system.generator.register_forward_pre_hook(lambda module, inputs: codes.append(inputs[0]))
    run.iterate()
    assert len({tuple(z.flatten().tolist()) for z in codes}) == 3
    steps = {name: int(adam.steps[0]) for name, adam in run.optimisers.items()}
    assert steps == {"encoder": 1, "generator": 2}


def test_on_celeba_the_authors_take_three_steps_of_the_generator(build: Build) -> None:
    assert len(build(generator_steps=3).moves()) == 4


def test_the_rate_is_halved_every_40_epochs_of_cifar_10(build: Build) -> None:
    system, epoch = build(), 50_000 // 64
    decays = [system.decay(iteration) for iteration in (0, 40 * epoch - 1, 40 * epoch, 80 * epoch, 150 * epoch)]
    assert decays == [1, 1, 0.5, 0.25, 0.125]


def test_both_divergences_are_logged(build: Build) -> None:
    system = build("age-align")
    numbers = Run(system, Streams(0), greys(), 8).iterate()
    assert numbers["encoder"].item() == pytest.approx((numbers["real"] - numbers["fake"]).item(), rel=1e-4, abs=1e-5)
    assert not numbers["real"].requires_grad


@pytest.mark.parametrize("row", ["age", "age-gaussian"])
@pytest.mark.parametrize("shape", [[32, 32, 1], [64, 64, 3], [28, 28, 3]], ids=str)
def test_it_runs_on_the_networks_of_the_authors(build: Build, row: str, shape: list[int]) -> None:
    images = torch.randint(256, (16, *shape), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    run = Run(build(row, shape=shape, networks="age", width=8), Streams(0), images, 8)
    assert all(bool(value.isfinite()) for value in run.iterate().values())
