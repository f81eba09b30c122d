"""PD-WGAN held to its two problems: the primal moves the encoder, the dual critic and generator; and to f's slope."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from stages.train.loop import Run
from stages.train.streams import Streams
from stages.train.systems import pd_wgan
from stages.train.systems.pd_wgan import distance, slope_penalty

Build = Callable[..., Any]
PLAYERS = {"critic", "encoder", "generator"}


class Linear(nn.Module):
    """f(x) = scale <direction, x> + offset."""

    def __init__(self, direction: Tensor, scale: float = 1.0, offset: float = 0.0):
        super().__init__()
        self.direction, self.scale, self.offset = direction, scale, offset
        self.shown: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.shown.append(x)
        return self.scale * (self.direction * x).flatten(1).sum(1, keepdim=True) + self.offset


@pytest.fixture
def pair() -> tuple[Tensor, Tensor]:
    """An image of [0, 1], and its reconstruction."""
    x = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    y = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    return x, y


# The penalty


@pytest.mark.parametrize(
    ("scale", "offset", "penalty"), [(1, 0, 0), (1, 5, 0), (-1, 0, 4), (0, 0, 1), (3, 0, 4)], ids=str
)
def test_the_slope_of_f_is_the_unit_vector_from_the_reconstruction_to_the_image(
    pair: tuple[Tensor, Tensor], scale: float, offset: float, penalty: float
) -> None:
    x, y = pair
    f = Linear((x - y) / (x - y).norm(), scale, offset)
    assert slope_penalty(f, x, y, torch.tensor([0.3]), "unit").item() == pytest.approx(penalty, abs=1e-5)


def test_the_inverse_norm_lets_f_fall_by_1_whatever_the_distance(pair: tuple[Tensor, Tensor]) -> None:
    for x, y in (pair, (pair[0], pair[0] + 0.1 * (pair[1] - pair[0]))):
        f = Linear((x - y) / (x - y).norm() ** 2)
        assert (f(x) - f(y)).item() == pytest.approx(1, rel=1e-4)
        assert slope_penalty(f, x, y, torch.tensor([0.3]), "inverse_norm").item() == pytest.approx(0, abs=1e-5)


def test_the_slope_is_taken_between_image_and_reconstruction(pair: tuple[Tensor, Tensor]) -> None:
    x, y = pair
    f = Linear(torch.ones_like(x))
    for t, expected in ((0.0, x), (1.0, y), (0.25, 0.25 * y + 0.75 * x)):
        slope_penalty(f, x, y, torch.tensor([t]), "unit")
        assert torch.allclose(f.shown[-1], expected, atol=1e-6)


@pytest.mark.parametrize("slope", ["unit", "inverse_norm"])
def test_a_perfect_reconstruction_asks_for_no_slope(pair: tuple[Tensor, Tensor], slope: str) -> None:
    x, _ = pair
    f = Linear(torch.full_like(x, 0.5))
    assert slope_penalty(f, x, x, torch.tensor([0.3]), slope).item() == pytest.approx(0.25 * x.numel())


# The losses


def test_a_constant_error_on_cifar_costs_its_euclidean_norm_on_0_to_1() -> None:
    x = torch.full((2, 3, 32, 32), 0.4)
    assert distance(x, x + 0.1).tolist() == pytest.approx([5.54256] * 2, rel=1e-4)
    assert distance(x, x).tolist() == pytest.approx([math.sqrt(1e-5)] * 2)


def test_the_encoder_s_loss_is_distance_on_0_to_1_and_a_hundred_mmd(
    build_row: Build, x: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []

    def kept(code: Tensor, z: Tensor) -> Tensor:
        compared.append((code, z))
        return torch.tensor(0.02)

    monkeypatch.setattr(pd_wgan, "mmd", kept)
    system = build_row("pd-wgan")
    system.generator.register_forward_hook(lambda module, given, output: 0 * output + 0.5)
    losses = system.losses(x, Streams(0))
    norm = ((x - 0.5) / 2).flatten(1).norm(dim=1).mean()
    assert losses["encoder"].item() == pytest.approx(norm.item() + 2)
    draw = Streams(0)
    draw.normal(8, 4)  # z, of the samples
    ((code, other),) = compared
    assert torch.equal(other, draw.normal(8, 4))
    mean, log_variance = system.encoder(x).chunk(2, dim=1)
    assert torch.allclose(code, mean + (log_variance / 2).exp() * draw.normal(8, 4), atol=1e-5)


def test_a_silent_critic_pays_the_whole_slope_and_the_generator_nothing(
    build_row: Build, silence: Callable[..., None], x: Tensor
) -> None:
    system = build_row("pd-wgan", penalty_weight=3.0)
    silence(system.critic)
    losses = system.losses(x, Streams(0))
    assert losses["critic"].item() == pytest.approx(3.0, rel=1e-4)  # weight times the norm of a unit vector
    assert losses["generator"].item() == 0


@pytest.mark.parametrize("share", [0.0, 0.25])
def test_data_are_real_and_fakes_are_samples_or_a_share_of_reconstructions(
    build_row: Build, x: Tensor, share: float
) -> None:
    system = build_row("pd-wgan", penalty_weight=0.0, reconstruction_share=share)
    system.critic = f = Linear(torch.linspace(0, 1, 256).view(1, 1, 16, 16))
    losses = system.losses(x, Streams(0))
    draw = Streams(0)
    z, _, noise = draw.normal(8, 4), draw.normal(8, 4), draw.normal(8, 4)
    mean, log_variance = system.encoder(x).chunk(2, dim=1)
    code = mean + (log_variance / 2).exp() * noise
    real, sample, reconstruction = (
        f((images + 1) / 2).mean() for images in (x, system.generator(z), system.generator(code))
    )
    fake = share * reconstruction + (1 - share) * sample
    assert losses["critic"].item() == pytest.approx((fake - real).item(), abs=1e-4)
    assert losses["generator"].item() == pytest.approx(-fake.item(), rel=1e-4)
    assert all(bool((shown >= 0).all()) and bool((shown <= 1).all()) for shown in f.shown)


def test_the_primal_does_not_ask_the_critic_and_the_dual_does_not_ask_the_encoder(build_row: Build, x: Tensor) -> None:
    system = build_row("pd-wgan")
    losses = system.losses(x, Streams(0))
    for loss, network in (("encoder", system.critic), ("generator", system.encoder), ("critic", system.encoder)):
        reached = torch.autograd.grad(losses[loss], list(network.parameters()), retain_graph=True, allow_unused=True)
        assert all(gradient is None for gradient in reached), loss
    mixed = build_row("pd-wgan", reconstruction_share=0.25)
    loss = mixed.losses(x, Streams(0))["generator"]
    reached = torch.autograd.grad(loss, list(mixed.encoder.parameters()), allow_unused=True)
    assert any(gradient is not None for gradient in reached)  # though the generator alone steps on it


# The schedule


def test_critic_and_encoder_step_five_times_and_the_generator_with_the_last(build_row: Build, x: Tensor) -> None:
    moves = build_row("pd-wgan").moves()
    assert [set(move(x, Streams(0))) for move in moves] == [{"critic", "encoder"}] * 4 + [PLAYERS]


def test_each_step_has_a_batch_of_its_own(build_row: Build) -> None:
    system = build_row("pd-wgan", critic_steps=3)
    images = torch.arange(24, dtype=torch.uint8).view(24, 1, 1, 1).expand(24, 16, 16, 1).contiguous()
    run, seen = Run(system, Streams(0), images, 8), []
    losses = system.losses

    def watched(x: Tensor, draw: Streams) -> dict[str, Tensor]:
        seen.extend(((x[:, 0, 0, 0] + 1) * 127.5).round().int().tolist())
        found: dict[str, Tensor] = losses(x, draw)
        return found

    system.losses, run.moves = watched, [*run.moves[:2], watched]
    run.iterate()
    assert sorted(seen) == list(range(24))
    steps = {name: int(optimiser.steps[0]) for name, optimiser in run.optimisers.items()}
    assert steps == {"critic": 3, "encoder": 3, "generator": 1}
