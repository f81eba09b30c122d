"""Images in Lab as networks see them, stages.lab for torch: L / 50 - 1 and the two colours / 110, about in [-1, 1]."""

import torch
from torch import Tensor

from stages.door import UserError
from stages.lab import EDGE, TO_RGB, TO_XYZ, WHITE

LIGHTNESS, COLOUR = 50.0, 110.0


def check(shape: list[int]) -> None:
    """Of an image: (height, width, channels)."""
    if shape[2] != 3:
        raise UserError(f"images of {shape[2]} channel have no colours to learn; give the row a dataset in colour")


def of_rgb(x: Tensor) -> tuple[Tensor, Tensor]:
    """L [n, 1, h, w] and the colours [n, 2, h, w] of sRGB images [n, 3, h, w] in [-1, 1]."""
    rgb = (x.permute(0, 2, 3, 1) + 1) / 2
    linear = torch.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    xyz = linear @ constant(TO_XYZ.T / WHITE, x)
    f = torch.where(xyz > EDGE**3, xyz.clamp(min=EDGE**3) ** (1 / 3), xyz / (3 * EDGE**2) + 4 / 29)
    lightness = (116 * f[..., 1] - 16) / LIGHTNESS - 1
    colours = torch.stack([500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], dim=1) / COLOUR
    return lightness[:, None], colours


def to_rgb(lightness: Tensor, colours: Tensor) -> Tensor:
    """The way back, [n, 3, h, w] in [-1, 1]; what sRGB does not have is cut off."""
    y = ((lightness[:, 0] + 1) * LIGHTNESS + 16) / 116
    a, b = (colours * COLOUR).unbind(dim=1)
    f = torch.stack([y + a / 500, y, y - b / 200], dim=3)
    xyz = torch.where(f > EDGE, f**3, 3 * EDGE**2 * (f - 4 / 29)) * constant(WHITE, colours)
    linear = (xyz @ constant(TO_RGB.T, colours)).clamp(0, 1)
    rgb = torch.where(linear > 0.0031308, 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055, 12.92 * linear)
    return (2 * rgb - 1).clamp(-1, 1).permute(0, 3, 1, 2)


def constant(numbers: object, like: Tensor) -> Tensor:
    return torch.as_tensor(numbers, dtype=like.dtype, device=like.device)
