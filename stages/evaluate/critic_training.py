"""The independent critic: its networks, loss and training. It shares nothing with the critics that systems meet.

Gulrajani et al. 2017: f minimises mean f(samples) - mean f(images) + 10 mean (|∇f| - 1)², the gradient being taken at
points drawn uniformly from the lines between images and samples. Where |∇f| is 1, the first two terms are minus the
Wasserstein distance. At the optimum it is a little above 1: two points at distance a are told apart by a (1 + a / 20).

All in double precision, so that the last bits of a sum, which may differ with the number of threads, stay far below
what is printed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

import torch
from torch import Tensor, nn
from torch.optim.adam import adam

from stages.params import CriticBudget

PENALTY = 10.0  # α-GAN, app. H.1
BETAS = (0.5, 0.9)  # of Adam; α-GAN, app. H
LEAK = 0.2
SMALLEST = 28  # pixels: sides from which on images are convolved
BOTTOM = 4  # pixels: convolutions halve an image until it is no larger
SEED = 0  # one for every row: two rows' values differ by their samples alone

Critic = Callable[[Tensor], Tensor]


def network(shape: Sequence[int], width: int) -> nn.Sequential:
    """Of images [c, h, w], or of vectors [d]: values [n, 1].

    Large images get the discriminator of α-GAN's comparison without its batch norm: convolutions of 4 x 4 that halve
    the side, of `width` maps and then twice as many each time. All else gets two dense layers of `width`.

    The last layer starts from 0, so that the first step alone decides which way is up: between a slope of the wrong
    sign and one of the right sign the penalty stands in the way.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        convolved = len(shape) == 3 and min(shape[1:]) >= SMALLEST
        critic = (convolutional if convolved else dense)(shape, width)
    for parameter in critic[-1].parameters():
        nn.init.zeros_(parameter)
    return critic.double()


def dense(shape: Sequence[int], width: int) -> nn.Sequential:
    layers: list[nn.Module] = [nn.Flatten()]
    for ins, outs in pairwise((prod(shape), width, width)):
        layers += [nn.Linear(ins, outs), nn.LeakyReLU(LEAK)]
    return nn.Sequential(*layers, nn.Linear(width, 1))


def convolutional(shape: Sequence[int], width: int) -> nn.Sequential:
    maps, height, across = shape
    layers: list[nn.Module] = []
    while min(height, across) > BOTTOM:
        layers += [nn.Conv2d(maps, width, 4, stride=2, padding=1), nn.LeakyReLU(LEAK)]
        maps, width, height, across = width, 2 * width, height // 2, across // 2
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(maps * height * across, 1))


def difference(critic: Critic, images: Tensor, samples: Tensor) -> Tensor:
    """mean f(samples) - mean f(images): the loss without its penalty."""
    return critic(samples).mean() - critic(images).mean()


def slopes(critic: Critic, images: Tensor, samples: Tensor, shares: Tensor) -> Tensor:
    """|∇f|, one a pair, at the point that has this share of the image and the rest of the sample."""
    weight = shares.view(-1, *[1] * (images.dim() - 1))
    points = (weight * images + (1 - weight) * samples).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(points).sum(), points, create_graph=True)
    return gradient.flatten(1).norm(dim=1)


def penalty(critic: Critic, images: Tensor, samples: Tensor, shares: Tensor) -> Tensor:
    return PENALTY * ((slopes(critic, images, samples, shares) - 1) ** 2).mean()


class Adam:
    """torch.optim.Adam through its functional form.

    An optimiser object imports torch's compiler, which takes longer than a small critic learns.
    """

    def __init__(self, parameters: list[nn.Parameter], learning_rate: float):
        self.parameters: list[Tensor] = [*parameters]
        self.learning_rate = learning_rate
        self.means = [torch.zeros_like(parameter) for parameter in parameters]
        self.squares = [torch.zeros_like(parameter) for parameter in parameters]
        self.steps = [torch.zeros((), device=parameter.device) for parameter in parameters]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor]) -> None:
        adam(
            self.parameters,
            [*gradients],
            self.means,
            self.squares,
            [],
            self.steps,
            fused=True,
            amsgrad=False,
            beta1=BETAS[0],
            beta2=BETAS[1],
            lr=self.learning_rate,
            weight_decay=0.0,
            eps=1e-8,
            maximize=False,
        )


@dataclass(frozen=True)
class Sets:
    """What a critic learns from and is scored on: uint8 images [n, h, w, c], or numbers [n, ...] as they are."""

    images: Tensor
    samples: Tensor
    test_images: Tensor
    test_samples: Tensor

    @property
    def shape(self) -> Sequence[int]:
        return as_input(self.images[:1]).shape[1:]


@dataclass
class Curves:
    """The loss without its penalty, in the course of the steps: α-GAN's Fig. 13."""

    step: list[int]
    validation: list[float]  # of the mini-batches since the last entry
    test: list[float]  # of all that is held out


def train(critic: nn.Module, sets: Sets, budget: CriticBudget) -> Curves:
    generator = torch.Generator().manual_seed(SEED)
    device = sets.images.device
    parameters = list(critic.parameters())
    optimiser = Adam(parameters, budget.learning_rate)
    curves = Curves([], [], [])
    losses: list[Tensor] = []
    with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True):
        for step in range(1, budget.steps + 1):
            images, samples = (
                as_input(bank[torch.randint(len(bank), (budget.batch,), generator=generator).to(device)])
                for bank in (sets.images, sets.samples)
            )
            shares = torch.rand(budget.batch, generator=generator, dtype=torch.float64).to(device)
            apart = difference(critic, images, samples)
            optimiser.step(torch.autograd.grad(apart + penalty(critic, images, samples, shares), parameters))
            losses.append(apart.detach())
            if step % budget.every == 0 or step == budget.steps:
                curves.step.append(step)
                curves.validation.append(float(torch.stack(losses).mean()))
                curves.test.append(whole_difference(critic, sets.test_images, sets.test_samples))
                losses = []
    return curves


def whole_difference(critic: Critic, images: Tensor, samples: Tensor) -> float:
    """The same between whole sets."""
    return mean(critic, samples) - mean(critic, images)


@torch.no_grad()
def mean(critic: Critic, bank: Tensor) -> float:
    return float(torch.cat([critic(as_input(part)) for part in bank.split(500)]).mean())


def slope(critic: Critic, sets: Sets) -> float:
    """The mean of |∇f| half-way between held-out images and samples, pairwise as they come."""
    pairs = min(len(sets.test_images), len(sets.test_samples), 500)
    images, samples = as_input(sets.test_images[:pairs]), as_input(sets.test_samples[:pairs])
    halves = torch.full((pairs,), 0.5, dtype=torch.float64, device=images.device)
    return slopes(critic, images, samples, halves).mean().item()


def as_input(bank: Tensor) -> Tensor:
    """uint8 images [n, h, w, c] as [n, c, h, w] in [-1, 1]; other numbers as they are. In double precision."""
    if bank.dtype == torch.uint8:
        return bank.permute(0, 3, 1, 2).double() / 127.5 - 1
    return bank.double()
