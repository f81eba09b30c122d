"""The dense decoder by which log-likelihoods of MNIST are compared, and networks to train it with.

Wu et al. 2017, "On the Quantitative Analysis of Decoder-Based Generative Models", and AGE (sec. 3.1) after it: tanh
layers of 64, 256, 256 and 1024 units between a code and 28 x 28 pixels, which end in a sigmoid. Larger images are those
28 x 28 within a frame of zeros, as MNIST is kept here for convolutions; of smaller ones every pixel is drawn.

Neither paper tells of the other networks: the encoder is the decoder the other way round, and so is a discriminator,
with leaky ReLUs.
"""

import math
from itertools import pairwise
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import pad

from stages.train.networks.layers import LEAK, JointInput, normalised

Settings = dict[str, Any]

HIDDEN = [64, 256, 256, 1024]
SIDE = 28  # pixels


def generator(settings: Settings, shape: list[int]) -> nn.Module:
    """Codes to images in [-1, 1]."""
    inner = middle(shape)
    layers: list[nn.Module] = []
    for ins, outs in pairwise([settings["latent"], *HIDDEN]):
        layers += [nn.Linear(ins, outs), nn.Tanh()]
    return nn.Sequential(*layers, nn.Linear(HIDDEN[-1], math.prod(inner)), nn.Sigmoid(), Framed(inner, shape))


def encoder(settings: Settings, shape: list[int], outputs: int) -> nn.Module:
    return stack(shape, 0, outputs, settings["encoder_norm"], nn.Tanh())


def image_discriminator(settings: Settings, shape: list[int]) -> nn.Sequential:
    return stack(shape, 0, 1, settings["discriminator_norm"], nn.LeakyReLU(LEAK))


def joint_discriminator(settings: Settings, shape: list[int]) -> nn.Module:
    """Of an image and a code."""
    first, *others = stack(shape, settings["latent"], 1, settings["discriminator_norm"], nn.LeakyReLU(LEAK))
    return JointInput(first, nn.Identity(), nn.Sequential(*others))


def stack(shape: list[int], further: int, outputs: int, norm: str, activation: nn.Module) -> nn.Sequential:
    """Images, with `further` numbers beside their pixels, to numbers. Batch norm leaves the first layer out."""
    layers: list[nn.Module] = [Inside(shape)]
    for ins, outs in pairwise([math.prod(middle(shape)) + further, *reversed(HIDDEN)]):
        batch = norm == "batch" and len(layers) > 1
        layers += [normalised(nn.Linear(ins, outs), norm == "spectral"), *[nn.BatchNorm1d(outs)] * batch, activation]
    return nn.Sequential(*layers, normalised(nn.Linear(HIDDEN[0], outputs), norm == "spectral"))


def middle(shape: list[int]) -> tuple[int, int, int]:
    """(channels, height, width) of what is drawn."""
    height, width, channels = shape
    return channels, min(height, SIDE), min(width, SIDE)


class Inside(nn.Module):
    """What lies within the frame, flat."""

    def __init__(self, shape: list[int]):
        super().__init__()
        _, self.height, self.width = middle(shape)

    def forward(self, x: Tensor) -> Tensor:
        top, left = (x.shape[2] - self.height) // 2, (x.shape[3] - self.width) // 2
        return x[:, :, top : top + self.height, left : left + self.width].flatten(1)


class Framed(nn.Module):
    """Numbers in [0, 1] as images in [-1, 1], within a frame of -1."""

    def __init__(self, inner: tuple[int, int, int], shape: list[int]):
        super().__init__()
        self.inner, self.shape = inner, shape

    def forward(self, x: Tensor) -> Tensor:
        height, width = self.shape[0] - self.inner[1], self.shape[1] - self.inner[2]
        sides = [width // 2, width - width // 2, height // 2, height - height // 2]
        return 2 * pad(x.unflatten(1, self.inner), sides) - 1
