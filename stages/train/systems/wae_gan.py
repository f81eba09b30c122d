"""Wasserstein autoencoder with a discriminator of codes: reconstructions in pixels, codes drawn to the prior by a game.

Paper: Tolstikhin et al. 2018, "Wasserstein Auto-Encoders", Algorithm 1; weights and pretraining as in its public code.
With x an image, ẑ = E(x + noise of 0.01) its code, x̂ = G(ẑ), z ~ N(0, I), λ the `code_weight`:

    player     networks      minimises
    code       D_z           λ times the loss of telling z, the real side, from ẑ
    encoder    E             0.05 ||x - x̂||² + λ (ẑ passing D_z)
    generator  G             0.05 ||x - x̂||²

Norms sum over pixels and channels of images in [-1, 1]. Encoder and generator step first, then D_z on a fresh batch.
Before, for 200 iterations at most, the encoder alone minimises mean (mean z - mean ẑ)² + mean (cov z - cov ẑ)² and
stops once that is below 0.1; these iterations count among the row's, and the encoder's log begins with this loss.
`code_penalty: mmd` puts λ times an unbiased estimate of the maximum mean discrepancy of ẑ and z (Algorithm 2, WAE-MMD)
in the place of the game.

Differs from the paper: it has no CIFAR-10, so networks, optimiser, batch and budget are those of PAGAN's rows, for a
fair comparison. 0.05 is the public code's; the text has a weight of 1, so that λ = 10 here is λ = 200 there. The
encoder's noise is not truncated; pretraining sees a batch of 64 where the code has 256 or more; D_z is spectrally
normalised and is not told the prior's density, as the code tells it for faces.
Unverified: λ of the game; and whether the quoted CIFAR-10 numbers, which are not in this paper, are of the game or of
MMD.
"""

from typing import Any

import torch
from torch import Tensor, nn

from stages.train import contract
from stages.train.networks import dcgan, dense
from stages.train.streams import Streams
from stages.train.terms import mmd, pass_for_real, squared, tell_apart

NETWORKS: dict[str, Any] = {"dcgan": dcgan, "dense": dense}


class System(contract.System):
    cited = True

    pretraining: Tensor  # iterations of it that are left

    def __init__(self, settings: dict[str, Any], shape: list[int]):
        super().__init__(settings, shape)
        build = NETWORKS[settings["networks"]]
        self.generator: nn.Module = build.generator(settings, shape)
        self.encoder: nn.Module = build.encoder(settings, shape, settings["latent"])
        self.adversarial = settings["code_penalty"] == "adversarial"
        if self.adversarial:
            self.code: nn.Module = build.code_discriminator(settings)
        self.register_buffer("pretraining", torch.tensor(settings["pretraining_iterations"]))

    def players(self) -> dict[str, list[nn.Module]]:
        code: dict[str, list[nn.Module]] = {"code": [self.code]} if self.adversarial else {}
        return {**code, "generator": [self.generator], "encoder": [self.encoder]}

    def moves(self) -> list[contract.Move]:
        return [self.autoencoder_losses, self.code_losses] if self.adversarial else [self.autoencoder_losses]

    def autoencoder_losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        """Encoder's and generator's loss on images x, [n, c, h, w] in [-1, 1]; the encoder's alone in pretraining."""
        code = self.noisy_code(x, draw)
        if self.pretraining:
            return {"encoder": moment_gap(self.prior(len(x), draw), code)}
        reconstruction = self.settings["l2_weight"] * squared(x, self.generator(code))
        if self.adversarial:
            apart = pass_for_real(self.code(code), "nonsaturating")
        else:
            apart = mmd(self.prior(len(x), draw), code)
        return {"generator": reconstruction, "encoder": reconstruction + self.settings["code_weight"] * apart}

    def code_losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        if self.pretraining:
            return {}
        real, fake = self.code(self.prior(len(x), draw)), self.code(self.noisy_code(x, draw))
        return {"code": self.settings["code_weight"] * tell_apart(real, fake)}

    def finish(self, losses: dict[str, Tensor]) -> dict[str, Tensor]:
        if self.pretraining:
            matched = losses["encoder"].detach() < self.settings["pretraining_tolerance"]
            self.pretraining.copy_(torch.where(matched, 0, self.pretraining - 1))
        return {}

    def noisy_code(self, x: Tensor, draw: Streams) -> Tensor:
        code: Tensor = self.encoder(x + self.settings["input_noise"] * draw.normal(*x.shape))
        return code

    def encode(self, x: Tensor, draw: Streams) -> Tensor:
        code: Tensor = self.encoder(x)
        return code


def moment_gap(z: Tensor, code: Tensor) -> Tensor:
    """How far two samples of codes are apart in mean and covariance: mean squares over their entries."""
    means = (z.mean(0) - code.mean(0)) ** 2
    covariances = (torch.cov(z.T) - torch.cov(code.T)) ** 2
    return means.mean() + covariances.mean()
