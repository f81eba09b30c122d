"""Networks of AGE's colorization. The paper names only their kinds; the sizes are ours.

The generator is the residual network of Johnson et al. 2016 for changing an image's style, given L and the code as
constant maps beside it: a convolution of 9 x 9, two that halve the size, five residual blocks, two that double it,
another of 9 x 9 and tanh. The encoder is AGE's own, given L and the colours.
"""

from itertools import pairwise
from typing import Any

from torch import Tensor, nn

from stages.door import UserError
from stages.train.networks import age, wgan
from stages.train.networks.layers import CodeAsMaps, block, started

Settings = dict[str, Any]

BLOCKS = 5


def encoder(settings: Settings, shape: list[int], outputs: int) -> nn.Module:
    """Of L and the two colours, together as many channels as an image has; twice as wide as the generator begins."""
    return age.encoder(settings | {"width": 2 * settings["width"]}, shape, outputs)


def colorizer(settings: Settings, shape: list[int]) -> nn.Module:
    """(L, codes) to colours; `width` is the first convolution's maps."""
    height, across, _ = shape
    if height % 4 or across % 4:
        raise UserError(f"images of {height}x{across} do not fit the cage networks; give sides of a multiple of 4")
    width = settings["width"]
    layers = block(wgan.down(1 + settings["latent"], width, 9, 1), width, "batch", nn.ReLU())
    for ins, outs in pairwise([width, 2 * width, 4 * width]):
        layers += block(wgan.down(ins, outs, 3, 2), outs, "batch", nn.ReLU())
    layers += [Residual(4 * width) for _ in range(BLOCKS)]
    for ins, outs in pairwise([4 * width, 2 * width, width]):
        layers += block(wgan.up(ins, outs, 3, 2), outs, "batch", nn.ReLU())
    return CodeAsMaps(nn.Sequential(*layers, started(nn.Conv2d(width, 2, 9, padding=4)), nn.Tanh()))


class Residual(nn.Module):
    """Two convolutions of 3 x 3, added to what they were given."""

    def __init__(self, maps: int):
        super().__init__()
        first = block(wgan.down(maps, maps, 3, 1), maps, "batch", nn.ReLU())
        self.main = nn.Sequential(*first, *block(wgan.down(maps, maps, 3, 1), maps, "batch", nn.Identity()))

    def forward(self, x: Tensor) -> Tensor:
        maps: Tensor = x + self.main(x)
        return maps
