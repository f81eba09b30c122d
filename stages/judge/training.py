"""Train a judge on a dataset's own training split; the test split only measures it.

The network's file brings the recipe; the loop is the same for all.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from stages import door
from stages.judge.classifier import Classifier, network, to_unit_range

SEED = 0  # one judge a dataset: every row and seed is scored by the same one


def train(name: str, images: np.ndarray, labels: np.ndarray, knobs: dict[str, Any], device: str = "cpu") -> Classifier:
    """A classifier of uint8 NHWC images."""
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    module = network(name)
    shape, classes = images.shape[1:], int(labels.max()) + 1
    model: nn.Module = module.Network(shape[2], shape[0], classes, knobs).to(device)
    batch = min(knobs["batch"], len(images))
    steps = module.steps(len(images) // batch, knobs)
    optimiser = module.optimiser(model.parameters(), knobs)
    schedule = module.schedule(optimiser, steps)
    pixels, targets = (torch.from_numpy(np.array(array)).to(device) for array in (images, labels))
    progress = door.Progress(f"judge {name}", steps, unit="step")
    model.train()
    for step, chosen in enumerate(islice(batches(len(images), batch, generator), steps), start=1):
        x = module.augment(to_unit_range(pixels[chosen]), generator)
        loss = cross_entropy(model(x)[1], targets[chosen])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        progress.reached(step)
    if not loss.isfinite():
        raise door.UserError(f"judge {name}: the loss is {loss} after {steps} steps; lower its learning_rate")
    card = {"kind": "own", "network": name, "shape": list(shape), "classes": classes, "knobs": knobs}
    return Classifier(model.cpu().eval(), card | {"features": model.features})


def batches(images: int, batch: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Epoch after epoch in an order of its own; what does not fill a batch at its end is left out."""
    while True:
        yield from torch.randperm(images, generator=generator).split(batch)[: images // batch]
