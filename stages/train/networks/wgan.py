"""α-GAN's networks: the DCGAN of the public WGAN code for 32 and 64 pixels, Tables 3 and 4 for ColorMNIST's 28.

Which ones follows from the images' size; at width 64 they are the paper's. The encoder is the generator backwards and
ends without activation. Neither kind has biases, as in that code (the tables leave them open), and where a convolution
covers all of its input it is written as the linear layer that it is.
"""

from itertools import pairwise
from typing import Any

from torch import nn

from stages.door import UserError
from stages.train.networks.layers import LEAK, block, levels, normalised, started

Settings = dict[str, Any]

CODE_UNITS = 750  # a layer of the code discriminator, on every dataset; the paper did not tune it


def generator(settings: Settings, shape: list[int]) -> nn.Module:
    width = settings["width"]
    if of_tables(settings, shape):
        side, kernel, plan = 7, 5, [(width, 1), (width, 2), (width // 2, 1)]
    else:
        side, kernel, plan = 4, 4, [(maps, 2) for maps in widths(settings, shape)[::-1]]
    maps = plan[0][0]
    layers: list[nn.Module] = [
        started(nn.Linear(settings["latent"], maps * side**2, bias=False)),
        nn.Unflatten(1, (maps, side, side)),
        started(nn.BatchNorm2d(maps)),
        nn.ReLU(),
    ]
    for (ins, _), (outs, stride) in pairwise(plan):
        layers += block(up(ins, outs, kernel, stride), outs, "batch", nn.ReLU())
    return nn.Sequential(*layers, started(up(plan[-1][0], shape[2], kernel, 2)), nn.Tanh())


def encoder(settings: Settings, shape: list[int], outputs: int) -> nn.Module:
    width, norm = settings["width"], settings["encoder_norm"]
    if of_tables(settings, shape):
        side, kernel, plan = 7, 5, [(shape[2], 1), (width // 2, 2), (width, 1), (width, 2)]
    else:
        side, kernel, plan = 4, 4, [(maps, 2) for maps in [shape[2], *widths(settings, shape)]]
    layers: list[nn.Module] = []
    for (ins, _), (outs, stride) in pairwise(plan):
        layers += block(down(ins, outs, kernel, stride), outs, norm, nn.ReLU())
    return nn.Sequential(*layers, nn.Flatten(), last(plan[-1][0] * side**2, outputs, norm))


def image_discriminator(settings: Settings, shape: list[int]) -> nn.Module:
    return stack(settings, shape, 1, settings["discriminator_norm"])


def stack(settings: Settings, shape: list[int], outputs: int, norm: str, bias: bool = False) -> nn.Module:
    """Convolutions, and a linear layer with or without `bias`. Batch norm leaves the first convolution out."""
    width = settings["width"]
    if of_tables(settings, shape):
        kernel, plan = 5, [(shape[2], 1), (width // 8, 2), (width // 4, 1), (width // 2, 2), (width, 1), (width, 2)]
    else:
        kernel, plan = 4, [(maps, 2) for maps in [shape[2], *widths(settings, shape)]]
    layers: list[nn.Module] = []
    for (ins, _), (outs, stride) in pairwise(plan):
        here = "none" if norm == "batch" and not layers else norm
        layers += block(down(ins, outs, kernel, stride), outs, here, nn.LeakyReLU(LEAK))
    return nn.Sequential(*layers, nn.Flatten(), last(plan[-1][0] * 4**2, outputs, norm, bias))


def code_discriminator(settings: Settings) -> nn.Module:
    """Three hidden layers, with biases."""
    norm = settings["code_norm"]
    layers: list[nn.Module] = []
    for ins, outs in pairwise([settings["latent"], CODE_UNITS, CODE_UNITS, CODE_UNITS]):
        layers += block(nn.Linear(ins, outs), outs, norm, nn.LeakyReLU(LEAK))
    return nn.Sequential(*layers, last(CODE_UNITS, 1, norm, bias=True))


def of_tables(settings: Settings, shape: list[int]) -> bool:
    """Whether the networks for images of this shape are those of Tables 3 and 4."""
    height, across, _ = shape
    if height == across == 28:
        if settings["width"] % 8:
            raise UserError(f"width is {settings['width']}; give a multiple of 8 for the wgan networks of 28x28 images")
        return True
    return False


def widths(settings: Settings, shape: list[int]) -> list[int]:
    """Maps at each size from half of the image's down to 4 x 4: of 32 pixels 64, 128 and 256."""
    return [settings["width"] * 2**level for level in range(levels(shape, "wgan"))]


def down(ins: int, outs: int, kernel: int, stride: int) -> nn.Module:
    """A convolution that keeps the size, or at stride 2 halves it, rounding up."""
    return nn.Conv2d(ins, outs, kernel, stride=stride, padding=(kernel - 1) // 2, bias=False)


def up(ins: int, outs: int, kernel: int, stride: int) -> nn.Module:
    """A transposed convolution that keeps the size, or at stride 2 doubles it."""
    more = (stride - 1) * (kernel % 2)
    return nn.ConvTranspose2d(
        ins, outs, kernel, stride=stride, padding=(kernel - 1) // 2, output_padding=more, bias=False
    )


def last(ins: int, outs: int, norm: str, bias: bool = False) -> nn.Module:
    return normalised(started(nn.Linear(ins, outs, bias=bias)), norm == "spectral")
