"""PAGAN's augmentation a(x): pad by mirroring, then crop an image of the old size at a random place (sec. 5)."""

import torch
from torch import Tensor
from torch.nn.functional import pad as pad_image

from stages.train.streams import Streams


def padding(height: int, share: float) -> int:
    """Pixels on each side: the paper's "10 %" of 32 is read as 3, because then AUG has its printed RMSE."""
    return int(share * height)


def reflect_crop(x: Tensor, pad: int, draw: Streams) -> Tensor:
    """Images [n, c, h, w], each moved by its own offset of up to `pad` pixels; the edge is not repeated."""
    if pad == 0:
        return x
    n, _, height, width = x.shape
    padded = pad_image(x, (pad, pad, pad, pad), mode="reflect")
    top, left = draw.offsets(2 * pad + 1, 2, n)
    image = torch.arange(n, device=x.device)[:, None, None]
    rows = top[:, None, None] + torch.arange(height, device=x.device)[None, :, None]
    columns = left[:, None, None] + torch.arange(width, device=x.device)[None, None, :]
    return padded[image, :, rows, columns].permute(0, 3, 1, 2)
