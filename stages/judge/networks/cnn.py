"""A small convolutional classifier for grey digits of 16 to 32 pixels.

Features are the values before the last layer, 64 of them at width 16: few, so that a Fréchet distance of some hundred
images has a covariance of full rank. Adam, with a rate that falls to zero.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Adam, Optimizer
from torch.optim.lr_scheduler import LinearLR


class Network(nn.Module):
    def __init__(self, channels: int, size: int, classes: int, knobs: dict[str, Any]):
        super().__init__()
        width = knobs["width"]
        self.features = 4 * width
        self.body = nn.Sequential(
            nn.Conv2d(channels, width, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(width, 2 * width, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(2 * width * (size // 4) ** 2, self.features),
            nn.ReLU(),
        )
        self.head = nn.Linear(self.features, classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.body(x)
        return features, self.head(features)


def steps(batches: int, knobs: dict[str, Any]) -> int:
    return int(knobs["epochs"] * batches)


def optimiser(parameters: Iterable[nn.Parameter], knobs: dict[str, Any]) -> Optimizer:
    return Adam(parameters, lr=knobs["learning_rate"])


def schedule(optimiser: Optimizer, steps: int) -> LinearLR:
    return LinearLR(optimiser, 1.0, 0.0, total_iters=steps)


def augment(x: Tensor, generator: torch.Generator) -> Tensor:
    """Shift a batch by up to a pixel each way: digits are written off centre."""
    down, right = torch.randint(-1, 2, (2,), generator=generator).tolist()
    return torch.roll(x, (down, right), dims=(2, 3))
