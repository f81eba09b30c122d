"""What an encoder sees in images: its last three hidden layers and its output, side by side.

AGE, sec. 3.1, takes this from ALI: a linear classifier on these numbers tells how well the encoder has learned without
labels. A hidden layer is what an activation gives, and the last three are those that run last. Maps larger than 4 x 4
are first pooled to that size by their maxima, as DCGAN's authors do. The output is the network's, before a code is
drawn from it or divided by its length.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_max_pool2d

from stages import arrays
from stages.door import UserError
from stages.train import contract
from stages.train.streams import Streams

LAYERS = 3
POOLED = 4  # pixels
ACTIVATIONS = (nn.ReLU, nn.LeakyReLU, nn.ELU)


def labelled(
    system: contract.System, data: Path, training_images: int, test_images: int, draw: Streams
) -> dict[str, np.ndarray]:
    """Features and labels of images of both splits, evenly spaced, since some sources come class by class."""
    if not system.encodes:
        raise UserError("generate.features in params.yaml lists this row, which has no encoder; take it out")
    made: dict[str, np.ndarray] = {}
    for split, count in (("train", training_images), ("test", test_images)):
        images = arrays.load(data / split / "images.npy")
        labels = arrays.load(data / split / "labels.npy", dtype=np.int64, dimensions=1)
        chosen = np.arange(min(count, len(images))) * len(images) // min(count, len(images))
        made |= {f"features_{split}": of_images(system, images[chosen], draw), f"labels_{split}": labels[chosen]}
    return made


@torch.no_grad()
def of_images(system: contract.System, images: np.ndarray, draw: Streams, batch: int = 250) -> np.ndarray:
    """float32 [n, features] of uint8 images [n, h, w, c]. The system is in evaluation mode."""
    made = []
    with watched(system.get_submodule("encoder")) as layers:
        for at in range(0, len(images), batch):
            layers.clear()
            system.encode(contract.to_unit_range(torch.from_numpy(images[at : at + batch])), draw)
            made.append(torch.cat([flat(layer) for layer in layers[-LAYERS - 1 :]], dim=1))
    return torch.cat(made).numpy()


@contextmanager
def watched(encoder: nn.Module) -> Iterator[list[Tensor]]:
    """A list that gets what each activation gives, in the order in which they run, and then the encoder's output."""
    seen: list[Tensor] = []
    activations = [module for module in encoder.modules() if isinstance(module, ACTIVATIONS)]
    hooks = [
        module.register_forward_hook(lambda module, inputs, output: seen.append(output))
        for module in [*activations, encoder]
    ]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def flat(layer: Tensor) -> Tensor:
    """[n, numbers] of what a layer gives."""
    if layer.dim() == 4:
        layer = adaptive_max_pool2d(layer, (min(layer.shape[2], POOLED), min(layer.shape[3], POOLED)))
    return layer.flatten(1)
