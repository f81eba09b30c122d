"""Dense counterparts of every network, for small images on a CPU: two hidden layers of `width`.

Which network is normalised how follows the papers' networks; the sizes are this suite's own. The generator draws at
half size and enlarges smoothly, as the strided layers of its convolutional counterparts do: without that, every pixel
of a sample carries noise of its own that thousands of steps do not remove.
"""

import math
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, leaky_relu

from stages.door import UserError
from stages.train.networks.layers import LEAK, Again, CodeAsMaps, JointInput, PairInput, initialised, normalised

Settings = dict[str, Any]


def generator(settings: Settings, shape: list[int], *, norm: str = "batch", end: nn.Module | None = None) -> nn.Module:
    """Codes to images; `end` is the last layer, tanh by default."""
    height, width, channels = shape
    if height % 2 or width % 2:
        raise UserError(f"images of {height}x{width} do not fit the dense networks; give even sides")
    half = (channels, height // 2, width // 2)
    sizes = [settings["latent"], settings["width"], settings["width"]]
    layers: list[nn.Module] = []
    for ins, outs in pairwise(sizes):
        layers += [nn.Linear(ins, outs), *[nn.BatchNorm1d(outs)] * (norm == "batch"), nn.ReLU()]
    last = nn.Linear(sizes[-1], math.prod(half))
    return nn.Sequential(*layers, last, nn.Unflatten(1, half), Enlarge(*half[1:]), end or nn.Tanh())


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


def colorizer(settings: Settings, shape: list[int]) -> nn.Module:
    """(L, codes) to colours: the generator, given L and the code's constant maps, as convolutions are.

    It starts from small weights, and so near grey: from strong colours tanh's slope is too small to come back.
    """
    height, width, _ = shape
    inputs = (1 + settings["latent"]) * height * width
    network = generator({"latent": inputs, "width": settings["width"]}, [height, width, 2])
    return CodeAsMaps(nn.Sequential(nn.Flatten(), initialised(network)))


def encoder(settings: Settings, shape: list[int], outputs: int) -> nn.Module:
    return stack(math.prod(shape), settings["width"], outputs, settings["encoder_norm"])


def noisy_encoder(settings: Settings, shape: list[int]) -> "NoisyEncoder":
    return NoisyEncoder(settings, shape)


class NoisyEncoder(nn.Module):
    """An implicit encoder: noise of `latent` numbers is added, through a linear layer, to the first hidden layer."""

    NOISES = 1

    def __init__(self, settings: Settings, shape: list[int]):
        super().__init__()
        width, latent = settings["width"], settings["latent"]
        self.inwards = nn.Sequential(nn.Flatten(), nn.Linear(math.prod(shape), width))
        self.noise = nn.Linear(latent, width)
        self.outwards = nn.Sequential(nn.Linear(width, width), nn.LeakyReLU(LEAK), nn.Linear(width, latent))

    def forward(self, x: Tensor, noise: Tensor) -> Tensor:
        """Codes of images, given noise [NOISES, n, latent]."""
        code: Tensor = self.outwards(leaky_relu(self.inwards(x) + self.noise(noise[0]), LEAK))
        return code


def autoencoder(settings: Settings, shape: list[int]) -> nn.Module:
    """Images to images through `latent` numbers, nothing normalised: BEGAN's discriminator."""
    inwards = stack(math.prod(shape), settings["width"], settings["latent"], "none")
    return nn.Sequential(inwards, generator(settings, shape, norm="none", end=nn.Identity()))


def image_discriminator(settings: Settings, shape: list[int]) -> nn.Module:
    return stack(math.prod(shape), settings["width"], 1, settings["discriminator_norm"])


def pair_discriminator(settings: Settings, shape: list[int]) -> nn.Module:
    network = stack(2 * math.prod(shape), settings["width"], 1, settings["discriminator_norm"])
    return PairInput(network, settings["pair"])


def joint_discriminator(settings: Settings, shape: list[int]) -> nn.Module:
    """Of an image and a code."""
    inputs = math.prod(shape) + settings["latent"]
    network = stack(inputs, settings["width"], 1, settings["discriminator_norm"])
    return JointInput(nn.Flatten(), nn.Identity(), network)


def triplet_discriminator(settings: Settings, shape: list[int]) -> "TripletDiscriminator":
    return TripletDiscriminator(settings, shape)


class TripletDiscriminator(nn.Module):
    """Of an image, a code and a second image."""

    def __init__(self, settings: Settings, shape: list[int]):
        super().__init__()
        inputs = 2 * math.prod(shape) + settings["latent"]
        self.network = stack(inputs, settings["width"], 1, settings["discriminator_norm"])

    def forward(self, x: Tensor, z: Tensor, y: Tensor) -> Tensor:
        logit: Tensor = self.network(torch.cat([x.flatten(1), z, y.flatten(1)], dim=1))
        return logit


def code_discriminator(settings: Settings) -> nn.Module:
    return stack(settings["latent"], settings["width"], 1, settings["code_norm"])


def second_encoder(settings: Settings) -> nn.Module:
    """Codes to the mean and log standard deviation of a code's own code, in the two-stage VAE."""
    return Again(settings["latent"], 2 * [settings["width"]], 2 * settings["latent"])


def second_generator(settings: Settings) -> nn.Module:
    return Again(settings["latent"], 2 * [settings["width"]], settings["latent"])


def stack(inputs: int, width: int, outputs: int, norm: str) -> nn.Module:
    """Two hidden layers; `norm` is batch, none or spectral, which holds the last layer too.

    Batch norm is not on the first layer, as in the convolutional stacks: data and samples pass apart, and it would hide
    the mean of each.
    """
    layers: list[nn.Module] = [nn.Flatten()]
    for place, (ins, outs) in enumerate(((inputs, width), (width, width))):
        layers.append(normalised(nn.Linear(ins, outs), norm == "spectral"))
        if norm == "batch" and place > 0:
            layers.append(nn.BatchNorm1d(outs))
        layers.append(nn.LeakyReLU(LEAK))
    return nn.Sequential(*layers, normalised(nn.Linear(width, outputs), norm == "spectral"))
