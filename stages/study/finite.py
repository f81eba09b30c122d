"""AGE's games on finite spaces, where every generator and every encoder can be tried.

A map of n points is its n images, [maps, n]; a law is its weights. Encoders and generators are maps, not random.
"""

from collections.abc import Callable
from itertools import product

import numpy as np
from scipy.special import rel_entr

Divergence = Callable[[np.ndarray, np.ndarray], np.ndarray]  # of laws [..., points], [...]

NEAR = 1e-12  # values that differ by less are one


def maps(points: int, to: int) -> np.ndarray:
    """Every map from some points to others, [to ** points, points]."""
    return np.array(list(product(range(to), repeat=points)))


def images(law: np.ndarray, every: np.ndarray, to: int) -> np.ndarray:
    """The laws of f(W), [..., maps, to], for W of each law [..., points] and f each of the maps."""
    return np.einsum("...p,mpt->...mt", law, np.eye(to)[every])


def kl(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """KL(one || other), infinite where other lacks a point of one."""
    return np.asarray(rel_entr(one, other).sum(axis=-1))


def total_variation(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(one - other).sum(axis=-1) / 2)


class Game:
    """All generators [g] and encoders [e] between a law of data X and a prior Z, and their laws in both spaces."""

    def __init__(self, data: np.ndarray, prior: np.ndarray):
        self.data, self.prior = data, prior
        self.generated = images(prior, maps(len(prior), len(data)), len(data))  # g(Z), [g, data points]
        encoders = maps(len(data), len(prior))
        self.codes = images(data, encoders, len(prior))  # e(X), [e, codes]
        self.fake_codes = images(self.generated, encoders, len(prior))  # e(g(Z)), [g, e, codes]

    @property
    def aligned(self) -> np.ndarray:
        """Which generators have g(Z) = X, [g]."""
        return np.asarray(np.abs(self.generated - self.data).max(axis=1) < NEAR)

    def first(self, divergence: Divergence) -> np.ndarray:
        """(1): V1 = Δ(e(g(Z)) || e(X)), [g, e]."""
        return divergence(self.fake_codes, self.codes)

    def second(self, divergence: Divergence, reference: np.ndarray) -> np.ndarray:
        """(2): V2 = Δ(e(g(Z)) || Y) - Δ(e(X) || Y), [g, e]."""
        return divergence(self.fake_codes, reference) - divergence(self.codes, reference)


def saddles(value: np.ndarray) -> np.ndarray:
    """Where no other g is lower and no other e higher, [g, e]."""
    return np.asarray((value <= value.min(axis=0) + NEAR) & (value >= value.max(axis=1, keepdims=True) - NEAR))
