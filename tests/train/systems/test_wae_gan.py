"""WAE-GAN held to its objective: what weighs how much, who is moved by what, and the pretraining of the encoder."""

import copy
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from stages.train.loop import Run
from stages.train.streams import Streams
from stages.train.systems.wae_gan import moment_gap
from stages.train.terms import mmd

LOG2 = math.log(2)
Build = Callable[..., Any]


@pytest.fixture
def build(build_row: Build) -> Build:
    """WAE-GAN after its pretraining, unless told otherwise."""

    def make(pretrained: bool = True, **knobs: Any) -> Any:
        system = build_row("wae-gan", **knobs)
        if pretrained:
            system.pretraining.zero_()
        return system

    return make


class Witness(nn.Module):
    """A network that keeps what it was given."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network
        self.given: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.given.append(x)
        result: Tensor = self.network(x)
        return result


def paint(system: Any, grey: float) -> None:
    """From now on the generator draws this grey, whatever it is given."""
    system.generator.register_forward_hook(lambda module, given, output: 0 * output + grey)


def started(system: Any) -> Run:
    images = torch.randint(256, (32, 16, 16, 1), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    return Run(system, Streams(0), images, 8)


# The objective


def test_a_constant_error_costs_a_twentieth_of_its_squared_norm(build: Build, silence: Callable[..., None]) -> None:
    system = build(shape=[32, 32, 3])
    silence(system.code)
    paint(system, 0.25)
    losses = system.autoencoder_losses(torch.full((8, 3, 32, 32), 0.75), Streams(0))
    distance = 0.05 * 3072 * 0.5**2
    assert losses["generator"].item() == pytest.approx(distance)
    assert losses["encoder"].item() == pytest.approx(distance + 10 * LOG2)
    assert system.code_losses(torch.zeros(8, 3, 32, 32), Streams(0))["code"].item() == pytest.approx(10 * 2 * LOG2)


def test_the_text_s_weight_of_1_with_lambda_200_is_the_same_problem(build: Build, x: Tensor) -> None:
    code = build().autoencoder_losses(x, Streams(0))["encoder"].item()
    text = build(l2_weight=1.0, code_weight=200.0).autoencoder_losses(x, Streams(0))["encoder"].item()
    assert text == pytest.approx(20 * code, rel=1e-5)


def test_the_generator_pays_for_reconstructions_only(build: Build, x: Tensor) -> None:
    system = build()
    loss = system.autoencoder_losses(x, Streams(0))["generator"]
    assert loss.item() == build(code_weight=500.0).autoencoder_losses(x, Streams(0))["generator"].item()
    reached = torch.autograd.grad(loss, list(system.code.parameters()), allow_unused=True)
    assert all(gradient is None for gradient in reached)


def test_the_prior_is_the_real_side_of_the_game_of_codes(build: Build, x: Tensor) -> None:
    system = build(input_noise=0.0)
    system.code = witness = Witness(system.code)
    loss = system.code_losses(x, Streams(0))["code"]
    z, code = witness.given
    assert torch.equal(z, Streams(0).normal(8, 4))
    assert torch.allclose(code, system.encoder(x), atol=1e-5)
    real, fake = system.code.network(z), system.code.network(code)
    logistic = nn.functional.binary_cross_entropy_with_logits
    expected = 10 * (logistic(real, torch.ones_like(real)) + logistic(fake, torch.zeros_like(fake)))
    assert loss.item() == pytest.approx(expected.item(), rel=1e-3)  # the norm took a power iteration more


def test_the_encoder_s_input_carries_noise_in_training_alone(build: Build, x: Tensor) -> None:
    system = build()
    system.encoder = witness = Witness(system.encoder)
    system.autoencoder_losses(x, Streams(0))
    (given,) = witness.given
    assert float((given - x).std()) == pytest.approx(0.01, rel=0.05)
    system.eval()
    assert torch.equal(system.encode(x, Streams(0)), system.encoder(x))


def test_with_mmd_there_is_no_game(build: Build, x: Tensor) -> None:
    system = build(code_penalty="mmd", input_noise=0.0)
    assert set(system.players()) == {"generator", "encoder"}
    (move,) = system.moves()
    losses, draw = move(x, Streams(0)), Streams(0)
    draw.normal(*x.shape)
    expected = 10 * mmd(draw.normal(8, 4), system.encoder(x))
    assert (losses["encoder"] - losses["generator"]).item() == pytest.approx(expected.item(), rel=1e-3)


def test_the_autoencoder_steps_before_the_game(build: Build, x: Tensor) -> None:
    first, second = build().moves()
    assert set(first(x, Streams(0))) == {"generator", "encoder"}
    assert set(second(x, Streams(0))) == {"code"}


# Pretraining


def test_the_moments_gap_is_that_of_means_and_of_covariances() -> None:
    z = torch.randn(500, 3, generator=torch.Generator().manual_seed(0))
    assert moment_gap(z, z).item() == 0
    assert moment_gap(z, z + 0.5).item() == pytest.approx(0.25, rel=1e-4)
    centred = z - z.mean(0)
    covariance = centred.T @ centred / 499
    assert moment_gap(centred, 2 * centred).item() == pytest.approx(((3 * covariance) ** 2).mean().item(), rel=1e-4)


def test_the_encoder_alone_is_pretrained_for_so_many_iterations_at_most(build: Build) -> None:
    system = build(pretrained=False, pretraining_iterations=3, pretraining_tolerance=0.0)
    run = started(system)
    start = copy.deepcopy(run.parameters)
    for left in (2, 1, 0):
        assert set(run.iterate()) == {"encoder"}
        assert system.pretraining.item() == left
    for player, owned in run.parameters.items():
        moved = any(not torch.equal(new, old) for new, old in zip(owned, start[player], strict=True))
        assert moved is (player == "encoder")
    for _ in range(2):
        assert set(run.iterate()) == {"encoder", "generator", "code"}
    assert system.pretraining.item() == 0


def test_pretraining_compares_the_encoder_s_codes_with_the_prior(build: Build, x: Tensor) -> None:
    system = build(pretrained=False)
    system.encoder.register_forward_hook(lambda module, given, output: 0 * output)
    losses, draw = system.autoencoder_losses(x, Streams(0)), Streams(0)
    draw.normal(*x.shape)  # the input's noise
    z = draw.normal(8, 4)
    covariance = (z - z.mean(0)).T @ (z - z.mean(0)) / 7
    assert losses["encoder"].item() == pytest.approx(((z.mean(0) ** 2).mean() + (covariance**2).mean()).item())
    assert system.code_losses(x, draw) == {}


def test_pretraining_stops_once_the_moments_match(build: Build) -> None:
    system = build(pretrained=False)
    assert system.pretraining.item() == 200
    system.finish({"encoder": torch.tensor(0.11)})
    assert system.pretraining.item() == 199
    system.finish({"encoder": torch.tensor(0.09)})
    assert system.pretraining.item() == 0
    system.finish({"encoder": torch.tensor(0.11)})
    assert system.pretraining.item() == 0


def test_how_far_pretraining_is_survives_a_checkpoint(build: Build) -> None:
    system = build(pretrained=False, pretraining_iterations=7)
    system.finish({"encoder": torch.tensor(1.0)})
    assert system.state_dict()["pretraining"].item() == 6
