"""Adversarially learned inference: one discriminator judges an image together with its code.

Paper: Dumoulin et al. 2017, "Adversarially Learned Inference". BiGAN (Donahue et al. 2017) plays the same game with an
encoder that draws nothing. With x an image, ẑ ~ q(z|x) its code, z ~ N(0, I), x̃ = G(z):

    player     networks                    minimises
    joint      D, of an image and a code   L_d of Algorithm 1: telling (x, ẑ), the real side, from (x̃, z)
    encoder    μ, σ of q(z|x)              L_g, first term: (x, ẑ) passing for generated
    generator  G                           L_g, second term: (x̃, z) passing for real

All losses come from one forward pass and all players step at once (Algorithm 1). The paper's L_g has one optimiser for
both networks; each of its terms reaches one of them only, so under Adam two optimisers make the same steps.
`generator_loss: minimax` is the value function itself, Eq. 1; `schedule: sequential` lets the discriminator step first.

Differs from the paper: networks, optimiser, batch and budget are those of PAGAN's rows, for a fair comparison, where
the paper has maxout networks of its own, 64 latent numbers, Adam 1e-4 (0.5, 0.999) and 6475 epochs; D is spectrally
normalised; images lie in [-1, 1], not in [0, 1]; the encoder gives log variances.
Unverified: the Inception Score that others quote for ALI is not in its paper, and who measured it is not known to us.
"""

from typing import Any

from torch import Tensor, nn

from stages.train import contract
from stages.train.codes import gaussian, reconstructed_from
from stages.train.networks import dcgan, dense, wu
from stages.train.streams import Streams
from stages.train.terms import pass_for_real, tell_apart

NETWORKS: dict[str, Any] = {"dcgan": dcgan, "dense": dense, "wu": wu}


class System(contract.System):
    cited = True

    def __init__(self, settings: dict[str, Any], shape: list[int]):
        super().__init__(settings, shape)
        build = NETWORKS[settings["networks"]]
        self.generator: nn.Module = build.generator(settings, shape)
        self.encoder: nn.Module = build.encoder(settings, shape, 2 * settings["latent"])
        self.joint: nn.Module = build.joint_discriminator(settings, shape)

    def players(self) -> dict[str, list[nn.Module]]:
        return {"joint": [self.joint], "generator": [self.generator], "encoder": [self.encoder]}

    def moves(self) -> list[contract.Move]:
        if self.settings["schedule"] == "simultaneous":
            return [self.losses]
        return [self.discriminator_losses, self.autoencoder_losses]

    def losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        """Every player's loss on images x, [n, c, h, w] in [-1, 1]."""
        form = self.settings["generator_loss"]
        z = self.prior(len(x), draw)
        code = gaussian(self.encoder(x), draw)  # Eq. 2
        encoded, decoded = self.joint(x, code), self.joint(self.generator(z), z)
        return {
            "joint": tell_apart(encoded, decoded),  # L_d
            "encoder": pass_for_real(-encoded, form),  # L_g, -log(1 - ρ_q): for the encoder's pairs, "real" is D = 0
            "generator": pass_for_real(decoded, form),  # L_g, -log ρ_p
        }

    def discriminator_losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        return {"joint": self.losses(x, draw)["joint"]}

    def autoencoder_losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        losses = self.losses(x, draw)
        return {name: losses[name] for name in ("generator", "encoder")}

    def encode(self, x: Tensor, draw: Streams) -> Tensor:
        return reconstructed_from(self.encoder(x), draw, self.settings["code"])
