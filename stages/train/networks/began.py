"""BEGAN's networks, as the public TensorFlow code of them has it: no normalisation, no activation at the end.

The autoencoder is the discriminator; its second half has the generator's layers, with weights of its own. The
vanishing residuals and skip connections of the original paper are not there, as they are not in that code.
Weights start from Glorot's uniform distribution, biases from 0.
"""

from typing import Any

from torch import nn

from stages.train.networks.layers import Nearest, levels

Settings = dict[str, Any]
BOTTOM = 8  # pixels


def generator(settings: Settings, shape: list[int]) -> nn.Module:
    """Codes to images, doubling from 8 x 8, at `width` maps throughout."""
    maps, steps = settings["width"], levels(shape, "began")
    layers: list[nn.Module] = [
        nn.Linear(settings["latent"], maps * BOTTOM * BOTTOM),
        nn.Unflatten(1, (maps, BOTTOM, BOTTOM)),
    ]
    for level in range(1, steps + 1):
        layers += [*convolution(maps, maps), *convolution(maps, maps), *[Nearest()] * (level < steps)]
    return initialised(nn.Sequential(*layers, nn.Conv2d(maps, shape[2], 3, padding=1)))


def encoder(settings: Settings, shape: list[int]) -> nn.Module:
    """Images to codes, halving to 8 x 8; `width` further maps a level."""
    maps, steps = settings["width"], levels(shape, "began")
    layers = convolution(shape[2], maps)
    ins = maps
    for level in range(1, steps + 1):
        outs = level * maps
        layers += [*convolution(ins, outs), *convolution(outs, outs)]
        if level < steps:
            layers += convolution(outs, outs, stride=2)
        ins = outs
    return initialised(nn.Sequential(*layers, nn.Flatten(), nn.Linear(ins * BOTTOM * BOTTOM, settings["latent"])))


def autoencoder(settings: Settings, shape: list[int]) -> nn.Module:
    return nn.Sequential(encoder(settings, shape), generator(settings, shape))


def convolution(ins: int, outs: int, stride: int = 1) -> list[nn.Module]:
    return [nn.Conv2d(ins, outs, 3, stride=stride, padding=1), nn.ELU()]


def initialised(network: nn.Module) -> nn.Module:
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return network
