"""AS-VAE held to the identity that it rests on: f_2 - f_1 is the log ratio of the joints, each f easy to learn."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Normal
from torch.nn.functional import softplus

from stages.train.streams import Streams

LOG2 = math.log(2)
Build = Callable[..., Any]


class Witness(nn.Module):
    """A critic that keeps what it was shown and what it said."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.scale = scale
        self.shown: list[tuple[Tensor, Tensor]] = []
        self.said: list[Tensor] = []

    def forward(self, x: Tensor, z: Tensor) -> Tensor:
        self.shown.append((x, z))
        self.said.append(self.scale * (x.flatten(1).mean(1) + z.mean(1)))
        return self.said[-1]


# p: z ~ N(0, 1), x|z ~ N(0.5 z, 0.75);  q: x ~ N(0, 1), z|x ~ N(0.8 x, 0.36)


class Decode(nn.Module):
    def forward(self, z: Tensor) -> Tensor:
        noise = torch.randn(z.shape, generator=torch.Generator().manual_seed(7))
        return (0.5 * z + 0.75**0.5 * noise).view(-1, 1, 1, 1)


class Encode(nn.Module):
    def __init__(self, slope: float, variance: float):
        super().__init__()
        self.slope, self.variance = slope, variance

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.slope * x.flatten(1), torch.full((len(x), 1), math.log(self.variance))], dim=1)


class Ratio(nn.Module):
    """log N(one; slope * other, variance) / N(one; 0, 1), as it is or changed; `one` is the code or the image."""

    def __init__(self, of: str, slope: float, variance: float, change: Callable[[Tensor], Tensor] = lambda f: f):
        super().__init__()
        self.of, self.slope, self.spread, self.change = of, slope, variance**0.5, change

    def forward(self, x: Tensor, z: Tensor) -> Tensor:
        one, other = (z, x.flatten(1)) if self.of == "code" else (x.flatten(1), z)
        return self.change(Normal(self.slope * other, self.spread).log_prob(one) - Normal(0.0, 1.0).log_prob(one))


@pytest.fixture
def known(build_row: Build) -> Any:
    system = build_row("as-vae", latent=1, cycle_weight=0.0)
    system.encoder, system.generator = Encode(0.8, 0.36), Decode()
    system.code_ratio, system.image_ratio = Ratio("code", 0.8, 0.36), Ratio("image", 0.5, 0.75)
    return system


@pytest.fixture
def numbers() -> Tensor:
    return torch.randn(200_000, 1, 1, 1, generator=torch.Generator().manual_seed(3))


def test_at_the_best_critics_encoder_and_generator_lose_the_two_divergences(known: Any, numbers: Tensor) -> None:
    losses = known.losses(numbers, Streams(0))
    assert losses["encoder"].item() == pytest.approx(0.166985, abs=0.01)  # KL(q || p)
    assert losses["generator"].item() == pytest.approx(0.299682, abs=0.01)  # KL(p || q)


@pytest.mark.parametrize(
    "change", [lambda f: f + 0.3, lambda f: 1.5 * f, lambda f: -f], ids=["higher", "steeper", "turned"]
)
@pytest.mark.parametrize(
    ("critic", "of", "slope", "variance"),
    [("code_ratio", "code", 0.8, 0.36), ("image_ratio", "image", 0.5, 0.75)],
    ids=["codes", "images"],
)
def test_either_critic_loses_least_at_its_log_ratio(
    known: Any,
    numbers: Tensor,
    critic: str,
    of: str,
    slope: float,
    variance: float,
    change: Callable[[Tensor], Tensor],
) -> None:
    best = known.losses(numbers, Streams(0))[critic].item()
    setattr(known, critic, Ratio(of, slope, variance, change))
    assert known.losses(numbers, Streams(0))[critic].item() > best + 0.001


def test_where_codes_ignore_their_images_the_best_critic_of_codes_is_0_everywhere(known: Any, numbers: Tensor) -> None:
    known.encoder, known.code_ratio = Encode(0.0, 1.0), Ratio("code", 0.0, 1.0)
    assert known.losses(numbers, Streams(0))["code_ratio"].item() == pytest.approx(2 * LOG2)
    known.code_ratio = Ratio("code", 0.8, 0.36)
    assert known.losses(numbers, Streams(0))["code_ratio"].item() > 2 * LOG2 + 0.1


def test_critics_that_cannot_tell_lose_2_log_2_and_leave_the_others_nothing(
    build_row: Build, silence: Callable[..., None], x: Tensor
) -> None:
    system = build_row("as-vae", cycle_weight=0.0)
    silence(system.code_ratio, system.image_ratio)
    losses = {name: loss.item() for name, loss in system.losses(x, Streams(0)).items()}
    assert losses == pytest.approx({"code_ratio": 2 * LOG2, "image_ratio": 2 * LOG2, "encoder": 0.0, "generator": 0.0})


def test_each_critic_s_fakes_are_independent_pairs(build_row: Build, x: Tensor) -> None:
    system = build_row("as-vae", cycle_weight=0.0)
    system.code_ratio, system.image_ratio = one, two = Witness(2.0), Witness(-1.0)
    losses = system.losses(x, Streams(0))

    draw = Streams(0)
    z, other = draw.normal(8, 4), draw.normal(8, 4)
    mean, log_variance = system.encoder(x).chunk(2, dim=1)
    code, sample = mean + (log_variance / 2).exp() * draw.normal(8, 4), system.generator(z)

    def place(critic: Witness, image: Tensor, code: Tensor) -> Tensor:
        """What the critic said of this pair."""
        (said,) = [
            said
            for (x, z), said in zip(critic.shown, critic.said, strict=True)
            if torch.allclose(x, image, atol=1e-5) and torch.allclose(z, code, atol=1e-5)
        ]
        return said

    encoded_1, encoded_2, decoded_1, decoded_2 = (
        place(critic, *pair) for pair in ((x, code), (sample, z)) for critic in (one, two)
    )
    independent_1, independent_2 = place(one, x, z), place(two, x, other)
    assert len(one.shown) == len(two.shown) == 3
    assert losses["code_ratio"].item() == pytest.approx(
        (softplus(-encoded_1).mean() + softplus(independent_1).mean()).item()
    )
    assert losses["image_ratio"].item() == pytest.approx(
        (softplus(-decoded_2).mean() + softplus(independent_2).mean()).item()
    )
    assert losses["encoder"].item() == pytest.approx((encoded_1 - encoded_2).mean().item(), abs=1e-6)
    assert losses["generator"].item() == pytest.approx((decoded_2 - decoded_1).mean().item(), abs=1e-6)


def test_both_cycles_are_in_both_losses(build_row: Build, silence: Callable[..., None], x: Tensor) -> None:
    system = build_row("as-vae", cycle_weight=2.0)
    silence(system.code_ratio, system.image_ratio)
    system.encoder.register_forward_hook(lambda module, given, output: 0 * output - 200)  # every code is -200
    system.generator.register_forward_hook(lambda module, given, output: 0 * output + 0.25)
    losses = system.losses(x, Streams(0))
    cycles = (x - 0.25).abs().mean() + (Streams(0).normal(8, 4) + 200).abs().mean()
    assert losses["encoder"].item() == pytest.approx(2 * cycles.item())
    assert losses["generator"].item() == pytest.approx(2 * cycles.item())


def test_the_critics_step_first_on_the_same_game(build_row: Build, x: Tensor) -> None:
    first, second = (move(x, Streams(0)) for move in build_row("as-vae").moves())
    assert set(first) == {"code_ratio", "image_ratio"}
    assert set(second) == {"generator", "encoder"}
    (move,) = build_row("as-vae", schedule="simultaneous").moves()
    whole = move(x, Streams(0))
    assert set(whole) == {"code_ratio", "image_ratio", "generator", "encoder"}
    for name in first:
        assert first[name].item() == pytest.approx(whole[name].item())
