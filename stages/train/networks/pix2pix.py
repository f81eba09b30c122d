"""pix2pix's networks (Isola et al. 2017): a U-Net that halves an image down to one pixel, and a judge of its patches.

Both start from N(0, 0.02²) and have 4 x 4 convolutions; width 64 is that paper's. Its U-Net drops half of three inner
layers' numbers as its only noise; here the code's constant maps are the noise, and nothing is dropped.
"""

from itertools import pairwise
from typing import Any

from torch import Tensor, cat, nn

from stages.train.networks.layers import LEAK, CodeAsMaps, block, levels, started

Settings = dict[str, Any]

MOST = 8  # times `width`: maps of the inner layers
STRIDED = 3  # convolutions of the discriminator that halve the size; so that it sees 70 x 70 pixels


def colorizer(settings: Settings, shape: list[int]) -> nn.Module:
    """(L, codes) to colours."""
    depth = levels(shape, "pix2pix") + 2
    maps = [settings["width"] * min(2**level, MOST) for level in range(depth)]
    inside: nn.Module = nn.Identity()
    for level in reversed(range(1, depth)):
        inside = Level(maps[level - 1], maps[level], inside, innermost=level == depth - 1)
    first = started(nn.Conv2d(1 + settings["latent"], maps[0], 4, stride=2, padding=1))
    last = started(nn.ConvTranspose2d(2 * maps[0], 2, 4, stride=2, padding=1))
    return CodeAsMaps(nn.Sequential(first, inside, nn.ReLU(), last, nn.Tanh()))


class Level(nn.Module):
    """What comes in, beside what is made of it at half the size: [n, outer maps] to [n, 2 outer maps]."""

    def __init__(self, outer: int, inner: int, inside: nn.Module, innermost: bool):
        super().__init__()
        down = started(nn.Conv2d(outer, inner, 4, stride=2, padding=1, bias=innermost))
        up = started(nn.ConvTranspose2d(inner if innermost else 2 * inner, outer, 4, stride=2, padding=1, bias=False))
        norm = [] if innermost else [started(nn.BatchNorm2d(inner))]
        self.main = nn.Sequential(
            nn.LeakyReLU(LEAK), down, *norm, inside, nn.ReLU(), up, started(nn.BatchNorm2d(outer))
        )

    def forward(self, x: Tensor) -> Tensor:
        return cat([x, self.main(x)], dim=1)


def image_discriminator(settings: Settings, shape: list[int]) -> nn.Module:
    """Of L and the colours: a logit for each patch. Images of 16 pixels get one halving less."""
    width, norm = settings["width"], settings["discriminator_norm"]
    plan = [shape[2]] + [width * 2**level for level in range(min(STRIDED, levels(shape, "pix2pix")) + 1)]
    layers: list[nn.Module] = []
    for place, (ins, outs) in enumerate(pairwise(plan)):
        here = "none" if norm == "batch" and not layers else norm
        convolution = nn.Conv2d(ins, outs, 4, stride=1 if place == len(plan) - 2 else 2, padding=1, bias=here == "none")
        layers += block(convolution, outs, here, nn.LeakyReLU(LEAK))
    return nn.Sequential(*layers, started(nn.Conv2d(plan[-1], 1, 4, padding=1)))
