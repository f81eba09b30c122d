"""AUG (PAGAN, Table 2): 'reconstructs' a test image by its augmentation a(x). It has no samples."""

from typing import Any

import numpy as np
import torch

from stages.train.augmentation import padding, reflect_crop
from stages.train.contract import to_bytes, to_unit_range
from stages.train.streams import Streams


def generate(images: np.ndarray, settings: dict[str, Any], samples: int, draw: Streams) -> dict[str, np.ndarray]:
    x = to_unit_range(torch.from_numpy(images))
    moved = reflect_crop(x, padding(images.shape[1], settings["pad_share"]), draw)
    return {"originals": images, "reconstructions": to_bytes(moved).numpy()}
