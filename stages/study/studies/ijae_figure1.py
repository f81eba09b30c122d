"""Two Gaussians fitted to a mixture of four by four divergences: λ-IJAE, figure 1, in the setting of its appendix B.

For each divergence, restarts from chance are led down the gradient of its estimate from a batch of draws; of their ends
the one with the lowest estimate from many more draws is kept. That estimate is optimistic, being the lowest of many, so
`value` is the kept model's divergence integrated on a grid; and `optimum` is the least that an optimiser of the
integral itself finds from any restart's end.

The paper is silent about how it starts (here: means uniform on [-10, 10], log variances from N(0, 0.5²)) and steps
(here: Adam at 0.01, the gradient pathwise through draws from the model). Its e^θ2 is read as a variance.

What the paper says of the figure is measured on the kept model: its mass within three standard deviations of each of
the target's modes, and its mass where the target is improbable, outside the smallest region that holds 99 % of it.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from scipy.optimize import minimize

from stages import door
from stages.params import Count
from stages.study.adam import Adam
from stages.study.mixtures import (
    GRID,
    STEP,
    Divergence,
    Mixture,
    draw,
    estimate,
    gradient,
    integrated,
    jeffreys,
    jensen_shannon,
    log_density,
    mixture,
    sorted_by_mean,
)

NEEDS = ()
SEED = 0
WEIGHTS, MEANS, DEVIATIONS = [0.15, 0.35, 0.30, 0.20], [-8.0, -3.0, 3.0, 8.0], [0.2, 0.8, 1.0, 0.2]
DIVERGENCES = {
    "jeffreys": jeffreys(0.5),
    "forward-kl": jeffreys(1.0),
    "reverse-kl": jeffreys(0.0),
    "jsd": jensen_shannon(),
}
RATE, BETA1, BETA2 = 0.01, 0.9, 0.999
WITHIN = [(-15.0, 15.0), (-8.0, 6.0)] * 2  # where the optimiser of the integral may look
SHOWN = slice(3000, 7001, 10)  # of the grid: from -12 to 12


@dataclass(frozen=True)
class Sizes:
    restarts: Count
    steps: Count
    batch: Count
    last_batch: Count  # draws in the estimate that chooses a restart


def study(sizes: Sizes) -> dict[str, Any]:
    target = mixture(WEIGHTS, MEANS, DEVIATIONS)
    progress, steps = door.Progress("ijae-figure1", sizes.steps * len(DIVERGENCES), unit="step"), count(1)

    def fitted(number: int, divergence: Divergence) -> dict[str, Any]:
        rng = np.random.default_rng([SEED, number])
        ends = descend(divergence, target, sizes, rng, lambda: progress.reached(next(steps)))
        values = estimates(divergence, target, ends, sizes.last_batch, rng)
        kept = ends[values.argmin()]
        return {
            "value": integrated(divergence, target, kept)[0],
            "theta": sorted_by_mean(kept).tolist(),
            "estimate": float(values.min()),
            "estimates": sorted(values.tolist()),
            "optimum": optimum(divergence, target, ends),
            **measured(kept, target),
        }

    np.empty(30 * 2**20, np.uint8)  # freed at once; from then on glibc keeps large blocks, which halves the time
    with ThreadPoolExecutor(len(DIVERGENCES)) as pool:  # numpy works outside the interpreter's lock
        return dict(zip(DIVERGENCES, pool.map(fitted, count(), DIVERGENCES.values()), strict=True))


def descend(
    divergence: Divergence,
    target: Mixture,
    sizes: Sizes,
    rng: np.random.Generator,
    stepped: Callable[[], None],
) -> np.ndarray:
    """Where each restart ends, [restarts, 4]: all of them step at once, each on draws of its own."""
    shape, adam, single = (sizes.restarts, sizes.batch), Adam(RATE, BETA1, BETA2), target.astype(np.float32)
    theta = np.stack([rng.uniform(-10, 10, (2, sizes.restarts)), rng.normal(0, 0.5, (2, sizes.restarts))], axis=1)
    theta = theta.reshape(4, sizes.restarts).T
    for _ in range(sizes.steps):
        draws = draw(divergence, single, shape, rng, np.float32)
        theta = theta + adam.step(gradient(divergence, single, theta.astype(np.float32), draws).astype(np.float64))
        stepped()
    return theta


def estimates(
    divergence: Divergence, target: Mixture, theta: np.ndarray, size: int, rng: np.random.Generator
) -> np.ndarray:
    """[models], in double precision; one model at a time, because draws are many."""
    draws = (draw(divergence, target, (1, size), rng, np.float64) for _ in theta)
    return np.array([estimate(divergence, target, one[None], seen)[0] for one, seen in zip(theta, draws, strict=True)])


def optimum(divergence: Divergence, target: Mixture, starts: np.ndarray) -> dict[str, Any]:
    """The least value of the integral that is found from any of the starts."""
    low, high = np.array(WITHIN).T
    found = [
        minimize(
            lambda theta: integrated(divergence, target, theta),
            start.clip(low, high),
            jac=True,
            method="L-BFGS-B",
            bounds=WITHIN,
            options={"ftol": 1e-14, "gtol": 1e-9},
        )
        for start in starts
    ]
    best = min(found, key=lambda one: one.fun)
    return {"value": float(best.fun), "theta": sorted_by_mean(best.x).tolist()}


def measured(theta: np.ndarray, target: Mixture) -> dict[str, Any]:
    """A model's masses, and the logarithms of both densities at some points, for a plot."""
    x, log_model, log_wanted = GRID[0], log_density(theta), target.look(GRID).log_density[0]
    model, wanted = np.exp(log_model), np.exp(log_wanted)
    near = [np.abs(x - mean) < 3 * spread for mean, spread in zip(MEANS, DEVIATIONS, strict=True)]
    order = wanted.argsort()[::-1]
    improbable = order[(wanted[order].cumsum() * STEP).searchsorted(0.99) + 1 :]
    return {
        "mass_near_modes": [float(model[place].sum() * STEP) for place in near],
        "target_near_modes": [float(wanted[place].sum() * STEP) for place in near],
        "mass_where_improbable": float(model[improbable].sum() * STEP),
        "curve": {
            "x": x[SHOWN].round(6).tolist(),
            "log_density": log_model[SHOWN].round(4).tolist(),
            "log_target": log_wanted[SHOWN].round(4).tolist(),
        },
    }


def found(results: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {told['value']:.4f} (at best {told['optimum']['value']:.4f})" for name, told in results.items()
    )
