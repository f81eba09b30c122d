"""Two-stage VAE: a VAE of images, and then a second VAE that learns where the first one's codes lie.

Paper: Dai and Wipf 2019, "Diagnosing and Enhancing VAE Models"; details as in its authors' public code. Images are
taken to [0, 1]. With x an image, z ~ q(z|x) its code, u ~ q(u|z) the code's own code, γ and γ_z a learned number each:

    player  networks                  minimises
    first   encoder, generator, γ     -log N(x; G(z), γ²) + KL(q(z|x) || N(0, I)), in the first third
    second  second encoder and        -log N(z; G₂(u), γ_z²) + KL(q(u|z) || N(0, I)), after it; q(z|x) is frozen and
            generator, γ_z            in evaluation mode, z a fresh draw from it

Sums over pixels or numbers, mean over the batch; both losses may well be negative, as γ falls. Samples come from
u ~ N(0, I), z ~ N(G₂(u), γ_z²), x = G(z); reconstructions from a draw of q(z|x), past the second stage. Each stage has
Adam, whose rate is halved every `halve_share` of the stage.

Networks, optimiser and budget are the paper's own here, its InfoGAN networks, because the quoted row was measured with
the public code: 1000 and 2000 epochs, as its author recommends for CIFAR-10.
Differs from the paper: moments of the codes are computed when they are needed, where the code keeps those of all images
in memory (the same numbers, the encoder being frozen).
Unverified: when the rates were halved on CIFAR-10 (every 300 and 600 epochs is from memory; the code's defaults are
150 of 400 and 300 of 800). The Inception Score that others quote is not in this paper.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from stages.train import contract
from stages.train.networks import dense, infogan
from stages.train.streams import Streams
from stages.train.terms import kl_to_prior, squared

NETWORKS: dict[str, Any] = {"infogan": infogan, "dense": dense}


class System(contract.System):
    cited = True

    iteration: Tensor

    def __init__(self, settings: dict[str, Any], shape: list[int]):
        super().__init__(settings, shape)
        build = NETWORKS[settings["networks"]]
        self.encoder: nn.Module = build.encoder(settings, shape, 2 * settings["latent"])
        self.generator: nn.Module = build.generator(settings, shape, end=nn.Sigmoid())
        self.of_images = Likelihood()
        self.second_encoder: nn.Module = build.second_encoder(settings)
        self.second_generator: nn.Module = build.second_generator(settings)
        self.of_codes = Likelihood()
        self.first_stage = round(settings["first_stage_share"] * settings["iterations"])
        self.register_buffer("iteration", torch.tensor(0))

    def players(self) -> dict[str, list[nn.Module]]:
        return {
            "first": [self.encoder, self.generator, self.of_images],
            "second": [self.second_encoder, self.second_generator, self.of_codes],
        }

    def moves(self) -> list[contract.Move]:
        return [self.losses]

    def losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        """The loss of the stage that is being trained, on images x, [n, c, h, w] in [-1, 1]."""
        if self.iteration < self.first_stage:
            return {"first": self.first_loss(x, draw)}
        return {"second": self.second_loss(x, draw)}

    def first_loss(self, x: Tensor, draw: Streams) -> Tensor:
        x = to_unit(x)
        mean, spread = self.code_moments(x)
        code = mean + spread * draw.normal(*mean.shape)
        return self.of_images(x, self.generator(code)) + kl_to_prior(mean, 2 * spread.log())

    def second_loss(self, x: Tensor, draw: Streams) -> Tensor:
        self.encoder.eval()
        with torch.no_grad():
            mean, spread = self.code_moments(to_unit(x))
            code = mean + spread * draw.normal(*mean.shape)
        mean, log_spread = self.second_encoder(code).chunk(2, dim=1)
        second_code = mean + log_spread.exp() * draw.normal(*mean.shape)
        return self.of_codes(code, self.second_generator(second_code)) + kl_to_prior(mean, 2 * log_spread)

    def code_moments(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of q(z|x), x in [0, 1]; at least 1e-6, as in the code."""
        mean, raw = self.encoder(x).chunk(2, dim=1)
        return mean, 1e-6 + softplus(raw)

    def finish(self, losses: dict[str, Tensor]) -> dict[str, Tensor]:
        self.iteration += 1
        return {"gamma": self.of_images.gamma.detach(), "gamma_z": self.of_codes.gamma.detach()}

    def decay(self, iteration: int) -> float:
        stages = [(0, self.first_stage), (self.first_stage, self.settings["iterations"])]
        start, end = stages[iteration >= self.first_stage]
        every = self.settings["halve_share"] * (end - start)
        return float(0.5 ** ((iteration - start) // every)) if every else 1.0

    def prior(self, n: int, draw: Streams) -> Tensor:
        """Codes as the second stage draws them, [n, latent]."""
        code: Tensor = self.second_generator(draw.normal(n, self.settings["latent"]))
        return code + self.of_codes.gamma * draw.normal(*code.shape)

    def decode(self, code: Tensor) -> Tensor:
        images: Tensor = 2 * self.generator(code) - 1
        return images

    def encode(self, x: Tensor, draw: Streams) -> Tensor:
        mean, spread = self.code_moments(to_unit(x))
        return mean + spread * draw.normal(*mean.shape) if self.settings["code"] == "sampled" else mean


class Likelihood(nn.Module):
    """-log N(x; decoded, γ² I), summed over entries, mean over the batch; γ is learned and starts from 1."""

    def __init__(self) -> None:
        super().__init__()
        self.log_gamma = nn.Parameter(torch.tensor(0.0))

    @property
    def gamma(self) -> Tensor:
        return self.log_gamma.exp()

    def forward(self, x: Tensor, decoded: Tensor) -> Tensor:
        entry = self.log_gamma + 0.5 * math.log(2 * math.pi)
        return squared(x, decoded) / (2 * self.gamma**2) + x[0].numel() * entry


def to_unit(x: Tensor) -> Tensor:
    """[-1, 1] to [0, 1]."""
    return (x + 1) / 2
