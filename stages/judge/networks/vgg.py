"""α-GAN's classifier of CIFAR-10: eleven 3 x 3 convolutions, average pooling, one linear layer (Table 5, app. H.5).

    maps at width 64     64  64 128 128 128 256 256 256 512 512 512   each with batch norm and ReLU
    strides: repaired     1   1   2   1   1   2   1   1   2   1   1   24 pixels become 24, 12, 6, 3
    strides: printed      2   1   2   1   2   2   2   2   2   2   2   24 pixels become one in the seventh layer already

Eight strides of 2 leave the last four layers nothing but one pixel and its padding, so the repaired ones, with a half
of the sides where the maps double, are the default.

Recipe: momentum 0.9, the rate a tenth from half of the steps on and a hundredth from three quarters (40,000 and 60,000
of 80,000), random crops of 24 pixels of 32. Read as follows: "80000 epochs" are steps, the "accuracy of 5.5 %" is an
error, "l2" decays every parameter, as the optimiser's own term. Not said and ours: flips from left to right in
training, the crop from the centre at test time, no biases before batch norm. Images of other sizes are cropped to
three quarters of their sides.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import SGD, Optimizer
from torch.optim.lr_scheduler import MultiStepLR

MAPS = (1, 1, 2, 2, 2, 4, 4, 4, 8, 8, 8)  # in widths
STRIDES = {
    "repaired": (1, 1, 2, 1, 1, 2, 1, 1, 2, 1, 1),
    "printed": (2, 1, 2, 1, 2, 2, 2, 2, 2, 2, 2),
}


class Network(nn.Module):
    def __init__(self, channels: int, size: int, classes: int, knobs: dict[str, Any]):
        super().__init__()
        self.crop = cropped(size)
        self.features = MAPS[-1] * knobs["width"]
        layers: list[nn.Module] = []
        for maps, stride in zip(MAPS, STRIDES[knobs["strides"]], strict=True):
            out = maps * knobs["width"]
            layers += [nn.Conv2d(channels, out, 3, stride, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU()]
            channels = out
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(self.features, classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Of the centre; what training cropped already is all centre."""
        top, left = (x.shape[2] - self.crop) // 2, (x.shape[3] - self.crop) // 2
        centre = x[:, :, top : top + self.crop, left : left + self.crop]
        features = self.body(centre).mean(dim=(2, 3))
        return features, self.head(features)


def cropped(size: int) -> int:
    return size * 3 // 4


def steps(batches: int, knobs: dict[str, Any]) -> int:
    return int(knobs["steps"])


def optimiser(parameters: Iterable[nn.Parameter], knobs: dict[str, Any]) -> Optimizer:
    return SGD(parameters, lr=knobs["learning_rate"], momentum=knobs["momentum"], weight_decay=knobs["weight_decay"])


def schedule(optimiser: Optimizer, steps: int) -> MultiStepLR:
    return MultiStepLR(optimiser, [steps // 2, steps * 3 // 4], gamma=0.1)


def augment(x: Tensor, generator: torch.Generator) -> Tensor:
    """A random crop of each image, and every other one flipped from left to right."""
    n, channels, size, _ = x.shape
    crop = cropped(size)
    top, left = torch.randint(size - crop + 1, (2, n, 1), generator=generator)
    flipped = torch.randint(2, (n, 1), generator=generator).bool()
    along = torch.arange(crop)
    rows, columns = top + along, left + torch.where(flipped, along.flip(0), along)  # [n, crop]
    image, channel = torch.arange(n)[:, None, None, None], torch.arange(channels)[:, None, None]
    return x[image, channel, rows[:, None, :, None], columns[:, None, None, :]]
