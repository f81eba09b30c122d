"""PAGAN's networks: the spectrally normalised DCGAN of the library that the paper takes its defaults from.

Sizes are those of 32 x 32 images at width 64; larger images keep the layers and widen the bottom.
Weights start from N(0, 0.02²), biases from 0.
"""

import math
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from stages.train.networks.layers import LEAK, JointInput, PairInput, check_size, initialised, normalised

Settings = dict[str, Any]


def generator(settings: Settings, shape: list[int]) -> nn.Module:
    """Codes to images in [-1, 1]. Batch norm follows the linear layer before the reshape, a feature at a time."""
    check_size(shape, least=16)
    height, width, channels = shape
    maps, bottom = 8 * settings["width"], (height // 8, width // 8)
    features = maps * math.prod(bottom)
    layers: list[nn.Module] = [
        nn.Linear(settings["latent"], features),
        nn.BatchNorm1d(features, eps=2e-5),
        nn.ReLU(),
        nn.Unflatten(1, (maps, *bottom)),
    ]
    for _ in range(3):
        layers += [
            nn.ConvTranspose2d(maps, maps // 2, 4, stride=2, padding=1),
            nn.BatchNorm2d(maps // 2, eps=2e-5),
            nn.ReLU(),
        ]
        maps //= 2
    return initialised(nn.Sequential(*layers, nn.ConvTranspose2d(maps, channels, 3, padding=1), nn.Tanh()))


def encoder(settings: Settings, shape: list[int], outputs: int) -> nn.Module:
    """Images to `outputs` numbers: the discriminator's stack, by default with batch norm instead of spectral norm."""
    return stack(settings, shape, shape[2], outputs, settings["encoder_norm"])


def image_discriminator(settings: Settings, shape: list[int]) -> nn.Module:
    return stack(settings, shape, shape[2], 1, settings["discriminator_norm"])


def pair_discriminator(settings: Settings, shape: list[int]) -> nn.Module:
    height, width, channels = shape
    if settings["pair"] == "width":
        network = stack(settings, [height, 2 * width, channels], channels, 1, settings["discriminator_norm"])
    else:
        network = stack(settings, shape, 2 * channels, 1, settings["discriminator_norm"])
    return PairInput(network, settings["pair"])


def joint_discriminator(settings: Settings, shape: list[int]) -> nn.Module:
    """Of an image and a code: this suite's own, the stack's convolutions beside two layers for the code."""
    norm = settings["discriminator_norm"]
    convolutions, features = trunk(settings, shape, shape[2], norm)
    codes = perceptron([settings["latent"], 512, 512], norm)
    return JointInput(
        convolutions, codes, nn.Sequential(*perceptron([features + 512, 512], norm), linear(512, 1, norm))
    )


def code_discriminator(settings: Settings) -> nn.Module:
    norm = settings["code_norm"]
    return nn.Sequential(*perceptron([settings["latent"], 512, 256], norm), linear(256, 1, norm))


def perceptron(sizes: list[int], norm: str) -> nn.Sequential:
    layers: list[nn.Module] = []
    for ins, outs in pairwise(sizes):
        layers += [linear(ins, outs, norm), *[nn.BatchNorm1d(outs)] * (norm == "batch"), nn.LeakyReLU(LEAK)]
    return nn.Sequential(*layers)


def linear(ins: int, outs: int, norm: str) -> nn.Module:
    return normalised(initialised(nn.Linear(ins, outs)), norm == "spectral")


def stack(settings: Settings, shape: list[int], channels: int, outputs: int, norm: str) -> nn.Module:
    """Seven convolutions, three of stride 2, and a linear layer; `norm` is batch, none or spectral."""
    convolutions, features = trunk(settings, shape, channels, norm)
    return nn.Sequential(*convolutions, linear(features, outputs, norm))


def trunk(settings: Settings, shape: list[int], channels: int, norm: str) -> tuple[nn.Sequential, int]:
    """The seven convolutions, flattened, and how many numbers they give."""
    check_size([shape[0], shape[0], channels], least=16)
    maps = settings["width"]
    plan = [(channels, maps, 1)]
    for _ in range(3):
        plan += [(maps, 2 * maps, 2), (2 * maps, 2 * maps, 1)]
        maps *= 2
    layers: list[nn.Module] = []
    for place, (ins, outs, stride) in enumerate(plan):
        kernel = 3 if stride == 1 else 4
        convolution = initialised(nn.Conv2d(ins, outs, kernel, stride=stride, padding=1))
        layers.append(normalised(convolution, norm == "spectral"))
        if norm == "batch" and place > 0:
            layers.append(ShiftNorm(outs))
        layers.append(nn.LeakyReLU(LEAK))
    return nn.Sequential(*layers, nn.Flatten()), maps * (shape[0] // 8) * (shape[1] // 8)


class ShiftNorm(nn.Module):
    """Batch norm with a learned shift and no learned scale, as the library's DCGAN discriminator has it."""

    def __init__(self, maps: int):
        super().__init__()
        self.norm = nn.BatchNorm2d(maps, eps=2e-5, affine=False)
        self.shift = nn.Parameter(torch.zeros(maps, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        normalised_maps: Tensor = self.norm(x)
        return normalised_maps + self.shift
