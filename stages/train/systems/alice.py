"""ALICE: adversarially learned inference whose two ways round, image-code-image and code-image-code, are held together.

Paper: Li et al. 2017, "ALICE: Towards Understanding Adversarial Learning for Joint Distribution Matching"; what it
leaves open is read from its authors' public code. With x an image, ẑ ~ q(z|x), x̂ = G(ẑ); z ~ N(0, I), x̃ = G(z),
z̃ ~ q(z|x̃); λ the `cycle_weight`:

    player     networks                    minimises
    joint      D, of an image and a code   telling (x, ẑ) from (x̃, z), as in ALI
    encoder    μ, σ of q(z|x)              (x, ẑ) passing for generated + λ cycles
    generator  G                           (x̃, z) passing for real + λ cycles
    pair       D_xx, of two images         telling (x, x) from (x, x̂)    with `cycle: adversarial` alone
    codes      D_zz, of two codes          telling (z, z) from (z, z̃)    with `cycle: adversarial` alone

    cycles, explicit (the authors' images):     mean |x - x̂| + mean |z - z̃|, means over all entries
    cycles, adversarial (their toy problems):   (x, x̂) passing D_xx + (z, z̃) passing D_zz, λ = 0.1

Both cycles move both networks. The discriminators step first, then the others on a fresh batch.
The row `alice` has λ = 1e-6, at which the published Inception Score of CIFAR-10 was reached: there the cycles weigh a
millionth of the game, so that number is practically ALI's with other networks. `alice-reconstruction` has λ = 1.

Differs from the paper: networks, optimiser, prior (N(0, I), not uniform) and budget are those of PAGAN's rows, for a
fair comparison; their code adds noise to the input of every network. ALI's sides and its -log D loss, where the
authors' code for images swaps the labels and gives encoder and generator the difference of probabilities, mean σ(D(x̃,
z)) - mean σ(D(x, ẑ)). The encoder's batch norm averages over images and samples, to be used in evaluation, where theirs
keeps to the statistics of a batch. D's three games have an optimiser each. Adversarial cycles take one step of encoder
and generator a discriminator step, not five.
Unverified: the units of the published reconstruction error.
"""

from typing import Any

import torch
from torch import Tensor, nn

from stages.train import contract
from stages.train.codes import gaussian, reconstructed_from
from stages.train.networks import dcgan, dense
from stages.train.streams import Streams
from stages.train.terms import l1, pass_for_real, tell_apart

NETWORKS: dict[str, Any] = {"dcgan": dcgan, "dense": dense}


class System(contract.System):
    cited = True

    def __init__(self, settings: dict[str, Any], shape: list[int]):
        super().__init__(settings, shape)
        build = NETWORKS[settings["networks"]]
        self.adversarial = settings["cycle"] == "adversarial"
        self.generator: nn.Module = build.generator(settings, shape)
        self.encoder: nn.Module = build.encoder(settings, shape, 2 * settings["latent"])
        self.joint: nn.Module = build.joint_discriminator(settings, shape)
        if self.adversarial:
            self.pair: nn.Module = build.pair_discriminator(settings, shape)
            self.codes: nn.Module = build.code_discriminator(settings | {"latent": 2 * settings["latent"]})

    def players(self) -> dict[str, list[nn.Module]]:
        cycles: dict[str, list[nn.Module]] = {"pair": [self.pair], "codes": [self.codes]} if self.adversarial else {}
        return {"joint": [self.joint], **cycles, "generator": [self.generator], "encoder": [self.encoder]}

    def moves(self) -> list[contract.Move]:
        if self.settings["schedule"] == "simultaneous":
            return [self.losses]
        return [self.discriminator_losses, self.autoencoder_losses]

    def losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        """Every player's loss on images x, [n, c, h, w] in [-1, 1]."""
        form, weight = self.settings["generator_loss"], self.settings["cycle_weight"]
        z, code, sample = self.drawn(x, draw)
        reconstruction, recoded = self.generator(code), gaussian(self.encoder(sample), draw)
        encoded, decoded = self.joint(x, code), self.joint(sample, z)
        losses = {"joint": tell_apart(encoded, decoded)}
        if self.adversarial:
            fake_pair, fake_codes = self.pair(x, reconstruction), self.codes(torch.cat([z, recoded], dim=1))
            losses["pair"] = tell_apart(self.pair(x, x), fake_pair)
            losses["codes"] = tell_apart(self.codes(torch.cat([z, z], dim=1)), fake_codes)
            cycles = pass_for_real(fake_pair, form) + pass_for_real(fake_codes, form)
        else:
            cycles = l1(x, reconstruction, "mean") + l1(z, recoded, "mean")
        losses["encoder"] = pass_for_real(-encoded, form) + weight * cycles  # for its pairs, "real" is D = 0
        losses["generator"] = pass_for_real(decoded, form) + weight * cycles
        return losses

    def drawn(self, x: Tensor, draw: Streams) -> tuple[Tensor, Tensor, Tensor]:
        """z, ẑ and x̃."""
        z = self.prior(len(x), draw)
        return z, gaussian(self.encoder(x), draw), self.generator(z)

    def discriminator_losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        if not self.adversarial:  # then no discriminator sees a cycle
            z, code, sample = self.drawn(x, draw)
            return {"joint": tell_apart(self.joint(x, code), self.joint(sample, z))}
        return {name: loss for name, loss in self.losses(x, draw).items() if name in ("joint", "pair", "codes")}

    def autoencoder_losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        return {name: loss for name, loss in self.losses(x, draw).items() if name in ("generator", "encoder")}

    def encode(self, x: Tensor, draw: Streams) -> Tensor:
        return reconstructed_from(self.encoder(x), draw, self.settings["code"])
