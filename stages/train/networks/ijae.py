"""λ-IJAE's networks: residual blocks of one width, Tables 3 to 7 of the paper.

The tables leave layers open that their printed numbers of weights settle, at width 128, latent 128 and 32 x 32:
noise enters the encoder after its first two blocks, a number for every pixel of every map, and nowhere else; a
triplet's features are pooled over each image by itself. Images of twice the side have one block more in generator
and encoder. Weights start as PyTorch starts them.

    table          weights      table          weights
    3  encoder     6,436,224    5  of images   1,053,825
    4  generator   1,154,179    6  of triplets 1,054,081
                                7  joint       4,526,273
"""

import math
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from stages.train.networks.layers import LEAK, JointInput, Nearest, PairInput, levels, normalised

Settings = dict[str, Any]


class DownBlock(nn.Module):
    """Two convolutions beside a shortcut, normalised and activated before each; the stride is the first one's.

    The first block of a network takes the image itself: `activate` is False.
    """

    def __init__(self, ins: int, outs: int, stride: int, norm: str, *, activate: bool = True):
        super().__init__()
        spectral = norm == "spectral"
        self.main = nn.Sequential(
            *before(ins, norm) if activate else [],
            normalised(nn.Conv2d(ins, outs, 3, stride=stride, padding=1), spectral),
            *before(outs, norm),
            normalised(nn.Conv2d(outs, outs, 3, padding=1), spectral),
        )
        same = stride == 1 and ins == outs
        self.stride = stride
        self.shortcut = nn.Identity() if same else normalised(nn.Conv2d(ins, outs, 1), spectral)

    def forward(self, x: Tensor) -> Tensor:
        # The shortcut's stride is taken before it: oneDNN's own, of images with channels last, writes past its memory
        # (https://github.com/uxlfoundation/oneDNN/issues/6035).
        maps: Tensor = self.main(x) + self.shortcut(x[:, :, :: self.stride, :: self.stride])
        return maps


def before(maps: int, norm: str) -> list[nn.Module]:
    """What precedes a convolution."""
    return [*[nn.BatchNorm2d(maps)] * (norm == "batch"), nn.ReLU()]


class UpBlock(nn.Module):
    """Two convolutions at twice the size, beside the enlarged maps; no biases, since batch norm follows."""

    def __init__(self, maps: int):
        super().__init__()
        self.main = nn.Sequential(
            *before(maps, "batch"),
            Nearest(),
            nn.Conv2d(maps, maps, 3, padding=1, bias=False),
            *before(maps, "batch"),
            nn.Conv2d(maps, maps, 3, padding=1, bias=False),
        )
        self.enlarge = Nearest()

    def forward(self, x: Tensor) -> Tensor:
        maps: Tensor = self.main(x) + self.enlarge(x)
        return maps


def generator(settings: Settings, shape: list[int]) -> nn.Module:
    """Codes to images in [-1, 1], from a bottom of 4 x 4: Table 4."""
    maps = settings["width"]
    return nn.Sequential(
        nn.Linear(settings["latent"], maps * 4 * 4),
        nn.Unflatten(1, (maps, 4, 4)),
        *[UpBlock(maps) for _ in range(levels(shape, "ijae"))],
        *before(maps, "batch"),
        nn.Conv2d(maps, shape[2], 3, padding=1),
        nn.Tanh(),
    )


def encoder(settings: Settings, shape: list[int], outputs: int) -> nn.Module:
    """Images to `outputs` numbers, without noise: this suite's own, for codes that are drawn from moments."""
    norm = settings["encoder_norm"]
    last = normalised(nn.Linear(settings["width"] * 2 * 2, outputs), norm == "spectral")
    return nn.Sequential(*encoder_blocks(settings, shape, norm), nn.ReLU(), nn.Flatten(), last)


def noisy_encoder(settings: Settings, shape: list[int]) -> "NoisyEncoder":
    return NoisyEncoder(settings, shape)


class NoisyEncoder(nn.Module):
    """An implicit encoder, Table 3: noise is added, through linear layers, to what the first two blocks give."""

    NOISES = 2

    def __init__(self, settings: Settings, shape: list[int]):
        super().__init__()
        maps, latent = settings["width"], settings["latent"]
        self.blocks = nn.ModuleList(encoder_blocks(settings, shape, "none"))
        sides = [shape[0] // 2 ** (place + 1) for place in range(self.NOISES)]
        self.noises = nn.ModuleList(
            nn.Sequential(nn.Linear(latent, maps * side * side), nn.Unflatten(1, (maps, side, side))) for side in sides
        )
        self.end = nn.Sequential(nn.ReLU(), nn.Flatten(), nn.Linear(maps * 2 * 2, latent))

    def forward(self, x: Tensor, noise: Tensor) -> Tensor:
        """Codes of images, given noise [NOISES, n, latent]."""
        for place, block in enumerate(self.blocks):
            x = block(x)
            if place < self.NOISES:
                x = x + self.noises[place](noise[place])
        code: Tensor = self.end(x)
        return code


def encoder_blocks(settings: Settings, shape: list[int], norm: str) -> list[nn.Module]:
    """Blocks of stride 2, down to maps of 2 x 2."""
    maps = settings["width"]
    first = DownBlock(shape[2], maps, 2, norm, activate=False)
    return [first, *[DownBlock(maps, maps, 2, norm) for _ in range(levels(shape, "ijae"))]]


def image_discriminator(settings: Settings, shape: list[int]) -> nn.Module:
    """Table 5."""
    norm = settings["discriminator_norm"]
    return nn.Sequential(trunk(settings, shape), normalised(nn.Linear(settings["width"], 1), norm == "spectral"))


def triplet_discriminator(settings: Settings, shape: list[int]) -> "TripletDiscriminator":
    return TripletDiscriminator(settings, shape)


class TripletDiscriminator(nn.Module):
    """Of an image, a code and a second image, Table 6: the images side by side, the code beside their features."""

    def __init__(self, settings: Settings, shape: list[int]):
        super().__init__()
        self.images = PairInput(trunk(settings, shape), "width")
        last = nn.Linear(2 * settings["width"] + settings["latent"], 1)
        self.last = normalised(last, settings["discriminator_norm"] == "spectral")

    def forward(self, x: Tensor, z: Tensor, y: Tensor) -> Tensor:
        logit: Tensor = self.last(torch.cat([self.images(x, y), z], dim=1))
        return logit


def trunk(settings: Settings, shape: list[int]) -> nn.Module:
    """Four blocks, two of stride 2, and the mean of each map over a square of the image's height."""
    levels(shape, "ijae")
    maps, norm = settings["width"], settings["discriminator_norm"]
    return nn.Sequential(
        DownBlock(shape[2], maps, 2, norm, activate=False),
        DownBlock(maps, maps, 2, norm),
        DownBlock(maps, maps, 1, norm),
        DownBlock(maps, maps, 1, norm),
        nn.ReLU(),
        nn.AvgPool2d(shape[0] // 4),
        nn.Flatten(),
    )


def joint_discriminator(settings: Settings, shape: list[int]) -> nn.Module:
    """Of an image and a code, Table 7: a plain convolutional network, where the paper's text has a residual one."""
    levels(shape, "ijae")
    maps, norm = settings["width"], settings["discriminator_norm"]
    convolutions: list[nn.Module] = []
    for ins, outs in pairwise([shape[2], maps // 2, maps]):
        convolutions += activated(nn.Conv2d(ins, outs, 4, stride=2, padding=1), nn.BatchNorm2d(outs), norm)
    features = maps * math.prod([shape[0] // 4, shape[1] // 4])
    linears: list[nn.Module] = []
    for ins, outs in pairwise([features + settings["latent"], 4 * maps, 2 * maps]):
        linears += activated(nn.Linear(ins, outs), nn.BatchNorm1d(outs), norm)
    last = normalised(nn.Linear(2 * maps, 1), norm == "spectral")
    return JointInput(nn.Sequential(*convolutions, nn.Flatten()), nn.Identity(), nn.Sequential(*linears, last))


def activated(layer: nn.Module, batch_norm: nn.Module, norm: str) -> list[nn.Module]:
    return [normalised(layer, norm == "spectral"), *[batch_norm] * (norm == "batch"), nn.LeakyReLU(LEAK)]
