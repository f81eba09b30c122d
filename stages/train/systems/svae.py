"""Symmetric VAE: encoder and generator minimise a symmetric KL of the two joints, as one critic estimates it.

Paper: Chen et al. 2018, "Symmetric Variational Autoencoder and Connections to Adversarial Learning"; its regularised
form (sVAE-r), read from its authors' public code. With x an image, ẑ ~ q(z|x), x̂ = G(ẑ); z ~ N(0, I), x̃ = G(z),
z̃ ~ q(z|x̃); λ the `cycle_weight`:

    player     networks                    minimises
    joint      f, of an image and a code   telling (x̃, z), the real side, from (x, ẑ): f tends to log p(x,z)/q(x,z)
    encoder    μ, σ of q(z|x)              -f(x, ẑ) + λ cycles: KL(q || p) and the two reconstructions
    generator  G                           f(x̃, z) + λ cycles: KL(p || q) and the two reconstructions

    cycles     mean |x - x̂| + mean |z - z̃|, means over all entries; both move both networks

The critic steps first, then the others on a fresh batch; `schedule: simultaneous` makes it one move. The authors'
program is ALICE's with logits in the place of probabilities and λ = 1 in the place of 1e-6.

Differs from the paper: the cycles are L1 distances, as in its code, where the text has log likelihoods; networks,
optimiser, prior (N(0, I), not uniform) and budget are those of PAGAN's rows, for a fair comparison; f has no
normalisation, because a log ratio must reach large values; the encoder's batch norm averages over images and samples,
to be used in evaluation, where their code keeps to the statistics of a batch. G draws no noise of its own (their code's
does), so the true log ratio is unbounded and only the network keeps f finite.
Unverified: the Inception Score that others quote differs between them by half a unit for the same public code.
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
        self.joint: nn.Module = build.joint_discriminator(settings, shape)

    def players(self) -> dict[str, list[nn.Module]]:
        return {"joint": [self.joint], "generator": [self.generator], "encoder": [self.encoder]}

    def moves(self) -> list[contract.Move]:
        if self.settings["schedule"] == "simultaneous":
            return [self.losses]
        return [self.critic_losses, self.autoencoder_losses]

    def losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        """Every player's loss on images x, [n, c, h, w] in [-1, 1]."""
        z, code, sample = self.drawn(x, draw)
        reconstruction, recoded = self.generator(code), gaussian(self.encoder(sample), draw)
        encoded, decoded = self.joint(x, code), self.joint(sample, z)
        cycles = self.settings["cycle_weight"] * (l1(x, reconstruction, "mean") + l1(z, recoded, "mean"))
        return {
            "joint": tell_apart(decoded, encoded),
            "encoder": -encoded.mean() + cycles,
            "generator": decoded.mean() + cycles,
        }

    def drawn(self, x: Tensor, draw: Streams) -> tuple[Tensor, Tensor, Tensor]:
        """z, ẑ and x̃."""
        z = self.prior(len(x), draw)
        return z, gaussian(self.encoder(x), draw), self.generator(z)

    def critic_losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        """The critic's loss alone, without the cycles that it does not see."""
        z, code, sample = self.drawn(x, draw)
        return {"joint": tell_apart(self.joint(sample, z), self.joint(x, code))}

    def autoencoder_losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        losses = self.losses(x, draw)
        return {name: losses[name] for name in ("generator", "encoder")}

    def encode(self, x: Tensor, draw: Streams) -> Tensor:
        return reconstructed_from(self.encoder(x), draw, self.settings["code"])
