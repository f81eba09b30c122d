"""Adversarial symmetric VAE: the symmetric KL of the two joints from two critics, each against independent pairs.

Paper: Pu et al. 2017, "Adversarial Symmetric Variational Autoencoder". With x an image, ẑ ~ q(z|x), x̂ = G(ẑ);
z and z' ~ N(0, I), x̃ = G(z), z̃ ~ q(z|x̃); λ the `cycle_weight`:

    player       networks                     minimises
    code_ratio   f_1, of an image and a code  telling (x, ẑ) from (x, z): f_1 tends to log q(z|x)/p(z)
    image_ratio  f_2, of an image and a code  telling (x̃, z) from (x, z'): f_2 tends to log p(x|z)/q(x)
    encoder      μ, σ of q(z|x)               f_1(x, ẑ) - f_2(x, ẑ) + λ cycles: KL(q || p) and the reconstructions
    generator    G                            f_2(x̃, z) - f_1(x̃, z) + λ cycles: KL(p || q) and the reconstructions

    cycles       mean |x - x̂| + mean |z - z̃|, means over all entries; both move both networks

f_2 - f_1 tends to log p(x,z)/q(x,z), the ratio for which the symmetric VAE of the same group has one critic: two
easier ratios in the place of one. The critics step first, then the others on a fresh batch; `schedule: simultaneous`
makes it one move.

Differs from the paper: the cycles are mean L1 distances, as in that group's later public code. Networks, optimiser and
budget are those of PAGAN's rows, for a fair comparison; the critics have no normalisation, because a log ratio must
reach large values.
Unverified: of the paper we had the abstract, no code is public. That the sum of both KL divergences is minimised is the
abstract's, and that these two critics estimate it follows; that they are the paper's critics, its value of λ, and
whether the quoted Inception Score belongs to the regularised form, are from memory.
"""

from typing import Any

from torch import Tensor, nn

from stages.train import contract
from stages.train.codes import gaussian, reconstructed_from
from stages.train.networks import dcgan, dense
from stages.train.streams import Streams
from stages.train.terms import l1, tell_apart

NETWORKS: dict[str, Any] = {"dcgan": dcgan, "dense": dense}


class System(contract.System):
    cited = True

    def __init__(self, settings: dict[str, Any], shape: list[int]):
        super().__init__(settings, shape)
        build = NETWORKS[settings["networks"]]
        self.generator: nn.Module = build.generator(settings, shape)
        self.encoder: nn.Module = build.encoder(settings, shape, 2 * settings["latent"])
        self.code_ratio: nn.Module = build.joint_discriminator(settings, shape)  # f_1
        self.image_ratio: nn.Module = build.joint_discriminator(settings, shape)  # f_2

    def players(self) -> dict[str, list[nn.Module]]:
        return {
            "code_ratio": [self.code_ratio],
            "image_ratio": [self.image_ratio],
            "generator": [self.generator],
            "encoder": [self.encoder],
        }

    def moves(self) -> list[contract.Move]:
        if self.settings["schedule"] == "simultaneous":
            return [self.losses]
        return [self.critic_losses, self.autoencoder_losses]

    def losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        """Every player's loss on images x, [n, c, h, w] in [-1, 1]."""
        z, other, code, sample = self.drawn(x, draw)
        reconstruction, recoded = self.generator(code), gaussian(self.encoder(sample), draw)
        encoded_1, encoded_2 = self.code_ratio(x, code), self.image_ratio(x, code)
        decoded_1, decoded_2 = self.code_ratio(sample, z), self.image_ratio(sample, z)
        cycles = self.settings["cycle_weight"] * (l1(x, reconstruction, "mean") + l1(z, recoded, "mean"))
        return {
            "code_ratio": tell_apart(encoded_1, self.code_ratio(x, z)),
            "image_ratio": tell_apart(decoded_2, self.image_ratio(x, other)),
            "encoder": (encoded_1 - encoded_2).mean() + cycles,
            "generator": (decoded_2 - decoded_1).mean() + cycles,
        }

    def drawn(self, x: Tensor, draw: Streams) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """z, z', ẑ and x̃."""
        z, other = self.prior(len(x), draw), self.prior(len(x), draw)
        return z, other, gaussian(self.encoder(x), draw), self.generator(z)

    def critic_losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        """The critics' losses alone, without the cycles that they do not see."""
        z, other, code, sample = self.drawn(x, draw)
        return {
            "code_ratio": tell_apart(self.code_ratio(x, code), self.code_ratio(x, z)),
            "image_ratio": tell_apart(self.image_ratio(sample, z), self.image_ratio(x, other)),
        }

    def autoencoder_losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        losses = self.losses(x, draw)
        return {name: losses[name] for name in ("generator", "encoder")}

    def encode(self, x: Tensor, draw: Streams) -> Tensor:
        return reconstructed_from(self.encoder(x), draw, self.settings["code"])
