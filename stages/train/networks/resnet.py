"""The residual networks of the library that PAGAN takes its defaults from; a VAE is made of them here.

Sizes are those of 32 x 32 images at width 128; larger images keep the blocks and widen the generator's bottom and the
encoder's top. Weights start from N(0, 0.02²), those of the generator's linear layer from N(0, 1/latent); biases from 0.
"""

import math
from typing import Any

from torch import Tensor, nn

from stages.door import UserError
from stages.train.networks.layers import Nearest, check_size, initialised, normalised

Settings = dict[str, Any]


def generator(settings: Settings, shape: list[int]) -> nn.Module:
    """Codes to images in [-1, 1]. The last maps are rectified first and batch-normalised then, as in that library."""
    check_size(shape, least=16, networks="resnet")
    height, width, channels = shape
    maps, bottom = settings["width"], (height // 8, width // 8)
    first = nn.Linear(settings["latent"], maps * math.prod(bottom))
    nn.init.normal_(first.weight, std=settings["latent"] ** -0.5)
    nn.init.zeros_(first.bias)
    layers: list[nn.Module] = [first, nn.ReLU(), nn.Unflatten(1, (maps, *bottom))]
    layers += [UpBlock(maps), UpBlock(maps), UpBlock(maps)]
    layers += [nn.ReLU(), nn.BatchNorm2d(maps, eps=2e-5), convolution(maps, channels), nn.Tanh()]
    return nn.Sequential(*layers)


def encoder(settings: Settings, shape: list[int], outputs: int) -> nn.Module:
    """Images to `outputs` numbers, through a quarter of the side. Without batch norm, as that library's critic."""
    check_size(shape, least=16, networks="resnet")
    if settings["encoder_norm"] == "batch":
        raise UserError("the resnet encoder has no batch norm; choose encoder_norm none or spectral")
    height, width, channels = shape
    maps, spectral = settings["width"], settings["encoder_norm"] == "spectral"
    last = initialised(nn.Linear(maps * (height // 4) * (width // 4), outputs))
    layers: list[nn.Module] = [DownBlock(channels, maps, spectral, activate=False), DownBlock(maps, maps, spectral)]
    layers += [PlainBlock(maps, spectral), PlainBlock(maps, spectral)]
    layers += [nn.ReLU(), nn.Flatten(), normalised(last, spectral)]
    return nn.Sequential(*layers)


class UpBlock(nn.Module):
    """Twice the size, by repeating pixels; the shortcut is convolved too."""

    def __init__(self, maps: int):
        super().__init__()
        self.main = nn.Sequential(
            nn.BatchNorm2d(maps, eps=2e-5),
            nn.ReLU(),
            Nearest(),
            convolution(maps, maps),
            nn.BatchNorm2d(maps, eps=2e-5),
            nn.ReLU(),
            convolution(maps, maps),
        )
        self.shortcut = nn.Sequential(Nearest(), convolution(maps, maps))

    def forward(self, x: Tensor) -> Tensor:
        maps: Tensor = self.main(x) + self.shortcut(x)
        return maps


class DownBlock(nn.Module):
    """Half the size. The first block of a network takes the image itself: `activate` is False."""

    def __init__(self, ins: int, outs: int, spectral: bool, *, activate: bool = True):
        super().__init__()
        self.main = nn.Sequential(
            *[nn.ReLU()] * activate,
            convolution(ins, outs, spectral),
            nn.ReLU(),
            convolution(outs, outs, spectral, stride=2),
        )
        self.shortcut = convolution(ins, outs, spectral, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        maps: Tensor = self.main(x) + self.shortcut(x)
        return maps


class PlainBlock(nn.Module):
    """The same size, added to what it was given."""

    def __init__(self, maps: int, spectral: bool):
        super().__init__()
        self.main = nn.Sequential(
            nn.ReLU(), convolution(maps, maps, spectral), nn.ReLU(), convolution(maps, maps, spectral)
        )

    def forward(self, x: Tensor) -> Tensor:
        maps: Tensor = x + self.main(x)
        return maps


def convolution(ins: int, outs: int, spectral: bool = False, stride: int = 1) -> nn.Module:
    """Of 3 x 3, or of 4 x 4 where it halves the size."""
    layer = nn.Conv2d(ins, outs, 3 if stride == 1 else 4, stride=stride, padding=1)
    return normalised(initialised(layer), spectral)
