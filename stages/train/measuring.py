"""What is measured on unseen images while a system is being trained, for curves over iterations.

How well it reconstructs (AGE, Fig. 3), and what the system itself has to tell of a game (PAGAN, section 3.2).

Measuring leaves the training as it would have been: it draws from streams of its own, the networks are in evaluation
mode for it, and each goes back to the mode in which it was.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from stages.train.contract import System, to_bytes, to_unit_range
from stages.train.loop import Run
from stages.train.streams import Streams

LABEL = "reconstruction"
IMAGES = 100  # of those that are reconstructed after training, the first
SEED = 0  # each point of a curve has the same noise


def add_to_log(run: Run, images: Tensor) -> None:
    """Beside the losses of the last interval; before them, as `dvc plots` draws the last column."""
    entry = run.progress.history.pop()
    found = {LABEL: reconstruction_error(run.system, images)} if run.system.encodes else {}
    with evaluating(run.system):
        told = run.system.measured(to_unit_range(images), Streams(SEED, str(images.device)))
    found |= {name: float(value.detach()) for name, value in told.items()}
    run.progress.history.append({"iteration": entry["iteration"], **found, **entry})


@torch.no_grad()
def reconstruction_error(system: System, images: Tensor) -> float:
    """The mean absolute difference of a pixel of uint8 images [n, h, w, c], in [0, 1]: the metric L1."""
    with evaluating(system):
        x = to_unit_range(images)
        decode, codes = system.decoder_given(x), system.encode(x, Streams(SEED, str(images.device)))
        difference = to_bytes(decode(codes)).double() - images.double()
    return float(difference.abs().mean()) / 255


@contextmanager
def evaluating(system: nn.Module) -> Iterator[None]:
    """Evaluation mode, until each network gets back the mode that it had: a system may keep one of its own frozen."""
    modes = {module: module.training for module in system.modules()}
    system.eval()
    try:
        yield
    finally:
        for module, training in modes.items():
            module.training = training
