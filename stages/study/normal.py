"""Normal laws: their log densities, and divergences of one with a diagonal covariance from N(0, I)."""

import numpy as np


def log_density(x: float, mean: float, deviation: float) -> float:
    return float(-0.5 * ((x - mean) / deviation) ** 2 - np.log(deviation) - 0.5 * np.log(2 * np.pi))


def kl(mean: float, deviation: float) -> float:
    """KL(N(mean, deviation²) || N(0, 1)), of one dimension."""
    return float((deviation**2 + mean**2) / 2 - np.log(deviation) - 0.5)


def fitted_kl(codes: np.ndarray) -> float:
    """The same of the normal law that has the codes' mean and variance: α-GAN's Eq. 18, AGE's Eq. 7."""
    return kl(float(codes.mean()), float(codes.std()))


def on_sphere(n: int, latent: int, rng: np.random.Generator) -> np.ndarray:
    draws = rng.standard_normal((n, latent))
    return np.asarray(draws / np.linalg.norm(draws, axis=1, keepdims=True))
