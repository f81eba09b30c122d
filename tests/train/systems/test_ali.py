"""ALI held to its Algorithm 1: which side is real, and that each of encoder and generator has one term of its own."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from stages.train.streams import Streams

LOG2 = math.log(2)
Build = Callable[..., Any]


class Says(nn.Module):
    """A discriminator that keeps what it was shown and says the logits that it was told to, in turn."""

    def __init__(self, *logits: float):
        super().__init__()
        self.logits, self.shown = list(logits), list[tuple[Tensor, Tensor]]()

    def forward(self, x: Tensor, z: Tensor) -> Tensor:
        self.shown.append((x, z))
        return torch.full((len(x), 1), self.logits[len(self.shown) - 1])


@pytest.mark.parametrize(("form", "sign"), [("nonsaturating", 1), ("minimax", -1)])
def test_where_the_discriminator_cannot_tell_the_others_lose_2_log_2_together(
    build_row: Build, silence: Callable[..., None], x: Tensor, form: str, sign: int
) -> None:
    system = build_row("ali", generator_loss=form)
    silence(system.joint)
    losses = system.losses(x, Streams(0))
    assert losses["joint"].item() == pytest.approx(2 * LOG2)
    assert losses["encoder"].item() == pytest.approx(sign * LOG2)
    assert losses["generator"].item() == pytest.approx(sign * LOG2)


def test_an_image_with_its_code_is_real_and_a_sample_with_its_code_is_generated(build_row: Build, x: Tensor) -> None:
    system = build_row("ali")
    system.joint = Says(3.0, -1.0)
    losses = system.losses(x, Streams(0))
    (image, code), (sample, z) = system.joint.shown

    draw = Streams(0)
    assert torch.equal(z, draw.normal(8, 4))
    mean, log_variance = system.encoder(x).chunk(2, dim=1)
    assert torch.equal(image, x)
    assert torch.allclose(code, mean + (log_variance / 2).exp() * draw.normal(8, 4), atol=1e-6)
    assert torch.allclose(sample, system.generator(z), atol=1e-6)

    sp = [softplus(torch.tensor(logit)).item() for logit in (-3.0, -1.0, 3.0, 1.0)]
    assert losses["joint"].item() == pytest.approx(sp[0] + sp[1])  # -log D(x, ẑ) - log(1 - D(x̃, z))
    assert losses["encoder"].item() == pytest.approx(sp[2])  # -log(1 - D(x, ẑ))
    assert losses["generator"].item() == pytest.approx(sp[3])  # -log D(x̃, z)


def test_in_minimax_form_the_others_lose_what_the_discriminator_gains(build_row: Build, x: Tensor) -> None:
    system = build_row("ali", generator_loss="minimax")
    system.joint = Says(3.0, -1.0)
    losses = system.losses(x, Streams(0))
    assert (losses["encoder"] + losses["generator"]).item() == pytest.approx(-losses["joint"].item())


def test_neither_term_reaches_the_other_s_network(build_row: Build, x: Tensor) -> None:
    system = build_row("ali")
    losses = system.losses(x, Streams(0))
    for player, other in (("encoder", system.generator), ("generator", system.encoder)):
        reached = torch.autograd.grad(losses[player], list(other.parameters()), retain_graph=True, allow_unused=True)
        assert all(gradient is None for gradient in reached)


def test_all_step_at_once_or_the_discriminator_first(build_row: Build, x: Tensor) -> None:
    (move,) = build_row("ali").moves()
    assert set(move(x, Streams(0))) == {"joint", "generator", "encoder"}
    first, second = build_row("ali", schedule="sequential").moves()
    assert set(first(x, Streams(0))) == {"joint"}
    assert set(second(x, Streams(0))) == {"generator", "encoder"}


def test_reconstructions_decode_a_draw_or_the_mean(build_row: Build, x: Tensor) -> None:
    sampled, mean = (build_row("ali", code=code).eval() for code in ("sampled", "mean"))
    centre, log_variance = mean.encoder(x).chunk(2, dim=1)
    assert torch.equal(mean.encode(x, Streams(5)), centre)
    expected = centre + (log_variance / 2).exp() * Streams(5).normal(8, 4)
    assert torch.allclose(sampled.encode(x, Streams(5)), expected, atol=1e-6)


def test_the_row_has_pagan_s_networks_and_optimiser(declared: dict[str, Any]) -> None:
    ours, pagan = declared["systems"]["ali"], declared["systems"]["pagan"]
    shared = ("networks", "width", "latent", "batch", "iterations", "learning_rate", "beta1", "beta2", "encoder_norm")
    assert [ours[name] for name in shared] == [pagan[name] for name in shared]
