"""What a system tells the loop, and what the loop may ask of it.

A system file defines `class System(contract.System)`. It holds networks, names players, and says in `moves` who steps
when; it knows nothing of devices, files, logs or seeds.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn

from stages.door import UserError
from stages.schema import or_list
from stages.train.adam import Adam
from stages.train.codes import on_great_circle
from stages.train.streams import Streams

# A move computes, from a fresh batch, the loss of every player that steps in it. All gradients of a move are taken
# before any of its players steps.
Move = Callable[[Tensor, Streams], dict[str, Tensor]]


class System(nn.Module):
    generator: nn.Module  # from code to image: every system has one
    encodes = True  # False for a system with no way from image to code, such as a plain GAN
    conditional = False  # True for one whose images are made of a code and of a part of an image that is given
    # As α-GAN's Table 1 sorts systems (empty for those that it has not): what holds images to the data, an observer's
    # distance or a discriminator's ratio, and what holds codes to the prior.
    likelihood: tuple[str, ...] = ()
    to_prior: tuple[str, ...] = ()
    cited = False  # True where the objective is that of a paper which ours only quote: the report says so

    def __init__(self, settings: dict[str, Any], shape: list[int]):
        """`settings` are the row's knobs; `shape` is an image's (height, width, channels)."""
        super().__init__()
        self.settings = settings
        self.shape = shape

    def players(self) -> dict[str, list[nn.Module]]:
        """Each player's own networks. Every parameter of the system belongs to exactly one player."""
        raise NotImplementedError

    def moves(self) -> Sequence[Move]:
        """One iteration, in order: most systems make one move, in which all players step at once.

        A move may leave players out, also in some iterations only: a stage of training that is not reached yet.
        """
        raise NotImplementedError

    def learning_rate(self, player: str) -> float:
        """A player's rate at the start."""
        rate: float = self.settings["learning_rate"]
        return rate

    def decay(self, iteration: int) -> float:
        """What every rate is multiplied with in this iteration (the first is 0)."""
        return 1.0

    def optimiser(self, player: str, parameters: list[nn.Parameter]) -> Adam:
        betas = (self.settings["beta1"], self.settings["beta2"])
        return Adam(parameters, self.learning_rate(player), betas)

    def finish(self, losses: dict[str, Tensor]) -> dict[str, Tensor]:
        """After an iteration: update what no gradient moves, and name further numbers to log beside the losses."""
        return {}

    def measured(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        """At the end of a logged interval, with the networks in evaluation mode: numbers to log of unseen images x."""
        return {}

    def prior(self, n: int, draw: Streams) -> Tensor:
        """Codes to sample from, [n, latent]."""
        return draw.normal(n, self.settings["latent"])

    def between(self, start: Tensor, end: Tensor, share: float) -> Tensor:
        """Codes this share of the way from some to others, on a path where the prior has its mass.

        As it stands, for a prior that looks alike in every direction: N(0, I), or uniform on the sphere.
        """
        return on_great_circle(start, end, share)

    def decode(self, code: Tensor) -> Tensor:
        """Images of codes, [n, c, h, w] in [-1, 1]: what the network named `generator` makes of them."""
        images: Tensor = self.generator(code)
        return images

    def decoder_given(self, x: Tensor) -> Callable[[Tensor], Tensor]:
        """How codes, one for each of the images x, are decoded. A conditional system has no other way to decode."""
        return self.decode

    def encode(self, x: Tensor, draw: Streams) -> Tensor:
        """Codes of images, as this row reconstructs them."""
        raise NotImplementedError


def build(system: str, settings: dict[str, Any], shape: list[int], seed: int = 0) -> System:
    """The system of that name, its weights drawn from `seed` without touching anyone else's chance."""
    module = import_module(f"stages.train.systems.{system}")
    if settings["networks"] not in module.NETWORKS:
        raise UserError(
            f"networks is {settings['networks']!r}, which {system} has not; choose {or_list(sorted(module.NETWORKS))}"
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        built: System = module.System(settings, shape)
    return built


def parameters(networks: list[nn.Module]) -> list[nn.Parameter]:
    return [parameter for network in networks for parameter in network.parameters()]


def to_unit_range(images: Tensor) -> Tensor:
    """uint8 NHWC to float32 NCHW in [-1, 1]."""
    return images.permute(0, 3, 1, 2).float() / 127.5 - 1


def to_bytes(x: Tensor) -> Tensor:
    """The way back, rounding to the nearest grey."""
    return ((x.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1)
