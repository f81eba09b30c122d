"""Pieces that the papers' networks and their dense counterparts are made of."""

from itertools import pairwise

from torch import Tensor, cat, nn
from torch.nn.utils.parametrizations import spectral_norm

from stages.door import UserError

LEAK = 0.2


def normalised(layer: nn.Module, spectral: bool) -> nn.Module:
    """The layer, held to a largest singular value of 1 if `spectral`: one power iteration a move of training."""
    return spectral_norm(layer) if spectral else layer


def initialised(network: nn.Module) -> nn.Module:
    """The network with every weight drawn from N(0, 0.02²) and biases of 0, as the library of PAGAN starts."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, std=0.02)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return network


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


class CodeAsMaps(nn.Module):
    """An image and a code: each of the code's numbers is a map beside the image's own, constant over the pixels."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, x: Tensor, z: Tensor) -> Tensor:
        maps = z[:, :, None, None].expand(-1, -1, *x.shape[2:])
        made: Tensor = self.network(cat([x, maps], dim=1))
        return made


def check_size(shape: list[int], least: int, networks: str = "dcgan") -> None:
    height, width, _ = shape
    if height != width or height % 8 or height < least:
        raise UserError(
            f"images of {height}x{width} do not fit the {networks} networks; give squares of a multiple of 8 pixels, "
            f"{least} at least, or networks: dense"
        )


class Nearest(nn.Module):
    """Twice the size, each pixel four times; by copying, whose gradient is deterministic everywhere."""

    def forward(self, x: Tensor) -> Tensor:
        n, maps, height, width = x.shape
        copies = x[:, :, :, None, :, None].expand(n, maps, height, 2, width, 2)
        return copies.reshape(n, maps, 2 * height, 2 * width)


def levels(shape: list[int], networks: str) -> int:
    """How often 4 pixels double to the side of an image, for networks that take powers of two."""
    height, width, _ = shape
    if height != width or height < 16 or height & (height - 1):
        raise UserError(
            f"images of {height}x{width} do not fit the {networks} networks; give squares of 16, 32, 64, ... pixels, "
            "or networks: dense"
        )
    return height.bit_length() - 3


def started(layer: nn.Module) -> nn.Module:
    """The layer with weights drawn from N(0, 0.02²), or N(1, 0.02²) if it is a batch norm; biases as they come.

    So start the public codes of DCGAN, WGAN and AGE.
    """
    weight = layer.weight
    assert isinstance(weight, nn.Parameter)
    nn.init.normal_(weight, mean=float(isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d)), std=0.02)
    return layer


def block(layer: nn.Module, outs: int, norm: str, activation: nn.Module) -> list[nn.Module]:
    """A layer of `outs` maps or numbers, held by `norm` (batch, none or spectral), and the activation after it."""
    batch = nn.BatchNorm1d if isinstance(layer, nn.Linear) else nn.BatchNorm2d
    norms = [started(batch(outs))] if norm == "batch" else []
    return [normalised(started(layer), norm == "spectral"), *norms, activation]


class Again(nn.Module):
    """A perceptron with ReLUs whose last layer is given the input again, beside the last hidden layer."""

    def __init__(self, inputs: int, hidden: list[int], outputs: int):
        super().__init__()
        layers: list[nn.Module] = []
        for ins, outs in pairwise([inputs, *hidden]):
            layers += [nn.Linear(ins, outs), nn.ReLU()]
        self.hidden = nn.Sequential(*layers)
        self.last = nn.Linear(inputs + hidden[-1], outputs)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.last(cat([x, self.hidden(x)], dim=1))
        return result
