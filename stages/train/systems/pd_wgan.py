"""Primal-dual Wasserstein GAN: the encoder finds a transport, and the critic that the generator follows keeps to it.

Paper: Gemici et al. 2018, "Primal-Dual Wasserstein GAN"; weights and schedule as in its authors' public code. Images
are taken to [0, 1] first. With x an image, ẑ ~ q(z|x), x̂ = G(ẑ) what x is coupled with; z ~ N(0, I), x̃ = G(z):

    player     networks        minimises
    critic     f, of images    mean f(x̃) - mean f(x) + w mean ||∇f(x_t) - (x - x̂)/||x - x̂|| ||², the dual
    encoder    μ, σ of q(z|x)  mean ||x - x̂|| + λ MMD(ẑ, z'), the primal; z' a fresh draw of the prior
    generator  G               -mean f(x̃), the dual

x_t = t x̂ + (1 - t) x with one t ~ U[0, 1] an image, w the `penalty_weight`, λ the `code_weight`, || || the Euclidean
norm of an image, at least √1e-5 in the primal. Critic and encoder step `critic_steps` times an iteration, each time on
a fresh batch and all losses from one forward pass; the generator steps with the last of them. One iteration is thus
one step of the generator. `reconstruction_share` is the paper's λ_mix: what share of the dual's fakes are x̂ (the quoted
row has none). There is no reconstruction term in the generator's loss. `slope: inverse_norm` divides by ||x - x̂||², as
the code of the paper's time did, so that f falls by 1 from x to x̂, whatever their distance; only the unit slope is that
of the optimal potential.

Differs from the paper: networks, batch and optimiser are those of PAGAN's rows, for a fair comparison (the critic is
its image discriminator without normalisation, the encoder gives a Gaussian where theirs takes noise); no extra steps
of the generator at the start of an epoch.
Unverified: slope, weights and length of the run that gave the paper's numbers; its text names none that we could read.
Nothing holds f off the lines between coupled images.
"""

from typing import Any

import torch
from torch import Tensor, nn

from stages.train import contract
from stages.train.codes import gaussian, reconstructed_from
from stages.train.networks import dcgan, dense
from stages.train.streams import Streams
from stages.train.terms import critic_gap, mmd

NETWORKS: dict[str, Any] = {"dcgan": dcgan, "dense": dense}


class System(contract.System):
    cited = True

    def __init__(self, settings: dict[str, Any], shape: list[int]):
        super().__init__(settings, shape)
        build = NETWORKS[settings["networks"]]
        self.generator: nn.Module = build.generator(settings, shape)
        self.encoder: nn.Module = build.encoder(settings, shape, 2 * settings["latent"])
        self.critic: nn.Module = build.image_discriminator(settings, shape)

    def players(self) -> dict[str, list[nn.Module]]:
        return {"critic": [self.critic], "generator": [self.generator], "encoder": [self.encoder]}

    def moves(self) -> list[contract.Move]:
        first: list[contract.Move] = [self.critic_and_encoder_losses]
        return first * (self.settings["critic_steps"] - 1) + [self.losses]

    def losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        """Every player's loss on images x, [n, c, h, w] in [-1, 1]."""
        z, other = self.prior(len(x), draw), self.prior(len(x), draw)
        code = gaussian(self.encoder(x), draw)
        x, sample, reconstruction = to_unit(x), to_unit(self.generator(z)), to_unit(self.generator(code))

        fake = self.critic(sample)
        share = self.settings["reconstruction_share"]
        if share:
            fake = share * self.critic(reconstruction) + (1 - share) * fake
        penalty = slope_penalty(self.critic, x, reconstruction, draw.uniform(len(x)), self.settings["slope"])
        return {
            "critic": critic_gap(self.critic(x), fake) + self.settings["penalty_weight"] * penalty,
            "encoder": distance(x, reconstruction).mean() + self.settings["code_weight"] * mmd(code, other),
            "generator": -fake.mean(),
        }

    def critic_and_encoder_losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        losses = self.losses(x, draw)
        return {name: losses[name] for name in ("critic", "encoder")}

    def encode(self, x: Tensor, draw: Streams) -> Tensor:
        return reconstructed_from(self.encoder(x), draw, self.settings["code"])


def to_unit(x: Tensor) -> Tensor:
    """[-1, 1] to [0, 1]."""
    return (x + 1) / 2


def distance(x: Tensor, y: Tensor) -> Tensor:
    """Euclidean, of each image to its counterpart, [n]; at least √1e-5, below which it has no gradient."""
    return ((x - y) ** 2).flatten(1).sum(1).clamp(min=1e-5).sqrt()


def slope_penalty(critic: nn.Module, x: Tensor, reconstruction: Tensor, t: Tensor, slope: str) -> Tensor:
    """mean ||∇f(x_t) - s||², s the direction from x̂ to x: f should rise along it and nowhere else."""
    step, t = (x - reconstruction).detach(), t.view(-1, 1, 1, 1)
    norm = step.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
    wanted = step / (norm + 1e-8) if slope == "unit" else step / (norm**2 + 1e-8)  # nothing where x̂ = x
    points = (x - t * step).detach().requires_grad_()  # x_t
    (gradient,) = torch.autograd.grad(critic(points).sum(), points, create_graph=True)
    return ((gradient - wanted) ** 2).flatten(1).sum(1).mean()
