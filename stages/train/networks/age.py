"""AGE's networks, as in the authors' public code: a DCGAN discriminator that gives a code, and a DCGAN generator.

Of 64 pixels they are those of the WGAN code, but for the encoder's last bias. Of 32 they are other ones: the encoder
averages 2 x 2 codes, and the generator ends in a convolution of 1 x 1. Of 28, ColorMNIST's, they are the discriminator
and generator that α-GAN's authors ran AGE with. Projecting codes to the sphere is the system's part.
"""

from itertools import pairwise
from typing import Any

from torch import nn

from stages.train.networks import wgan
from stages.train.networks.layers import LEAK, block, started

Settings = dict[str, Any]


def encoder(settings: Settings, shape: list[int], outputs: int) -> nn.Module:
    """Batch norm leaves the first convolution out; only the last has a bias."""
    width, norm = settings["width"], settings["encoder_norm"]
    if shape[:2] != [32, 32]:
        return wgan.stack(settings, shape, outputs, norm, bias=True)
    layers: list[nn.Module] = []
    for ins, outs in pairwise([shape[2], width, 2 * width, 4 * width]):
        here = "none" if norm == "batch" and not layers else norm
        layers += block(wgan.down(ins, outs, 4, 2), outs, here, nn.LeakyReLU(LEAK))
    codes = nn.Conv2d(4 * width, outputs, 4, stride=2, padding=1)
    return nn.Sequential(*layers, started(codes), nn.AvgPool2d(2), nn.Flatten())


def generator(settings: Settings, shape: list[int]) -> nn.Module:
    """Only the convolution of 1 x 1 has a bias."""
    if shape[:2] != [32, 32]:
        return wgan.generator(settings, shape)
    latent, width = settings["latent"], settings["width"]
    layers = [
        nn.Unflatten(1, (latent, 1, 1)),
        *block(nn.ConvTranspose2d(latent, 8 * width, 4, bias=False), 8 * width, "batch", nn.ReLU()),
    ]
    for ins, outs in pairwise([8 * width, 4 * width, 2 * width, 2 * width]):
        layers += block(wgan.up(ins, outs, 4, 2), outs, "batch", nn.ReLU())
    return nn.Sequential(*layers, started(nn.Conv2d(2 * width, shape[2], 1)), nn.Tanh())
