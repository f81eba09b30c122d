"""Train a judge on a dataset's own training split; the test split only measures it."""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy
from tqdm import tqdm

from stages.judge.classifier import Classifier, network, to_unit_range
from stages.params import JudgeBudget

SEED = 0  # one judge a dataset: every row and seed is scored by the same one


def train(name: str, images: np.ndarray, labels: np.ndarray, budget: JudgeBudget) -> Classifier:
    """A classifier of uint8 NHWC images, trained by Adam with a rate that falls to zero."""
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    module = network(name)
    shape, classes = images.shape[1:], int(labels.max()) + 1
    model: nn.Module = module.Network(shape[2], shape[0], classes)
    optimiser = torch.optim.Adam(model.parameters(), lr=budget.learning_rate)
    steps = budget.epochs * (len(images) // budget.batch)
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, total_iters=max(steps, 1))
    targets = torch.from_numpy(np.array(labels))
    model.train()
    for _ in tqdm(range(budget.epochs), desc=f"judge {name}", unit="epoch", disable=None):
        order = torch.randperm(len(images), generator=generator)
        for chosen in order.split(budget.batch):
            if len(chosen) < budget.batch:
                continue
            x = module.augment(to_unit_range(images[chosen.numpy()]), generator)
            loss = cross_entropy(model(x)[1], targets[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return Classifier(model.eval(), {"network": name, "shape": list(shape), "classes": classes})
