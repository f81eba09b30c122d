"""Annealed importance sampling: log ∫ N(h; 0, I) p(x|h) dh, from moves between the prior and the posterior.

Neal 2001; Wu et al. 2017 of decoders. Chains start from the prior at β = 0; each rise of β adds to a chain's log weight
what log p(x|h)^β gains by it, and then the chain moves at the new β. The mean weight is p(x) on average, so its log is
less on average: a lower bound, which more temperatures raise. Chains that start from the posterior and go the other way
give an upper bound (bidirectional Monte Carlo, Grosse et al. 2015), where an image was made from a known h.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from stages.door import Progress
from stages.likelihood.hmc import Sampler
from stages.likelihood.observation import Decoder, observed
from stages.train.streams import Streams

RADIUS = 4.0  # of the sigmoid that spaces β


def schedule(temperatures: int) -> list[float]:
    """β from 0 to 1 in so many rises, small ones at both ends: Wu et al., sec. 6.2."""
    gamma = 1 / (1 + np.exp(-np.linspace(-RADIUS, RADIUS, temperatures + 1)))
    betas: list[float] = ((gamma - gamma[0]) / (gamma[-1] - gamma[0])).tolist()
    return betas


def log_mean_exp(log_weights: Tensor) -> Tensor:
    """Over the last dimension."""
    return log_weights.logsumexp(dim=-1) - math.log(log_weights.shape[-1])


@dataclass
class Weights:
    """Log weights [images, chains], in double precision, and how the chains fared."""

    log: Tensor
    acceptance: float  # share of moves
    step: float  # at the end

    @property
    def values(self) -> Tensor:
        """The estimate, one an image."""
        return log_mean_exp(self.log)

    @property
    def effective(self) -> Tensor:
        """(Σw)² / Σw², one an image: how many chains the estimate rests on, from 1 to all."""
        return (2 * self.log.logsumexp(dim=1) - (2 * self.log).logsumexp(dim=1)).exp()


def anneal(sampler: Sampler, h: Tensor, betas: list[float], name: str) -> Tensor:
    """Log weights [n] of chains that start at h, drawn from the distribution at the first β, and go to the last."""
    state = sampler.likelihood(h)
    log_weights = torch.zeros_like(state.value)
    progress = Progress(name, len(betas) - 1, unit="temperature")
    for done, (before, after) in enumerate(pairwise(betas), start=1):
        log_weights += (after - before) * state.value
        state = sampler.move(state, after)
        progress.reached(done)
    return log_weights


@dataclass(frozen=True)
class Annealing:
    """A decoder's log-likelihoods, with so many chains an image and so many temperatures."""

    decode: Decoder
    latent: int
    variance: float
    chains: int
    temperatures: int
    first_step: float
    draw: Streams

    def lower(self, x: Tensor, name: str) -> Weights:
        """Estimates from below, of images [n, pixels]."""
        h = self.draw.normal(len(x) * self.chains, self.latent)
        return self.run(x, h, schedule(self.temperatures), name)

    def upper(self, x: Tensor, h: Tensor, name: str) -> Tensor:
        """Estimates from above, [n], of images [n, pixels] that were made from h, [n, latent]."""
        weights = self.run(x, h.repeat_interleave(self.chains, dim=0), schedule(self.temperatures)[::-1], name)
        return -weights.values

    def run(self, x: Tensor, h: Tensor, betas: list[float], name: str) -> Weights:
        likelihood = observed(self.decode, x.repeat_interleave(self.chains, dim=0), self.variance)
        sampler = Sampler(likelihood, self.first_step, self.draw)
        log_weights = anneal(sampler, h, betas, name)
        return Weights(log_weights.view(len(x), self.chains), sampler.acceptance, sampler.step)

    def simulated(self, images: int) -> tuple[Tensor, Tensor]:
        """Codes [n, latent] from the prior and images [n, pixels] made from them, noise and all."""
        with torch.no_grad():
            h = self.draw.normal(images, self.latent)
            x = self.decode(h)
            return h, x + math.sqrt(self.variance) * self.draw.normal(*x.shape)
