"""Walks from one image's code to another's (AGE, Fig. 8): codes on the way, of which a report shows the images.

A walk begins and ends with the very codes by which those two images are reconstructed. Which way it takes between them
is the system's to say (`between` in stages/train/contract.py). It draws nothing.
"""

import torch
from torch import Tensor

from stages.train import contract

PAIRS = 6  # image 0 with image 6, 1 with 7, ...
STEPS = 9  # codes of a walk, with both ends


def walks(system: contract.System, codes: Tensor) -> Tensor:
    """[pairs, STEPS, latent] of the codes of images [n, latent]; as many pairs as there are images for."""
    pairs = min(PAIRS, len(codes) // 2)
    start, end = codes[:pairs], codes[pairs : 2 * pairs]
    inside = [system.between(start, end, step / (STEPS - 1)) for step in range(1, STEPS - 1)]
    return torch.stack([start, *inside, end], dim=1)
