"""WGAN-GP held to its equation: the critic's gap and penalty, five steps to one, and no batch norm in the critic."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from stages.train import contract
from stages.train.loop import Run
from stages.train.streams import Streams
from stages.train.systems.wgan_gp import System

Build = Callable[..., System]


@pytest.fixture
def build(build_row: Callable[..., contract.System]) -> Build:
    def make(**knobs: Any) -> System:
        system = build_row("wgan-gp", **knobs)
        assert isinstance(system, System)
        return system

    return make


class Linear(nn.Module):
    """f(x) = slope times the sum of 256 pixels over 16, a function of that slope."""

    def __init__(self, slope: float):
        super().__init__()
        self.slope = slope
        self.shown: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.shown.append(x.detach())
        return self.slope * x.flatten(1).sum(dim=1, keepdim=True) / math.sqrt(256)


@pytest.mark.parametrize(("slope", "penalty"), [(1.0, 0.0), (3.0, 10 * 4.0), (0.5, 10 * 0.25), (-1.0, 0.0)])
def test_the_critic_s_loss_worked_by_hand(
    build: Build, silence: Callable[..., None], slope: float, penalty: float
) -> None:
    system = build()
    silence(system.generator)  # samples are 0, and so is f of them
    system.critic = Linear(slope)
    x = torch.full((8, 1, 16, 16), 0.25)  # f(x) = slope · 256 · 0.25 / 16
    loss = system.critic_loss(x, Streams(0))["critic"].item()
    assert loss == pytest.approx(-4 * slope + penalty, abs=1e-5)


def test_the_penalty_has_its_weight(build: Build, silence: Callable[..., None], x: Tensor) -> None:
    system = build(penalty_weight=2.5)
    silence(system.generator)
    system.critic = Linear(2.0)
    assert system.critic_loss(0 * x, Streams(0))["critic"].item() == pytest.approx(2.5)


def test_the_generator_raises_the_critic_s_value_of_samples(build: Build, x: Tensor) -> None:
    system = build().eval()
    system.critic = critic = Linear(1.0)
    loss = system.generator_loss(x, Streams(0))["generator"]
    (sample,) = critic.shown
    assert loss.item() == pytest.approx(-sample.flatten(1).sum(dim=1).mean().item() / 16, rel=1e-5)


def test_the_slope_is_taken_between_an_image_and_its_sample(build: Build, x: Tensor) -> None:
    system = build().eval()
    system.critic = critic = Linear(1.0)
    system.critic_loss(x, Streams(0))
    points, images, samples = (shown.flatten(1) for shown in critic.shown)
    share = ((points - samples) * (images - samples)).sum(1) / ((images - samples) ** 2).sum(1)
    assert torch.allclose(points, share[:, None] * images + (1 - share[:, None]) * samples, atol=1e-5)
    assert float(share.min()) >= 0
    assert float(share.max()) < 1
    assert len(set(share.tolist())) == 8  # each pair has its own


def test_the_critic_steps_five_times_before_the_generator_each_on_a_fresh_batch(build: Build) -> None:
    images = torch.randint(256, (64, 16, 16, 1), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    run = Run(build(), Streams(0), images, 8)
    batches: list[Tensor] = []
    order: list[str] = []

    def noting(move: contract.Move) -> contract.Move:
        def noted(x: Tensor, draw: Streams) -> dict[str, Tensor]:
            losses = move(x, draw)
            order.extend(losses)
            batches.append(x)
            return losses

        return noted

    run.moves = [noting(move) for move in run.moves]
    run.iterate()
    assert order == ["critic"] * 5 + ["generator"]
    assert len({tuple(batch.flatten().tolist()) for batch in batches}) == 6


@pytest.mark.parametrize("networks", ["dense", "wgan"])
def test_the_critic_has_no_batch_norm_and_the_generator_has(build: Build, networks: str) -> None:
    system = build(networks=networks)
    batch_norms = (nn.BatchNorm1d, nn.BatchNorm2d)
    assert not [module for module in system.critic.modules() if isinstance(module, batch_norms)]
    assert [module for module in system.generator.modules() if isinstance(module, batch_norms)]


def test_both_sides_have_a_rate(build: Build) -> None:
    system = build(learning_rate=1e-4, discriminator_rate=3e-4)
    assert {player: system.learning_rate(player) for player in system.players()} == {"critic": 3e-4, "generator": 1e-4}


@pytest.mark.parametrize("shape", [[32, 32, 3], [28, 28, 3]], ids=str)
def test_it_runs_on_the_networks_of_the_paper(build: Build, shape: list[int]) -> None:
    images = torch.randint(256, (16, *shape), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    run = Run(build(shape=shape, networks="wgan", width=8), Streams(0), images, 8)
    assert all(bool(value.isfinite()) for value in run.iterate().values())
