"""The symmetric VAE held to its identities: sides and signs, and both KL divergences where they are known."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Normal

from stages.train.streams import Streams
from stages.train.systems import svae

LOG2 = math.log(2)
Build = Callable[..., Any]


class Says(nn.Module):
    """A critic that says what it was told to, in turn."""

    def __init__(self, *values: float):
        super().__init__()
        self.values = list(values)

    def forward(self, x: Tensor, z: Tensor) -> Tensor:
        return torch.full((len(x), 1), self.values.pop(0))


# Two joints of numbers whose divergences are known in closed form:
# p: z ~ N(0, 1), x|z ~ N(0.5 z, 0.75);  q: x ~ N(0, 1), z|x ~ N(0.8 x, 0.36)


class Decode(nn.Module):
    def forward(self, z: Tensor) -> Tensor:
        noise = torch.randn(z.shape, generator=torch.Generator().manual_seed(7))
        return (0.5 * z + 0.75**0.5 * noise).view(-1, 1, 1, 1)


class Encode(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([0.8 * x.flatten(1), torch.full((len(x), 1), math.log(0.36))], dim=1)


class LogRatio(nn.Module):
    """log p(x, z)/q(x, z), as it is or changed."""

    def __init__(self, change: Callable[[Tensor], Tensor] = lambda f: f):
        super().__init__()
        self.change = change

    def forward(self, x: Tensor, z: Tensor) -> Tensor:
        x, prior = x.flatten(1), Normal(0.0, 1.0)
        log_p = prior.log_prob(z) + Normal(0.5 * z, 0.75**0.5).log_prob(x)
        log_q = prior.log_prob(x) + Normal(0.8 * x, 0.6).log_prob(z)
        return self.change(log_p - log_q)


@pytest.fixture
def known(build_row: Build) -> Any:
    system = build_row("svae", latent=1, cycle_weight=0.0)
    system.encoder, system.generator, system.joint = Encode(), Decode(), LogRatio()
    return system


@pytest.fixture
def numbers() -> Tensor:
    return torch.randn(200_000, 1, 1, 1, generator=torch.Generator().manual_seed(3))


def test_at_the_best_critic_encoder_and_generator_lose_the_two_divergences(known: Any, numbers: Tensor) -> None:
    losses = known.losses(numbers, Streams(0))
    assert losses["encoder"].item() == pytest.approx(0.166985, abs=0.01)  # KL(q || p)
    assert losses["generator"].item() == pytest.approx(0.299682, abs=0.01)  # KL(p || q)


@pytest.mark.parametrize(
    "change",
    [lambda f: f + 0.3, lambda f: f - 0.3, lambda f: 1.5 * f, lambda f: 0.5 * f, lambda f: -f],
    ids=["higher", "lower", "steeper", "flatter", "turned"],
)
def test_the_critic_loses_least_at_the_log_ratio(
    known: Any, numbers: Tensor, change: Callable[[Tensor], Tensor]
) -> None:
    best = known.losses(numbers, Streams(0))["joint"].item()
    known.joint = LogRatio(change)
    assert known.losses(numbers, Streams(0))["joint"].item() > best + 0.001


def test_the_generator_s_pairs_are_the_critic_s_real_side(build_row: Build, x: Tensor) -> None:
    system = build_row("svae", cycle_weight=0.0)
    system.joint = Says(3.0, -2.0)  # of (x, ẑ), of (x̃, z)
    losses = {name: loss.item() for name, loss in system.losses(x, Streams(0)).items()}
    expected = {"joint": math.log1p(math.e**2) + math.log1p(math.e**3), "encoder": -3.0, "generator": -2.0}
    assert losses == pytest.approx(expected)


def test_a_critic_that_cannot_tell_leaves_the_cycles_alone(
    build_row: Build, silence: Callable[..., None], x: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(svae, "l1", lambda one, other, reduction: {"mean": (one - other).abs().mean()}[reduction])
    system = build_row("svae", cycle_weight=10.0)
    silence(system.joint)
    losses = system.losses(x, Streams(0))
    draw = Streams(0)
    z, noise, again = draw.normal(8, 4), draw.normal(8, 4), draw.normal(8, 4)

    def coded(images: Tensor, noise: Tensor) -> Tensor:
        mean, log_variance = system.encoder(images).chunk(2, dim=1)
        return mean + (log_variance / 2).exp() * noise

    reconstruction, recoded = system.generator(coded(x, noise)), coded(system.generator(z), again)
    cycles = (x - reconstruction).abs().mean() + (z - recoded).abs().mean()
    assert losses["joint"].item() == pytest.approx(2 * LOG2)
    assert losses["encoder"].item() == pytest.approx(10 * cycles.item(), rel=1e-5)
    assert losses["generator"].item() == pytest.approx(10 * cycles.item(), rel=1e-5)


def test_the_cycle_of_codes_reaches_encoder_and_generator(build_row: Build, silence: Callable[..., None]) -> None:
    system, x = build_row("svae"), torch.zeros(8, 1, 16, 16)
    silence(system.joint)
    system.prior = lambda n, draw: torch.full((n, 4), 100.0)  # so far that only this cycle counts
    losses = system.losses(x, Streams(0))
    for player, network in (("encoder", system.encoder), ("generator", system.generator)):
        gradients = torch.autograd.grad(losses[player], list(network.parameters()), retain_graph=True)
        assert all(bool(gradient.isfinite().all()) for gradient in gradients)
        assert sum(float(gradient.abs().sum()) for gradient in gradients) > 0


def test_the_critic_steps_first_on_the_same_game(build_row: Build, x: Tensor) -> None:
    first, second = (move(x, Streams(0)) for move in build_row("svae").moves())
    assert set(first) == {"joint"}
    assert set(second) == {"generator", "encoder"}
    (move,) = build_row("svae", schedule="simultaneous").moves()
    whole = move(x, Streams(0))
    assert set(whole) == {"joint", "generator", "encoder"}
    assert first["joint"].item() == pytest.approx(whole["joint"].item())


def test_the_critic_is_not_normalised_and_the_cycles_weigh_1(build_row: Build, declared: dict[str, Any]) -> None:
    knobs = declared["systems"]["svae"]
    assert (knobs["discriminator_norm"], knobs["cycle_weight"]) == ("none", 1.0)
    assert not [name for name, _ in build_row("svae").joint.named_parameters() if "parametrizations" in name]
