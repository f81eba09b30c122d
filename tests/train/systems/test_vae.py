"""The VAE held to its bound: likelihoods, the divergence from the prior, and what is drawn."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from stages.train import contract
from stages.train.streams import Streams

Build = Callable[..., contract.System]


class Says(nn.Module):
    """An encoder that says the same of every image."""

    def __init__(self, *output: float):
        super().__init__()
        self.output = torch.tensor(output)

    def forward(self, x: Tensor) -> Tensor:
        return self.output.expand(len(x), -1)


def loss(system: Any, x: Tensor) -> float:
    return float(system.losses(x, Streams(0))["autoencoder"].detach())


@pytest.mark.parametrize(
    ("likelihood", "expected"), [("gaussian", 256 * 0.25**2 / 2), ("laplace", 256 * 0.25)], ids=str
)
def test_where_the_code_is_the_prior_the_loss_is_the_negative_log_likelihood(
    build_row: Build, silence: Callable[..., None], likelihood: str, expected: float
) -> None:
    system: Any = build_row("vae", likelihood=likelihood)
    silence(system.encoder, system.generator)  # q(z|x) = N(0, I) and x̂ = 0
    assert loss(system, torch.full((8, 1, 16, 16), 0.25)) == pytest.approx(expected)
    assert loss(system, torch.full((3, 1, 16, 16), -0.25)) == pytest.approx(expected)


def test_the_divergence_from_the_prior_is_added_in_full(build_row: Build, silence: Callable[..., None]) -> None:
    system: Any = build_row("vae", latent=2)
    silence(system.generator)
    system.encoder = Says(1.0, 2.0, 0.0, 0.0)  # means 1 and 2, variances 1: KL = 1/2 + 4/2
    assert loss(system, torch.zeros(8, 1, 16, 16)) == pytest.approx(2.5)


def test_the_loss_is_that_of_a_draw_from_the_code(build_row: Build, x: Tensor) -> None:
    system: Any = build_row("vae")
    mean, log_variance = system.encoder(x).chunk(2, dim=1)
    code = mean + (log_variance / 2).exp() * Streams(0).normal(8, 4)
    reference = build_row("vae")
    missed = ((x - reference.decode(code)) ** 2).sum() / 2
    divergence = (mean**2 + log_variance.exp() - 1 - log_variance).sum() / 2
    assert loss(system, x) == pytest.approx(float((missed + divergence).detach()) / 8, rel=1e-5)


def test_what_training_draws_does_not_depend_on_what_reconstructions_decode(build_row: Build, x: Tensor) -> None:
    assert loss(build_row("vae", code="mean"), x) == loss(build_row("vae", code="sampled"), x)


def test_reconstructions_decode_a_draw_unless_told_to_take_the_mean(build_row: Build, x: Tensor) -> None:
    system: Any = build_row("vae").eval()
    mean, log_variance = system.encoder(x).chunk(2, dim=1)
    assert torch.allclose(system.encode(x, Streams(3)), mean + (log_variance / 2).exp() * Streams(3).normal(8, 4))
    assert torch.equal(build_row("vae", code="mean").eval().encode(x, Streams(3)), mean)


def test_the_residual_networks_learn_by_the_same_loss(build_row: Build, x: Tensor) -> None:
    system = build_row("vae", networks="resnet", width=8)
    owned = contract.parameters(system.players()["autoencoder"])
    assert sum(parameter.numel() for parameter in owned) == sum(p.numel() for p in system.parameters())
    (move,) = system.moves()
    gradients = torch.autograd.grad(move(x, Streams(0))["autoencoder"], owned)
    assert all(gradient.isfinite().all() for gradient in gradients)
    assert sum(bool(gradient.any()) for gradient in gradients) == len(owned)
