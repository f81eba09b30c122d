"""BEGAN's ledger, as the slides give it."""

import numpy as np

from stages.study.adam import Adam
from stages.study.control import moved
from stages.study.given import Given, Numbers
from stages.study.slopes import slope

GAMMA = 0.5


def expectations(given: Given) -> Numbers:
    """The ratio of losses that are exponential, of mean 1 on images and 0.5 on samples: of expectations, and the mean
    over batches of the ratio of their means.
    """
    rng, size = np.random.default_rng(0), given.knob("began", "batch")
    real = rng.exponential(1.0, (20_000, size)).mean(axis=1)
    fake = rng.exponential(0.5, (20_000, size)).mean(axis=1)
    return {
        "ratio of expectations": 0.5 / 1.0,
        "mean ratio in batches": (fake / real).mean(),
        "its deviation from batch to batch": (fake / real).std(),
        "mean of γ a - b": (GAMMA * real - fake).mean(),
        "its deviation": (GAMMA * real - fake).std(),
        "images in a batch": size,
    }


def generator_loss(given: Given) -> Numbers:
    """How minus the discriminator's loss, and its one term without the factor k, change with a generator's weight."""

    def fake(weight: float) -> float:
        return (weight - 1) ** 2

    def negative(weight: float, k: float) -> float:
        return -(0.2 - k * fake(weight))  # a has no such weight

    def first_step(gradient: float) -> float:
        return float(
            Adam(1.0, given.knob("began", "beta1"), given.knob("began", "beta2")).step(np.array([gradient]))[0]
        )

    by_factor, by_term = slope(lambda weight: negative(weight, 0.3), 0.5), slope(fake, 0.5)
    return {
        "slope of minus the loss, k = 0.3": by_factor,
        "slope of minus the loss, k = 0": slope(lambda weight: negative(weight, 0.0), 0.5),
        "slope of the term": by_term,
        "Adam's first step, minus the loss, k = 0.3": first_step(by_factor),
        "Adam's first step, the term": first_step(by_term),
    }


def order(given: Given) -> Numbers:
    """k after a thousand steps, by the losses before or after each, while the loss on samples falls by 1 % a step; and
    how much γ a - b scatters, when the generator's z is the discriminator's and when it is drawn anew.
    """
    before = after = 0.0
    for step in range(1000):
        before = moved(before, 1.0, 0.99**step, GAMMA, project=False)
        after = moved(after, 1.0, 0.99 ** (step + 1), GAMMA, project=False)
    rng, size = np.random.default_rng(0), given.knob("began", "batch")
    losses = rng.exponential(0.5, (2, 20_000, size)).mean(axis=2)
    return {
        "k, losses before": before,
        "k, losses after": after,
        "difference": after - before,
        "deviation of one draw's loss from the generator's, same z": (losses[0] - losses[0]).std(),
        "deviation of one draw's loss from the generator's, another z": (losses[0] - losses[1]).std(),
    }


def quoted(given: Given) -> Numbers:
    """The slides' Inception Scores beside those of AGE's paper."""
    slides = {one["system"]: float(one["value"]) for one in given.printed["began"] if one["metric"] == "IS"}
    return {
        **{f"slides, {system}": value for system, value in slides.items()},
        **{f"AGE's paper, {system}": given.value("age", system=system, metric="IS") for system in ("AGE", "ALI")},
        "scores with a spread, on the slides": sum(one["std"] is not None for one in given.printed["began"]),
    }
