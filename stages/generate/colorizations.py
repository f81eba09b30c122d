"""What AGE, Figs. 4 and 10, shows of colorization: each test image in several colours, and in those of others.

colorizations[i, k] is image i, `originals`, with a code drawn for it alone; transfers[i, k] is image i with the code of
image donors[k]. Donors are the same for all images and evenly spaced among them.
"""

import numpy as np
import torch

from stages.generate.decoding import to_images
from stages.train import contract
from stages.train.streams import Streams


@torch.no_grad()
def several(
    system: contract.System, images: np.ndarray, codes: torch.Tensor | None, each: int, draw: Streams
) -> dict[str, np.ndarray]:
    """`codes` are those of the images; None where the system has no encoder, and so nothing to transfer."""
    drawn = system.prior(len(images) * each, draw)
    made = {"originals": images, "colorizations": decoded(system, drawn, images, each)}
    if codes is not None:
        donors = np.arange(min(each, len(images))) * len(images) // min(each, len(images))
        made["transfers"] = decoded(system, codes[donors].repeat(len(images), 1), images, len(donors))
        made["donors"] = donors
    return made


def decoded(system: contract.System, codes: torch.Tensor, images: np.ndarray, each: int) -> np.ndarray:
    """[n, each, h, w, c] of n images and n times `each` codes, an image's own one after another."""
    made = to_images(system, codes, np.repeat(images, each, axis=0))
    return made.reshape(len(images), each, *images.shape[1:])
