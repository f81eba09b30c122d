"""A small convolutional classifier for grey digits of 16 to 32 pixels.

Images are [-1, 1]. Features are the 64 values before the last layer: few, so that a Fréchet distance of some
hundred images has a covariance of full rank.
"""

import torch
from torch import Tensor, nn


class Network(nn.Module):
    FEATURES = 64

    def __init__(self, channels: int, size: int, classes: int):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(32 * (size // 4) ** 2, self.FEATURES),
            nn.ReLU(),
        )
        self.head = nn.Linear(self.FEATURES, classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(features, logits) of images [n, c, h, w]."""
        features = self.body(x)
        return features, self.head(features)


def augment(x: Tensor, generator: torch.Generator) -> Tensor:
    """Shift a batch by up to a pixel each way: digits are written off centre."""
    down, right = torch.randint(-1, 2, (2,), generator=generator).tolist()
    return torch.roll(x, (down, right), dims=(2, 3))
