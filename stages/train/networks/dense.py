"""Dense counterparts of every network, for small images on a CPU: two hidden layers of `width`.

Which network is normalised how follows dcgan.py; the sizes are this suite's own. The generator draws at half size
and enlarges smoothly, as the strided layers of its convolutional counterpart do: without that, every pixel of a
sample carries noise of its own that thousands of steps do not remove.
"""

import math
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from stages.door import UserError
from stages.train.networks.layers import LEAK, PairInput, normalised

Settings = dict[str, Any]


def generator(settings: Settings, shape: list[int]) -> nn.Module:
    height, width, channels = shape
    if height % 2 or width % 2:
        raise UserError(f"images of {height}x{width} do not fit the dense networks; give even sides")
    half = (channels, height // 2, width // 2)
    sizes = [settings["latent"], settings["width"], settings["width"]]
    layers: list[nn.Module] = []
    for ins, outs in pairwise(sizes):
        layers += [nn.Linear(ins, outs), nn.BatchNorm1d(outs), nn.ReLU()]
    last = nn.Linear(sizes[-1], math.prod(half))
    return nn.Sequential(*layers, last, nn.Unflatten(1, half), Enlarge(*half[1:]), nn.Tanh())


class Enlarge(nn.Module):
    """Twice the size, bilinear; as two matrix products, because those have a deterministic gradient everywhere."""

    down: Tensor
    across: Tensor

    def __init__(self, height: int, width: int):
        super().__init__()
        self.register_buffer("down", doubling(height), persistent=False)
        self.register_buffer("across", doubling(width), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down.T @ x @ self.across


def doubling(size: int) -> Tensor:
    """The [size, 2 size] matrix of linear interpolation."""
    return interpolate(torch.eye(size)[None], scale_factor=2, mode="linear")[0]


def encoder(settings: Settings, shape: list[int], outputs: int) -> nn.Module:
    norm = settings["encoder_norm"]
    return stack(math.prod(shape), settings["width"], outputs, spectral=norm == "spectral", batch=norm == "batch")


def image_discriminator(settings: Settings, shape: list[int]) -> nn.Module:
    return stack(math.prod(shape), settings["width"], 1, spectral=True)


def pair_discriminator(settings: Settings, shape: list[int]) -> nn.Module:
    return PairInput(stack(2 * math.prod(shape), settings["width"], 1, spectral=True), settings["pair"])


def code_discriminator(settings: Settings) -> nn.Module:
    return stack(settings["latent"], settings["width"], 1, spectral=True)


def stack(inputs: int, width: int, outputs: int, *, spectral: bool = False, batch: bool = False) -> nn.Module:
    layers: list[nn.Module] = [nn.Flatten()]
    for ins, outs in ((inputs, width), (width, width)):
        layers.append(normalised(nn.Linear(ins, outs), spectral))
        if batch:
            layers.append(nn.BatchNorm1d(outs))
        layers.append(nn.LeakyReLU(LEAK))
    return nn.Sequential(*layers, normalised(nn.Linear(width, outputs), spectral))
