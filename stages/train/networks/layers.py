"""Pieces that the papers' networks and their dense counterparts are made of."""

from torch import Tensor, cat, nn
from torch.nn.utils.parametrizations import spectral_norm

from stages.door import UserError

LEAK = 0.2


def normalised(layer: nn.Module, spectral: bool) -> nn.Module:
    """The layer, held to a largest singular value of 1 if `spectral`: one power iteration a move of training."""
    return spectral_norm(layer) if spectral else layer


class PairInput(nn.Module):
    """Two images as one: side by side (`width`) or as further channels (`channel`)."""

    def __init__(self, network: nn.Module, pair: str):
        super().__init__()
        self.network = network
        self.dimension = {"channel": 1, "width": 3}[pair]

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        logit: Tensor = self.network(cat([x, y], dim=self.dimension))
        return logit


class JointInput(nn.Module):
    """An image and a code: what `images` and `codes` make of them, side by side, judged by `network`."""

    def __init__(self, images: nn.Module, codes: nn.Module, network: nn.Module):
        super().__init__()
        self.images, self.codes, self.network = images, codes, network

    def forward(self, x: Tensor, z: Tensor) -> Tensor:
        logit: Tensor = self.network(cat([self.images(x), self.codes(z)], dim=1))
        return logit


def check_size(shape: list[int], least: int, networks: str = "dcgan") -> None:
    height, width, _ = shape
    if height != width or height % 8 or height < least:
        raise UserError(
            f"images of {height}x{width} do not fit the {networks} networks; give squares of a multiple of 8 pixels, "
            f"{least} at least, or networks: dense"
        )
