"""DCGAN: a generator against one discriminator, a baseline of α-GAN and of AGE.

Paper: Radford, Metz and Chintala 2016, "Unsupervised Representation Learning with Deep Convolutional Generative
Adversarial Networks", as α-GAN's authors run it; numbers in brackets are equations of α-GAN. With x an image,
z ~ N(0, I) and x̃ = G(z):

    player     networks       minimises
    image      D, of images   (1)  telling x from x̃
    generator  G              (2)  x̃ passing D, -log D(x̃), the alternative loss

One iteration is one step of D, then two of G with fresh z (α-GAN, sec. 6, after a public code of DCGAN). There is no
encoder, and so no reconstruction.

Differs from the paper: the networks are those of α-GAN's comparison and not of DCGAN's paper; D returns a logit, where
table 3 of α-GAN has two outputs and ten for classes that no loss uses. "Dropout of 0.8", after D's last convolution on
ColorMNIST only, is read as a share of 0.8 kept: `dropout_share` is what is dropped.
"""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from stages.train import contract
from stages.train.networks import dense, wgan, wu
from stages.train.streams import Streams
from stages.train.terms import pass_for_real, tell_apart

NETWORKS: dict[str, Any] = {"wgan": wgan, "dense": dense, "wu": wu}


class System(contract.System):
    encodes = False
    cited = True
    likelihood = ("ratio",)

    def __init__(self, settings: dict[str, Any], shape: list[int]):
        super().__init__(settings, shape)
        build = NETWORKS[settings["networks"]]
        self.generator: nn.Module = build.generator(settings, shape)
        self.image: nn.Sequential = build.image_discriminator(settings, shape)

    def players(self) -> dict[str, list[nn.Module]]:
        return {"image": [self.image], "generator": [self.generator]}

    def learning_rate(self, player: str) -> float:
        rate: float = self.settings["discriminator_rate" if player == "image" else "learning_rate"]
        return rate

    def moves(self) -> Sequence[contract.Move]:
        return [self.discriminator_loss] + [self.generator_loss] * self.settings["generator_steps"]

    def discriminator_loss(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        sample = self.generator(self.prior(len(x), draw))
        return {"image": tell_apart(self.judged(x, draw), self.judged(sample, draw))}  # (1)

    def generator_loss(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        sample = self.generator(self.prior(len(x), draw))
        return {"generator": pass_for_real(self.judged(sample, draw), self.settings["generator_loss"])}  # (2)

    def judged(self, x: Tensor, draw: Streams) -> Tensor:
        """D's logits, a share of what its last layer is given dropped and the rest enlarged to make up for it."""
        share: float = self.settings["dropout_share"]
        if share == 0:
            logit: Tensor = self.image(x)
        else:
            features = self.image[:-1](x)
            kept = draw.uniform(*features.shape) >= share
            logit = self.image[-1](features * kept / (1 - share))
        return logit
