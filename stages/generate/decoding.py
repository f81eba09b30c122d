"""Codes to images on disk, a batch at a time."""

import numpy as np
import torch

from stages.train import contract

BATCH = 250  # which draw an image's code gets depends on it, so it is a constant


def to_images(system: contract.System, codes: torch.Tensor, given: np.ndarray) -> np.ndarray:
    """uint8 [n, h, w, c] of codes [n, latent]. `given` are as many images: a conditional system gets a part of each."""
    made = []
    for at in range(0, len(codes), BATCH):
        x = contract.to_unit_range(torch.from_numpy(given[at : at + BATCH]))
        made.append(contract.to_bytes(system.decoder_given(x)(codes[at : at + BATCH])))
    return torch.cat(made).numpy()
