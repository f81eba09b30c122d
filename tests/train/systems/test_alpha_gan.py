"""α-GAN held to its equations: what each player loses, what the discriminators are shown, who steps how often."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from stages.train import contract
from stages.train.loop import Run
from stages.train.streams import Streams
from stages.train.systems.alpha_gan import System

LOG2 = math.log(2)
Build = Callable[..., System]


@pytest.fixture
def build(build_row: Callable[..., contract.System]) -> Build:
    def make(row: str = "alpha-gan", **knobs: Any) -> System:
        system = build_row(row, **knobs)
        assert isinstance(system, System)
        return system

    return make


class Witness(nn.Module):
    """A discriminator that keeps what it was shown and what it said."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Tensor] = []
        self.said: list[Tensor] = []

    def forward(self, given: Tensor) -> Tensor:
        self.shown.append(given)
        self.said.append(3 * given.flatten(1).mean(dim=1, keepdim=True))
        return self.said[-1]


class Always(nn.Module):
    """A network that gives the same whatever it is given."""

    def __init__(self, value: Tensor):
        super().__init__()
        self.value = nn.Parameter(value)

    def forward(self, given: Tensor) -> Tensor:
        return self.value.expand(len(given), *self.value.shape[1:])


def witnessed(system: System) -> tuple[Witness, Witness]:
    system.image, system.code = witnesses = Witness(), Witness()
    return witnesses


def all_losses(system: System, x: Tensor) -> dict[str, float]:
    losses: dict[str, Tensor] = {}
    for move in (system.encoder_loss, system.generator_loss, system.discriminator_losses):
        losses |= move(x, Streams(0))
    return {name: loss.item() for name, loss in losses.items()}


# What each player loses


@pytest.mark.parametrize(
    ("knobs", "encoder", "generator", "image"),
    [
        ({}, 10 * 0.25, 10 * 0.25, 4 * LOG2),
        ({"encoder_weight": 50.0}, 50 * 0.25, 10 * 0.25, 4 * LOG2),
        ({"generator_weight": 1.0}, 10 * 0.25, 0.25, 4 * LOG2),
        ({"l1_reduction": "sum"}, 2560 * 0.25, 2560 * 0.25, 4 * LOG2),
        ({"real_weight": 1.0}, 10 * 0.25, 10 * 0.25, 3 * LOG2),
    ],
    ids=str,
)
def test_where_no_discriminator_can_tell_only_distances_and_logarithms_of_2_are_left(
    build: Build, silence: Callable[..., None], knobs: dict[str, Any], encoder: float, generator: float, image: float
) -> None:
    system = build(**knobs)
    silence(system.image, system.code, system.generator)  # x̂ = 0
    losses = all_losses(system, torch.full((8, 1, 16, 16), 0.25))
    expected = {"encoder": encoder, "generator": generator, "image": image, "code": 2 * LOG2}
    assert losses == pytest.approx(expected)


def test_encoder_and_generator_gain_what_the_logits_of_their_fakes_gain(build: Build, x: Tensor) -> None:
    system = build(encoder_weight=0.0, generator_weight=0.0)
    image, code = witnessed(system)
    encoder = system.encoder_loss(x, Streams(0))["encoder"]
    assert encoder.item() == pytest.approx(-code.said[0].mean().item())
    assert not image.said  # the encoder has no term from D

    generator = system.generator_loss(x, Streams(0))["generator"]
    reconstruction, sample = image.said
    assert generator.item() == pytest.approx(-(reconstruction.mean() + sample.mean()).item())
    assert len(code.said) == 1  # nor the generator one from C


def test_the_discriminators_lose_the_logarithms_of_what_they_said(build: Build, x: Tensor) -> None:
    system = build()
    image, code = witnessed(system)
    losses = system.discriminator_losses(x, Streams(0))
    real, reconstruction, sample = image.said
    expected = 2 * softplus(-real).mean() + softplus(reconstruction).mean() + softplus(sample).mean()
    assert losses["image"].item() == pytest.approx(expected.item())
    prior, posterior = code.said
    assert losses["code"].item() == pytest.approx((softplus(-prior) + softplus(posterior)).mean().item())


@pytest.mark.parametrize(("real_weight", "best"), [(2.0, 0.0), (1.0, -LOG2)])
def test_where_fakes_are_like_images_the_best_logit_is_0_only_if_images_weigh_2(
    build: Build, x: Tensor, real_weight: float, best: float
) -> None:
    system = build(real_weight=real_weight)
    system.image = logit = Always(torch.full((1, 1), best))
    (slope,) = torch.autograd.grad(system.discriminator_losses(x, Streams(0))["image"], [logit.value])
    assert slope.item() == pytest.approx(0, abs=1e-6)


def test_the_encoder_does_not_see_the_image_discriminator(build: Build, x: Tensor) -> None:
    system = build()
    reached = torch.autograd.grad(
        system.encoder_loss(x, Streams(0))["encoder"], list(system.image.parameters()), allow_unused=True
    )
    assert all(gradient is None for gradient in reached)


def test_the_two_discriminators_do_not_see_each_other(build: Build, x: Tensor) -> None:
    system = build()
    losses = system.discriminator_losses(x, Streams(0))
    for one, other in (("image", system.code), ("code", system.image)):
        reached = torch.autograd.grad(losses[one], list(other.parameters()), retain_graph=True, allow_unused=True)
        assert all(gradient is None for gradient in reached)


# What the discriminators are shown


def test_the_discriminators_are_shown_images_reconstructions_and_samples_apart_and_the_prior_first(
    build: Build, x: Tensor
) -> None:
    system = build().eval()
    image, code = witnessed(system)
    system.discriminator_losses(x, Streams(0))
    z, encoded = Streams(0).normal(8, 4), system.encoder(x)
    for shown, expected in zip(image.shown, (x, system.generator(encoded), system.generator(z)), strict=True):
        assert torch.allclose(shown, expected, atol=1e-6)
    for shown, expected in zip(code.shown, (z, encoded), strict=True):
        assert torch.allclose(shown, expected, atol=1e-6)


def test_the_generator_has_to_pass_with_reconstructions_and_with_samples(build: Build, x: Tensor) -> None:
    system = build(generator_weight=0.0).eval()
    image, _ = witnessed(system)
    system.generator_loss(x, Streams(0))
    reconstruction, sample = image.shown
    assert torch.allclose(reconstruction, system.generator(system.encoder(x)), atol=1e-6)
    assert torch.allclose(sample, system.generator(Streams(0).normal(8, 4)), atol=1e-6)


def test_the_encoder_draws_nothing(build: Build, x: Tensor) -> None:
    system, draw = build(), Streams(0)
    assert torch.equal(system.encode(x, draw), system.encode(x, draw))
    system.encoder_loss(x, draw)
    assert torch.equal(draw.normal(3), Streams(0).normal(3))


# The empirical KL


@pytest.mark.parametrize(
    ("mean", "spread", "divergence"), [(0, 1, 0.0), (1, 1, 0.5), (0, 2, 0.806853), (1, 2, 1.306853)]
)
@pytest.mark.parametrize("weight", [1.0, 3.0])
def test_with_the_empirical_kl_the_encoder_pays_the_divergence_of_its_batch_of_codes(
    build: Build, silence: Callable[..., None], mean: float, spread: float, divergence: float, weight: float
) -> None:
    system = build("alpha-gan-ekl", kl_weight=weight)
    silence(system.generator)
    system.encoder = Always(mean + spread * torch.tensor([1.0, -1.0] * 4)[:, None].repeat(1, 4))
    loss = system.encoder_loss(torch.full((8, 1, 16, 16), 0.25), Streams(0))["encoder"]
    assert loss.item() == pytest.approx(10 * 0.25 + weight * divergence, abs=1e-5)


def test_with_the_empirical_kl_there_is_no_code_discriminator(build: Build, x: Tensor) -> None:
    system = build("alpha-gan-ekl")
    assert set(system.players()) == {"encoder", "generator", "image"}
    assert set(system.discriminator_losses(x, Streams(0))) == {"image"}


def test_the_empirical_kl_does_not_see_correlation_and_a_code_discriminator_could(build: Build) -> None:
    system = build("alpha-gan-ekl", encoder_weight=0.0, latent=2)
    one = torch.tensor([1.0, -1.0] * 4)
    system.encoder = Always(torch.stack([one, one], dim=1))
    loss = system.encoder_loss(torch.zeros(8, 1, 16, 16), Streams(0))["encoder"]
    assert loss.item() == pytest.approx(0, abs=1e-6)  # though one number is a copy of the other


# Schedule


def test_encoder_and_generator_step_twice_in_turn_and_then_both_discriminators_once(build: Build) -> None:
    run, seen, chosen = watched(build())
    run.iterate()
    assert seen == [["encoder"], ["generator"], ["encoder"], ["generator"], ["image", "code"]]
    assert len({tuple(batch.flatten().tolist()) for batch in chosen}) == 5  # a fresh batch each
    steps = {name: int(adam.steps[0]) for name, adam in run.optimisers.items()}
    assert steps == {"encoder": 2, "generator": 2, "image": 1, "code": 1}


def watched(system: System) -> tuple[Run, list[list[str]], list[Tensor]]:
    """A run whose moves leave a note of who stepped on what."""
    images = torch.randint(256, (64, 16, 16, 1), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    run = Run(system, Streams(0), images, 8)
    seen: list[list[str]] = []
    batches: list[Tensor] = []

    def noting(move: contract.Move) -> contract.Move:
        def noted(x: Tensor, draw: Streams) -> dict[str, Tensor]:
            losses = move(x, draw)
            seen.append(list(losses))
            batches.append(x)
            return losses

        return noted

    run.moves = [noting(move) for move in run.moves]
    return run, seen, batches


def test_each_discriminator_has_a_rate_of_its_own(build: Build) -> None:
    system = build(learning_rate=1e-4, discriminator_rate=2e-4, code_rate=3e-4)
    rates = {player: system.learning_rate(player) for player in system.players()}
    assert rates == {"encoder": 1e-4, "generator": 1e-4, "image": 2e-4, "code": 3e-4}


@pytest.mark.parametrize("row", ["alpha-gan", "alpha-gan-ekl"])
@pytest.mark.parametrize("shape", [[32, 32, 3], [28, 28, 3]], ids=str)
def test_it_runs_on_the_networks_of_the_paper(build: Build, row: str, shape: list[int]) -> None:
    images = torch.randint(256, (16, *shape), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    system = build(row, shape=shape, networks="wgan", width=8)
    run = Run(system, Streams(0), images, 8)
    assert all(bool(value.isfinite()) for value in run.iterate().values())


def test_table_1_has_its_terms(build: Build) -> None:
    assert (build().likelihood, build().to_prior) == (("observer", "ratio"), ("ratio",))
    assert build("alpha-gan-ekl").to_prior == ("approximate KL",)
