"""BEGAN's control variable k, and a BEGAN small enough to train in seconds, to give it real losses."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stages.study.adam import Adam

Losses = Callable[[int], tuple[float, float]]  # of step t: a, on images, and b, on samples

K_RATE = 1e-3  # the slides' λ_k, below (5)


def moved(k: Any, real: Any, fake: Any, gamma: Any, project: Any) -> Any:
    """(5): k + λ_k (γ a - b), cut to [0, 1] where it is projected; of one run, or of many at once."""
    k = k + K_RATE * (gamma * real - fake)
    return np.where(project, np.clip(k, 0.0, 1.0), k)[()]


def trace(losses: Losses, gamma: float, steps: int, project: bool) -> np.ndarray:
    """k after 0, 1, ... steps from 0, of losses that it has no say in."""
    ks = [0.0]
    for step in range(steps):
        ks.append(moved(ks[-1], *losses(step), gamma, project))
    return np.array(ks)


def loop(gamma: float, real: float, gain: float, rest: float, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """(k, b) of a toy in which k has its say: a stays, and b rises by gain · (k - rest) a step.

    It rises with k, because D then works harder against samples. b and k circle around γ a and `rest`, in a period of
    2π / √(λ_k gain) steps.
    """
    k, fake = [rest], [0.5 * gamma * real]
    for _ in range(steps):
        k_now, fake_now = k[-1], fake[-1]
        k.append(moved(k_now, real, fake_now, gamma, project=False))
        fake.append(fake_now + gain * (k_now - rest))
    return np.array(k), np.array(fake)


class Network:
    """A tanh layer and a linear one. Its parameters are one vector, so that an optimiser needs one array.

    With `runs`, as many networks that start equal and go their own ways: every array then has that axis in front.
    """

    def __init__(
        self,
        inputs: int,
        hidden: int,
        outputs: int,
        rng: np.random.Generator,
        dtype: type[np.floating],
        runs: tuple[int, ...] = (),
    ):
        shapes = [(inputs, hidden), (1, hidden), (hidden, outputs), (1, outputs)]
        weights = [rng.normal(0, inputs**-0.5, shapes[0]), rng.normal(0, hidden**-0.5, shapes[2])]
        parts = [weights[0], np.zeros(shapes[1]), weights[1], np.zeros(shapes[3])]
        vector = np.concatenate([part.ravel() for part in parts]).astype(dtype)
        self.vector = np.broadcast_to(vector, (*runs, vector.size)).copy()
        cuts = np.cumsum([part.size for part in parts])[:-1]
        views = np.split(self.vector, cuts, axis=-1)
        self.parts = [view.reshape(*runs, *shape) for view, shape in zip(views, shapes, strict=True)]

    def __call__(self, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(hidden, output)"""
        inner, bias, outer, shift = self.parts
        hidden = np.tanh(v @ inner + bias)
        return hidden, hidden @ outer + shift

    def back(self, v: np.ndarray, hidden: np.ndarray, slope: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(gradient of the parameters, slope at v), given the slope at the output."""
        inner, _, outer, _ = self.parts
        inward = (slope @ across(outer)) * (1 - hidden**2)
        gradients = [across(v) @ inward, inward.sum(axis=-2), across(hidden) @ slope, slope.sum(axis=-2)]
        runs = slope.shape[:-2]
        return np.concatenate([gradient.reshape(*runs, -1) for gradient in gradients], axis=-1), inward @ across(inner)


def across(matrices: np.ndarray) -> np.ndarray:
    return matrices.swapaxes(-1, -2)


@dataclass(frozen=True)
class Slopes:
    """A batch's losses, and the gradients of both players."""

    real: Any  # a
    fake: Any  # b
    discriminator: np.ndarray  # of a - k b
    generator: np.ndarray  # of b


class Began:
    """(5) with η = 1: D an autoencoder of images [n, pixels] in [-1, 1], G from z in [-1, 1]; both step at once."""

    LATENT, HIDDEN = 8, 32
    BATCH = 16  # as a public code
    RATE, BETA1, BETA2 = 1e-3, 0.5, 0.999

    def __init__(self, pixels: int, rng: np.random.Generator, dtype: type[np.floating], runs: tuple[int, ...] = ()):
        self.discriminator = Network(pixels, self.HIDDEN, pixels, rng, dtype, runs)
        self.generator = Network(self.LATENT, self.HIDDEN, pixels, rng, dtype, runs)

    def slopes(self, x: np.ndarray, z: np.ndarray, k: Any) -> Slopes:
        code, fake = self.generator(z)
        real_loss, by_real, _ = self.unlike(x)
        fake_loss, by_fake, along = self.unlike(fake)
        by_code, _ = self.generator.back(z, code, along)
        return Slopes(real_loss, fake_loss, by_real - np.asarray(k, x.dtype)[..., None] * by_fake, by_code)

    def unlike(self, v: np.ndarray) -> tuple[Any, np.ndarray, np.ndarray]:
        """The mean of |v - D(v)|, its gradient for D's parameters, and its slope along v, in both its places."""
        hidden, output = self.discriminator(v)
        apart = v - output
        slope = np.sign(apart) / (apart.shape[-2] * apart.shape[-1])
        gradient, inward = self.discriminator.back(v, hidden, -slope)
        return np.abs(apart).mean(axis=(-2, -1), dtype=float), gradient, slope + inward


def trained(
    images: np.ndarray, gammas: Sequence[float], projects: Sequence[bool], steps: int, seed: int
) -> Iterator[np.ndarray]:
    """(a, b, k after the step) of each step and run, [3, runs], on images in single precision.

    All runs start equal and see equal draws: those of one γ are equal up to the first k that is projected.
    """
    rng = np.random.default_rng(seed)
    players = Began(images.shape[1], rng, np.float32, (len(gammas),))
    adams = [Adam(players.RATE, players.BETA1, players.BETA2) for _ in range(2)]
    gamma, project, k = np.array(gammas), np.array(projects), np.zeros(len(gammas))
    for _ in range(steps):
        x = images[rng.integers(0, len(images), players.BATCH)]
        z = 2 * rng.random((players.BATCH, players.LATENT), np.float32) - 1
        at = players.slopes(x, z, k)
        players.discriminator.vector += adams[0].step(at.discriminator)
        players.generator.vector += adams[1].step(at.generator)
        k = moved(k, at.real, at.fake, gamma, project)
        yield np.stack([at.real, at.fake, k])
