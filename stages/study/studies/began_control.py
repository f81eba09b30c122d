"""BEGAN's control variable with and without projection into [0, 1]: the slides' criticism in numbers.

The slides print k_{t+1} = k_t + λ_k (γ a - b), a and b the losses on images and on samples, and k in [0, 1]; they say
that this does not keep it there, and that with a projection some settings hold it at 0. Three kinds of losses:

    scripts   five courses of (a, b) that k does not influence, each with its exact answer
    loop      a toy in which b rises with k, the loop that the controller is meant for
    trained   a BEGAN with networks of one hidden layer in numpy, on a dataset's training images, λ_k as printed, and
              the same run with and without projection, for three γ

Trained runs are no row of a table: their networks only have to give losses that react to k as real ones do. The one
criticism that is about the derivation stands in `facts`: W1 >= b - a, from which the loss is derived, says nothing at
the equilibrium b = γ a, where that bound is (γ - 1) a < 0, and the other one, a - b, is not.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stages import arrays, door
from stages.params import Count
from stages.study.control import Losses, loop, trace, trained

NEEDS = ("data",)
SEED = 0
GAMMAS = (0.0, 0.5, 1.0)
POINTS = 200  # of a curve
VARIANTS = {"projected": True, "unprojected": False}


@dataclass(frozen=True)
class Sizes:
    steps: Count  # of a trained run


@dataclass(frozen=True)
class Script:
    says: str
    gamma: float
    losses: Losses
    steps: int


SCRIPTS = {
    "A": Script("a = 1, b = 0.1: samples far too good", 0.5, lambda t: (1.0, 0.1), 5000),
    "B": Script("a = 0.2, b = 0.3: samples worse than images", 0.5, lambda t: (0.2, 0.3), 5000),
    "C": Script("a = 0.2, b = 0.1, no diversity asked for", 0.0, lambda t: (0.2, 0.1), 5000),
    "D": Script(
        "a = 1, b = 0.1 until step 3000, then 0.8: wound up", 0.5, lambda t: (1.0, 0.1 if t < 3000 else 0.8), 8000
    ),
    "E": Script(
        "a = 1, b = 0.6 until step 1000, then 0.3: a late crossing",
        0.5,
        lambda t: (1.0, 0.6 if t < 1000 else 0.3),
        3000,
    ),
}


def study(sizes: Sizes, data: Path) -> dict[str, Any]:
    ks = {
        name: {variant: trace(script.losses, script.gamma, script.steps, on) for variant, on in VARIANTS.items()}
        for name, script in SCRIPTS.items()
    }
    return {
        "scripts": {name: told(script, ks[name]) for name, script in SCRIPTS.items()},
        "loop": closed_loop(),
        "facts": facts(ks),
        "trained": {f"{gamma:g}": runs for gamma, runs in all_trained(sizes, data).items()},
    }


def told(script: Script, ks: dict[str, np.ndarray]) -> dict[str, Any]:
    shown = slice(None, None, script.steps // POINTS)
    return {
        "says": script.says,
        "gamma": script.gamma,
        "steps": np.arange(script.steps + 1)[shown].tolist(),
        **{variant: k[shown].tolist() for variant, k in ks.items()},
        "first_step_outside": first_outside(ks["unprojected"]),
    }


def first_outside(k: np.ndarray) -> int | None:
    """The first step after which k is not in [0, 1]; sums of 1e-3 are rounded, so within 1e-9."""
    outside = np.flatnonzero((k < -1e-9) | (k > 1 + 1e-9))
    return int(outside[0]) if len(outside) else None


def closed_loop() -> dict[str, Any]:
    gamma, real, gain, rest = 0.5, 1.0, 0.01, 0.3
    period = 2 * np.pi / np.sqrt(1e-3 * gain)
    k, fake = loop(gamma, real, gain, rest, round(3 * period))
    shown = slice(None, None, len(k) // POINTS)
    return {
        "says": f"a = {real:g}, and b rises by {gain:g} (k - {rest:g}) a step",
        "gamma": gamma,
        "steps": np.arange(len(k))[shown].tolist(),
        "k": k[shown].tolist(),
        "fake": fake[shown].tolist(),
        "mean_fake": float(fake[:-1].mean()),
        "mean_k": float(k[:-1].mean()),
    }


def facts(ks: dict[str, dict[str, np.ndarray]]) -> dict[str, float | None]:
    """What the scripts and the bounds come to, each number with a name of its own."""
    at = {"A": 3000, "B": 1000, "C": 1000, "E": 2000}
    numbers = {
        f"trace_{name}_k_after_{step}_{variant}": float(ks[name][variant][step])
        for name, step in at.items()
        for variant in VARIANTS
    }
    zero = {variant: 3000 + int(np.argmax(k[3000:] < 1e-9)) for variant, k in ks["D"].items()}
    real, fake = np.array([0.1, 0.1]), np.array([0.05, 0.05])
    return {
        **numbers,
        "trace_A_first_step_outside": first_outside(ks["A"]["unprojected"]),
        "trace_D_first_zero_projected": zero["projected"],
        "trace_D_first_zero_unprojected": zero["unprojected"],
        "trace_D_delay": zero["unprojected"] - zero["projected"],
        "gamma_zero_k_max": float(ks["C"]["projected"].max()),
        "equilibrium_chosen_bound": float(fake.mean() - real.mean()),
        "equilibrium_true_bound": float(abs(real.mean() - fake.mean())),
        "wasserstein_one_above_the_other": wasserstein([0.05, 0.15], [0.02, 0.08]),
        "wasserstein_of_equal_means": wasserstein([0.0, 0.2], [0.1, 0.1]),
    }


def wasserstein(real: list[float], fake: list[float]) -> float:
    """W1 of as many losses on either side: the best coupling of numbers is in order."""
    return float(np.abs(np.sort(real) - np.sort(fake)).mean())


def all_trained(sizes: Sizes, data: Path) -> dict[float, dict[str, Any]]:
    images = np.array(arrays.load(data / "train" / "images.npy"))
    x = images.reshape(len(images), -1).astype(np.float32) / 127.5 - 1
    progress = door.Progress("began-control", sizes.steps, unit="step")
    each = [(gamma, variant) for gamma in GAMMAS for variant in VARIANTS]
    log = np.empty((sizes.steps, 3, len(each)))
    games = trained(x, [gamma for gamma, _ in each], [VARIANTS[variant] for _, variant in each], sizes.steps, SEED)
    for done, step in enumerate(games):
        log[done] = step
        progress.reached(done + 1)
    results: dict[float, dict[str, Any]] = {}
    for place, (gamma, variant) in enumerate(each):
        results.setdefault(gamma, {})[variant] = summary(log[:, :, place], gamma)
    return results


def summary(log: np.ndarray, gamma: float) -> dict[str, Any]:
    """Of a trained run's (a, b, k): curves, as means over equal parts of it; its end, as means over its last fifth."""
    real, fake, k = log.T
    edges = np.linspace(0, len(log), min(POINTS, len(log)) + 1).astype(int)
    a, b, at = (np.array([part.mean() for part in np.split(values, edges[1:-1])]) for values in (real, fake, k))
    last = slice(-max(len(log) // 5, 1), None)
    return {
        "steps": edges[1:].tolist(),
        "real": a.tolist(),
        "fake": b.tolist(),
        "k": at.tolist(),
        "k_least": float(k.min()),
        "k_most": float(k.max()),
        "first_step_outside": first_outside(np.concatenate([[0.0], k])),
        "share_at_zero": float((k == 0).mean()),
        "share_outside": float(((k < 0) | (k > 1)).mean()),
        "share_vacuous": float((fake < real).mean()),
        "end": {
            "balance": float(fake[last].mean() / real[last].mean()),
            "chosen_bound": float((fake[last] - real[last]).mean()),
            "true_bound": float(abs(real[last].mean() - fake[last].mean())),
            "convergence": float((real[last] + np.abs(gamma * real[last] - fake[last])).mean()),
        },
    }


def found(results: dict[str, Any]) -> str:
    free = {gamma: runs["unprojected"] for gamma, runs in results["trained"].items()}
    runs = [f"at γ {gamma} k is in [{one['k_least']:.3g}, {one['k_most']:.3g}]" for gamma, one in free.items()]
    delay = results["facts"]["trace_D_delay"]
    return f"trained without projection, {'; '.join(runs)}; a wound-up script is {delay} steps late"
