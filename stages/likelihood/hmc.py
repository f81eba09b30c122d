"""Hamiltonian Monte Carlo of N(h; 0, I) L(h)^β, many chains at once: each row of a tensor is a chain.

The constants are those of the public code of Wu et al. 2017. As there, all chains share one step, which follows the
share of them that is accepted.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from stages.train.streams import Streams

LEAPS = 10  # leapfrog steps a move
BOUNDS = (1e-4, 0.5)  # of the step
WANTED = 0.65  # acceptance rate
LONGER, SHORTER = 1.02, 0.98  # what the step is multiplied with
MEMORY = 0.9  # of the running mean of the acceptance rate


class State(NamedTuple):
    h: Tensor  # [n, latent]
    value: Tensor  # log L(h), [n], in double precision
    slope: Tensor  # its gradient, [n, latent]


Likelihood = Callable[[Tensor], State]


def energy(state: State, velocity: Tensor, beta: float) -> Tensor:
    """-log of the density of h and velocity, but for a constant; [n], in double precision."""
    squares = state.h.double() ** 2 + velocity.double() ** 2
    return squares.sum(dim=1) / 2 - beta * state.value


def force(state: State, beta: float) -> Tensor:
    """The gradient of -energy for h."""
    return beta * state.slope - state.h


def leapfrog(likelihood: Likelihood, state: State, velocity: Tensor, step: float, beta: float) -> tuple[State, Tensor]:
    """Volume is kept; and so, nearly, is energy. From where it ends with the velocity turned round, it comes back."""
    velocity = velocity + step / 2 * force(state, beta)
    for left in reversed(range(LEAPS)):
        state = likelihood(state.h + step * velocity)
        velocity = velocity + (step if left else step / 2) * force(state, beta)
    return state, velocity


class Sampler:
    """Moves that leave N(h; 0, I) L(h)^β as it is, at any step."""

    def __init__(self, likelihood: Likelihood, step: float, draw: Streams):
        self.likelihood = likelihood
        self.step = step
        self.draw = draw
        self.rate = WANTED
        self.shares: list[float] = []  # of chains that were accepted, a move each

    def move(self, state: State, beta: float) -> State:
        velocity = self.draw.normal(*state.h.shape).to(state.h.dtype)
        proposed, end = leapfrog(self.likelihood, state, velocity, self.step, beta)
        gain = energy(state, velocity, beta) - energy(proposed, end, beta)
        accepted = self.draw.uniform(len(gain)).double().log() < gain  # not where a gain is lost, NaN
        self.adapt(float(accepted.double().mean()))
        return State(
            torch.where(accepted[:, None], proposed.h, state.h),
            torch.where(accepted, proposed.value, state.value),
            torch.where(accepted[:, None], proposed.slope, state.slope),
        )

    @property
    def acceptance(self) -> float:
        return sum(self.shares) / len(self.shares)

    def adapt(self, accepted: float) -> None:
        """The step first, by the rate of the moves before."""
        least, most = BOUNDS
        self.step = min(max(self.step * (LONGER if self.rate > WANTED else SHORTER), least), most)
        self.rate = MEMORY * self.rate + (1 - MEMORY) * accepted
        self.shares.append(accepted)
