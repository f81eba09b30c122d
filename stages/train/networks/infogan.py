"""The two-stage VAE's networks: its public code's InfoGAN networks, and the second stage's perceptrons.

Sizes are those of 32 x 32 images at width 64. Weights of the first stage start from N(0, 0.02²), of the second as
Glorot and Bengio (2010) draw them; biases from 0.
"""

import math
from typing import Any

from torch import nn

from stages.train.networks.layers import LEAK, Again, check_size, initialised, normalised

Settings = dict[str, Any]

MOMENTUM = 0.001  # of batch norms: the code's moving averages decay by 0.999


def encoder(settings: Settings, shape: list[int], outputs: int) -> nn.Module:
    """Images to `outputs` numbers: every layer spectrally normalised, all but first and last batch normalised too."""
    check_size(shape, least=8, networks="infogan")
    height, width, channels = shape
    maps, features = settings["width"], 16 * settings["width"]
    return nn.Sequential(
        held(nn.Conv2d(channels, maps, 4, stride=2, padding=1)),
        nn.LeakyReLU(LEAK),
        held(nn.Conv2d(maps, 2 * maps, 4, stride=2, padding=1)),
        nn.BatchNorm2d(2 * maps, momentum=MOMENTUM),
        nn.LeakyReLU(LEAK),
        nn.Flatten(),
        held(nn.Linear(2 * maps * (height // 4) * (width // 4), features)),
        nn.BatchNorm1d(features, momentum=MOMENTUM),
        nn.LeakyReLU(LEAK),
        held(nn.Linear(features, outputs)),
    )


def held(layer: nn.Module) -> nn.Module:
    return normalised(initialised(layer), True)


def generator(settings: Settings, shape: list[int], *, end: nn.Module) -> nn.Module:
    """Codes to images; batch norm follows the linear layers a feature at a time, before the reshape."""
    check_size(shape, least=8, networks="infogan")
    height, width, channels = shape
    maps, features = settings["width"], 16 * settings["width"]
    bottom = (2 * maps, height // 4, width // 4)
    network = nn.Sequential(
        nn.Linear(settings["latent"], features),
        nn.BatchNorm1d(features, momentum=MOMENTUM),
        nn.ReLU(),
        nn.Linear(features, math.prod(bottom)),
        nn.BatchNorm1d(math.prod(bottom), momentum=MOMENTUM),
        nn.ReLU(),
        nn.Unflatten(1, bottom),
        nn.ConvTranspose2d(2 * maps, maps, 4, stride=2, padding=1),
        nn.BatchNorm2d(maps, momentum=MOMENTUM),
        nn.ReLU(),
        nn.ConvTranspose2d(maps, channels, 4, stride=2, padding=1),
        end,
    )
    return initialised(network)


def second_encoder(settings: Settings) -> nn.Module:
    """Codes to the mean and log standard deviation of a code's own code, side by side."""
    return second_stage(settings, 2 * settings["latent"])


def second_generator(settings: Settings) -> nn.Module:
    return second_stage(settings, settings["latent"])


def second_stage(settings: Settings, outputs: int) -> nn.Module:
    network = Again(settings["latent"], 3 * [16 * settings["width"]], outputs)
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return network
