"""WGAN-GP: a generator against a critic whose slope is held near 1, a baseline of α-GAN.

Paper: Gulrajani et al. 2017, "Improved Training of Wasserstein GANs", as α-GAN's authors run it; numbers in brackets
are equations of WGAN-GP. With x an image, z ~ N(0, I), x̃ = G(z) and x̄ a point between x and x̃, uniform on the line:

    player     networks   minimises
    critic     f          (3)  mean f(x̃) - mean f(x) + 10 mean (|∇f(x̄)| - 1)²
    generator  G               -mean f(x̃)

Where f's slope is at most 1, mean f(x) - mean f(x̃) is at most the Wasserstein distance of images and samples, and the
best f reaches it. One iteration is five steps of the critic, then one of the generator, each on fresh x and z. There is
no encoder, and so no reconstruction.

Differs from the paper: networks, Adam's β1 = 0.5 and numbers of iterations are those of α-GAN's comparison. Its text
has batch norm in every experiment; the critic here has none, as in the paper, because the penalty is about one image's
slope and batch norm makes that depend on the others.
"""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from stages.train import contract
from stages.train.networks import dense, wgan
from stages.train.streams import Streams
from stages.train.terms import critic_gap, gradient_penalty

NETWORKS: dict[str, Any] = {"wgan": wgan, "dense": dense}


class System(contract.System):
    encodes = False
    cited = True

    def __init__(self, settings: dict[str, Any], shape: list[int]):
        super().__init__(settings, shape)
        build = NETWORKS[settings["networks"]]
        self.generator: nn.Module = build.generator(settings, shape)
        self.critic: nn.Module = build.image_discriminator(settings, shape)

    def players(self) -> dict[str, list[nn.Module]]:
        return {"critic": [self.critic], "generator": [self.generator]}

    def learning_rate(self, player: str) -> float:
        rate: float = self.settings["discriminator_rate" if player == "critic" else "learning_rate"]
        return rate

    def moves(self) -> Sequence[contract.Move]:
        return [self.critic_loss] * self.settings["critic_steps"] + [self.generator_loss]

    def critic_loss(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        sample = self.generator(self.prior(len(x), draw))
        penalty = gradient_penalty(self.critic, (x,), (sample,), (draw.uniform(len(x)),))
        gap = critic_gap(self.critic(x), self.critic(sample))
        return {"critic": gap + self.settings["penalty_weight"] * penalty}  # (3)

    def generator_loss(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        return {"generator": -self.critic(self.generator(self.prior(len(x), draw))).mean()}
