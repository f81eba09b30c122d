"""Variational autoencoder: the yardstick that reconstructs best pixel by pixel, and blurs.

Paper: "Pairwise Augmented GANs with Adversarial Reconstruction Loss", which trains "a vanilla VAE with resnet-like
architecture" for its Table 2 and prints no equation of it; the objective is that of Kingma and Welling 2014. With x an
image, ẑ ~ q(z|x) = N(μ, σ²) its code and x̂ = G(ẑ):

    player       networks           minimises
    autoencoder  μ, σ of q(z|x), G  -log p(x|ẑ) + KL(q(z|x) || N(0, I)), in nats an image, but for a constant

`likelihood: gaussian` has unit variance on images in [-1, 1], so the first term is ½ ‖x - x̂‖²; `laplace` has unit
scale, ‖x - x̂‖₁.

Differs from the paper: in nothing that it says, but it says no more than that. The likelihood is our reading: a linear
model of unit variance on [-1, 1] comes near the printed RMSE of 5.85 on CIFAR-10. So are the networks, the residual
ones of the library that PAGAN's come from; a draw of ẑ, not its mean, behind each reconstruction; and Adam's numbers.
"""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from stages.train import contract
from stages.train.codes import gaussian, moments, reconstructed_from
from stages.train.networks import dense, resnet, wu
from stages.train.streams import Streams
from stages.train.terms import kl_to_prior, l1, squared

NETWORKS: dict[str, Any] = {"resnet": resnet, "dense": dense, "wu": wu}


class System(contract.System):
    likelihood = ("observer",)
    to_prior = ("analytic KL",)

    def __init__(self, settings: dict[str, Any], shape: list[int]):
        super().__init__(settings, shape)
        build = NETWORKS[settings["networks"]]
        self.generator: nn.Module = build.generator(settings, shape)
        self.encoder: nn.Module = build.encoder(settings, shape, 2 * settings["latent"])

    def players(self) -> dict[str, list[nn.Module]]:
        return {"autoencoder": [self.encoder, self.generator]}

    def moves(self) -> Sequence[contract.Move]:
        return [self.losses]

    def losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        """On images x, [n, c, h, w] in [-1, 1]."""
        output = self.encoder(x)
        reconstruction = self.generator(gaussian(output, draw))
        if self.settings["likelihood"] == "gaussian":
            data_fit = squared(x, reconstruction) / 2  # -log N(x; x̂, I), but for a constant
        else:
            data_fit = l1(x, reconstruction, "sum")  # -log Laplace(x; x̂, 1)
        return {"autoencoder": data_fit + kl_to_prior(*moments(output))}

    def encode(self, x: Tensor, draw: Streams) -> Tensor:
        return reconstructed_from(self.encoder(x), draw, self.settings["code"])
