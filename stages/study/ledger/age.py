"""AGE's ledger."""

import numpy as np

from stages.study.given import Given, Numbers
from stages.study.layers import NUMBERS
from stages.study.slopes import slope

CELEBA_TRAIN = 162_770  # images
TINY_IMAGENET, ILSVRC = 200 * 500, 1_281_167  # training images
CARS = {"train": 8_144, "test": 8_041}


def code_term(given: Given) -> Numbers:
    """The term of codes as printed and in the authors' code, on the sphere: for a code that is met, and how steep it is
    along the angle at 60 degrees.
    """
    latent, weight = given.knob("age", "latent"), given.knob("age", "code_weight")

    def printed(angle: float) -> float:
        return float((np.cos(angle) - 1) ** 2 + np.sin(angle) ** 2)  # |ẑ - z|²

    def code(angle: float) -> float:
        return float(2 - np.cos(angle) / latent)

    ratio = slope(printed, np.pi / 3) / slope(code, np.pi / 3)
    return {
        "code met, printed": printed(0.0),
        "code met, the code's": code(0.0),
        "steepness, printed": slope(printed, np.pi / 3),
        "steepness, the code's": slope(code, np.pi / 3),
        "printed over the code's": ratio,
        "the weight taken, on the printed term": weight / ratio,
    }


def l1(given: Given) -> Numbers:
    """The term of images that differ by 0.1 everywhere, of CIFAR-10's size, with the weight taken."""
    weight, apart = given.knob("age", "data_weight"), np.full(NUMBERS, 0.1)
    return {
        "weight": weight,
        "weight times mean": weight * apart.mean(),
        "weight times sum": weight * apart.sum(),
        "the weight taken, on the sum": weight * apart.mean() / apart.sum(),
    }


def weights(given: Given) -> Numbers:
    """How much 0.1 in the angle of a code, from 60 degrees on, and 0.1 in every pixel move the two terms."""
    latent = given.knob("age", "latent")
    by_angle = 0.1 * slope(lambda angle: float(2 - np.cos(angle) / latent), np.pi / 3)
    codes, images = given.knob("age", "code_weight"), given.knob("age", "data_weight")
    return {
        "weight of codes": codes,
        "weight of images": images,
        "term of codes": codes * by_angle,
        "term of images": images * 0.1,
        "term of codes, exchanged": images * by_angle,
        "term of images, exchanged": codes * 0.1,
    }


def generator_steps(given: Given) -> Numbers:
    """The generator's steps in ten epochs of CelebA, with the paper's number and with the command's."""
    iterations = 10 * (CELEBA_TRAIN // given.knob("age", "batch"))
    two, three = given.knob("age", "generator_steps"), given.of_row("age-celeba", "generator_steps")
    return {
        "of the encoder": iterations,
        "of the generator, paper": two * iterations,
        "of the generator, command": three * iterations,
        "taken on CelebA": three,
        "taken elsewhere": two,
    }


def figure_9(given: Given) -> Numbers:
    """What an L1 term of images that differ by 0.1 adds to the generator's loss, beside all that its term of codes can
    change by.
    """
    codes, latent = given.knob("age", "code_weight"), given.of_row("age-datal1-celeba", "latent")
    taken = given.of_row("age-datal1-celeba", "generator_data_weight")
    told = {f"term of images, weight {weight:g}": weight * 0.1 for weight in (1.0, 10.0, 100.0)}
    return told | {"range of the term of codes": codes * 2 / latent, "weight taken": taken}


def tiny_imagenet(given: Given) -> Numbers:
    """What the command's six epochs are in steps, of the set of 200 classes and of ILSVRC-2012."""
    batch = given.knob("age", "batch")
    return {
        "steps, 200 classes": 6 * (TINY_IMAGENET // batch),
        "steps, ILSVRC-2012": 6 * (ILSVRC // batch),
        "steps taken": given.of_row("age-tiny-imagenet", "iterations"),
        "pixels a side taken": given.suite.datasets["tiny-imagenet"].size,
    }


def cars(given: Given) -> Numbers:
    """How 16,000 training images can come from the parts of Stanford Cars."""
    return {
        "training part": CARS["train"],
        "both parts": sum(CARS.values()),
        "missing from the training part": 16_000 - CARS["train"],
        "left for a test": sum(CARS.values()) - 16_000,
    }


def improved_gan(given: Given) -> Numbers:
    """The quoted score beside AGE's own and the best that is quoted."""
    table = {"artifact": "Inception Score", "metric": "IS"}
    quoted = given.value("age", system="Improved GAN without labels", **table)
    own = given.value("age", system="AGE", **table)
    return {
        "Improved GAN without labels": quoted,
        "AGE": own,
        "AGE less Improved GAN": own - quoted,
        "best that is quoted": max(given.values("age", source="literature", **table)),
    }


def epochs(given: Given) -> Numbers:
    """Steps of ten epochs of CelebA, and of the commands' five at a batch of 64 and one at 256."""
    batch = given.knob("age", "batch")
    ten, commands = 10 * (CELEBA_TRAIN // batch), 5 * (CELEBA_TRAIN // batch) + CELEBA_TRAIN // 256
    return {
        "ten epochs": ten,
        "the commands": commands,
        "ten epochs over the commands": ten / commands,
        "taken": given.of_row("age-celeba", "iterations"),
    }


def vae(given: Given) -> Numbers:
    """What a decoder that knows nothing gives for a pixel that is 0 in two images of three and else 1, and what a
    pixel that is 0.1 wrong costs, by either likelihood.
    """
    pixels, guesses = np.array([0.0, 0.0, 1.0]), np.linspace(0, 1, 100_001)[:, None]
    costs = {"laplace": lambda apart: np.abs(apart), "gaussian": lambda apart: apart**2 / 2}
    told = {
        f"best guess, {name}": guesses[cost(pixels - guesses).sum(axis=1).argmin(), 0] for name, cost in costs.items()
    }
    told |= {f"cost of 0.1, {name}": cost(np.array(0.1)) for name, cost in costs.items()}
    return told | {
        "taken on CelebA": given.of_row("vae-celeba", "likelihood"),
        "taken elsewhere": given.knob("vae", "likelihood"),
    }
