"""Mixtures of Gaussians on a line, and how far a model q is from a target p: by draws, or on a grid.

With t = log q(x) - log p(x), a divergence is E_p of one function of t, and E_q of another:

    λ-Jeffreys     -λ t under p, (1 - λ) t under q; the forward KL at λ = 1, the reverse KL at λ = 0
    JSD            ½ (log 2 - softplus(t)) under p, ½ (log 2 - softplus(-t)) under q

A model is ½ N(θ1, e^θ2) + ½ N(θ3, e^θ4) (λ-IJAE, app. B); `theta` holds many of them, [models, 4]. Densities stay
logarithms: between narrow modes a density in single precision is 0, and the reverse KL would come out too low.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

Function = Callable[[np.ndarray], np.ndarray]
NOTHING = -80.0  # the log of a share that is none: below e^-87 single precision is slow, and then 0


@dataclass(frozen=True)
class Look:
    """What a mixture makes of points x."""

    log_density: np.ndarray  # [...]
    shares: np.ndarray  # [components, ...]: of each component in the density there
    apart: np.ndarray  # [components, ...]: x less the component's mean


class Mixture:
    """Of components [components, ...]: their first axis x has not, the others broadcast against it."""

    def __init__(self, weights: np.ndarray, means: np.ndarray, variances: np.ndarray):
        self.weights, self.means, self.variances = weights, means, variances
        self.log_peaks = np.log(weights) - 0.5 * np.log(2 * np.pi * variances)

    def look(self, x: np.ndarray) -> Look:
        apart = x - self.means
        parts = self.log_peaks - apart**2 * (0.5 / self.variances)
        top = parts.max(axis=0)
        parts -= top
        np.maximum(parts, NOTHING, out=parts)
        np.exp(parts, out=parts)
        total = parts.sum(axis=0)
        parts /= total
        return Look(top + np.log(total), parts, apart)

    def slope(self, seen: Look) -> np.ndarray:
        """Of the log density along x."""
        return -(seen.shares * seen.apart / self.variances).sum(axis=0)

    def astype(self, dtype: type[np.floating]) -> "Mixture":
        return Mixture(*(part.astype(dtype) for part in (self.weights, self.means, self.variances)))


def mixture(weights: list[float], means: list[float], deviations: list[float]) -> Mixture:
    """One mixture, of points [models, draws]."""
    columns = (np.array(numbers, np.float64)[:, None, None] for numbers in (weights, means, deviations))
    shares, centres, spreads = columns
    return Mixture(shares, centres, spreads**2)


def models(theta: np.ndarray) -> Mixture:
    """½ N(θ1, e^θ2) + ½ N(θ3, e^θ4) of every row."""
    means, variances = theta.T[0::2, :, None], np.exp(theta.T[1::2, :, None])
    return Mixture(np.full_like(means, 0.5), means, variances)


@dataclass(frozen=True)
class Side:
    """A function of t, and its derivative."""

    value: Function
    slope: Function


@dataclass(frozen=True)
class Divergence:
    data: Side | None  # under E_p
    model: Side | None  # under E_q


def proportional(factor: float) -> Side | None:
    return Side(lambda t: factor * t, lambda t: np.full_like(t, factor)) if factor else None


def jeffreys(weight: float) -> Divergence:
    """λ KL(p || q) + (1 - λ) KL(q || p)."""
    return Divergence(proportional(-weight), proportional(1 - weight))


def jensen_shannon() -> Divergence:
    """½ KL(p || m) + ½ KL(q || m), m the average of p and q."""

    def side(sign: int) -> Side:
        return Side(
            lambda t: 0.5 * (np.log(2) - np.logaddexp(0, sign * t)),
            lambda t: -0.5 * sign * expit(sign * t),
        )

    return Divergence(side(1), side(-1))


@dataclass(frozen=True)
class Draws:
    """The chance in an estimate, held still: for every model [models, draws]."""

    data: np.ndarray  # from the target
    first: np.ndarray  # whether a draw from the model is of its first component
    noise: np.ndarray  # its distance from that component's mean, in standard deviations


def draw(
    divergence: Divergence, target: Mixture, shape: tuple[int, int], rng: np.random.Generator, dtype: type[np.floating]
) -> Draws:
    """Components get their numbers of draws by chance, and then the draws in order: means do not mind the order."""
    count, size = shape
    data, first, noise = np.empty((count, 0), dtype), np.empty((count, 0), bool), np.empty((count, 0), dtype)
    if divergence.data:
        chosen = rng.multinomial(size, target.weights.ravel(), count)
        which = np.repeat(np.tile(np.arange(len(target.weights)), count), chosen.ravel()).reshape(shape)
        means, deviations = target.means.ravel(), np.sqrt(target.variances.ravel())
        data = means.astype(dtype)[which] + deviations.astype(dtype)[which] * rng.standard_normal(shape, dtype)
    if divergence.model:
        first = np.arange(size) < rng.binomial(size, 0.5, count)[:, None]
        noise = rng.standard_normal(shape, dtype)
    return Draws(data, first, noise)


def from_model(model: Mixture, draws: Draws) -> np.ndarray:
    deviations = np.sqrt(model.variances)
    mean, deviation = (np.where(draws.first, pair[0], pair[1]) for pair in (model.means, deviations))
    return np.asarray(mean + deviation * draws.noise)


def estimate(divergence: Divergence, target: Mixture, theta: np.ndarray, draws: Draws) -> np.ndarray:
    """[models]"""
    model, value = models(theta), np.zeros(len(theta))
    for side, x in ((divergence.data, draws.data), (divergence.model, from_model(model, draws))):
        if side:
            value = value + side.value(model.look(x).log_density - target.look(x).log_density).mean(axis=1)
    return value


def gradient(divergence: Divergence, target: Mixture, theta: np.ndarray, draws: Draws) -> np.ndarray:
    """Of the estimate, [models, 4]. A draw from the model moves with its component (the pathwise gradient)."""
    model, slope = models(theta), np.zeros_like(theta)
    if divergence.data:
        seen = model.look(draws.data)
        pull = divergence.data.slope(seen.log_density - target.look(draws.data).log_density)
        slope += by_theta(model, seen, pull)
    if divergence.model:
        x = from_model(model, draws)
        seen, wanted = model.look(x), target.look(x)
        pull = divergence.model.slope(seen.log_density - wanted.log_density)
        slope += by_theta(model, seen, pull)  # through log q, where x stands
        carried = np.stack([draws.first, ~draws.first]) * (pull * (model.slope(seen) - target.slope(wanted)))
        by_spread = 0.5 * np.einsum("cnb,cnb->cn", carried, seen.apart) / x.shape[1]  # d x / d log variance
        slope += in_order(carried.mean(axis=-1), by_spread)
    return slope


def by_theta(model: Mixture, seen: Look, pull: np.ndarray) -> np.ndarray:
    """The mean over points of pull · d log q / d theta, [models, 4]."""
    shares = pull * seen.shares
    moved = shares * seen.apart
    variances = model.variances[..., 0]
    squares = np.einsum("cnb,cnb->cn", moved, seen.apart) / moved.shape[-1]
    return in_order(moved.mean(axis=-1) / variances, 0.5 * (squares / variances - shares.mean(axis=-1)))


def in_order(by_mean: np.ndarray, by_log_variance: np.ndarray) -> np.ndarray:
    """[components, models] twice as [models, (mean, log variance) of each component]."""
    return np.stack([by_mean, by_log_variance], axis=-1).transpose(1, 0, 2).reshape(-1, 4)


GRID = np.linspace(-30, 30, 10_001)[None]
STEP = float(GRID[0, 1] - GRID[0, 0])


def integrated(divergence: Divergence, target: Mixture, theta: np.ndarray) -> tuple[float, np.ndarray]:
    """The divergence of one model [4], and its gradient, by the rule of trapezia: densities vanish at both ends."""
    model = models(theta[None])
    seen, wanted = model.look(GRID), target.look(GRID)
    t = seen.log_density - wanted.log_density
    p, q = np.exp(wanted.log_density) * STEP, np.exp(seen.log_density) * STEP
    value, pull = 0.0, np.zeros_like(t)
    if divergence.data:
        value += float((p * divergence.data.value(t)).sum())
        pull += p * divergence.data.slope(t)
    if divergence.model:
        value += float((q * divergence.model.value(t)).sum())
        pull += q * (divergence.model.value(t) + divergence.model.slope(t))
    return value, by_theta(model, seen, pull)[0] * GRID.shape[1]


def log_density(theta: np.ndarray) -> np.ndarray:
    """Of one model [4], on GRID."""
    return models(theta[None]).look(GRID).log_density[0]


def sorted_by_mean(theta: np.ndarray) -> np.ndarray:
    """One model [4], the component with the lower mean first."""
    return theta if theta[0] <= theta[2] else theta[[2, 3, 0, 1]]
