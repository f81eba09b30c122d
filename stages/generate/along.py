"""Samples of the generator as it was at several moments of its training, for what is measured along a run."""

from pathlib import Path

import numpy as np
import torch

from stages.generate.decoding import to_images
from stages.train import contract, snapshots
from stages.train.streams import Streams


@torch.no_grad()
def samples(
    system: contract.System, model: Path, moments: list[int], count: int, images: np.ndarray, draw: Streams
) -> np.ndarray:
    """From the same codes at every moment, [moments, count, height, width, channels]."""
    codes, in_turn = system.prior(count, draw), images[np.arange(count) % len(images)]
    made = []
    for moment in moments:
        snapshots.turn_back(system, model, moment)
        made.append(to_images(system, codes, in_turn))
    return np.stack(made)
