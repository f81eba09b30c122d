"""α-GAN's ledger."""

from functools import partial
from itertools import pairwise, product
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit, softmax

from stages.evaluate.metrics.diversity import WINDOW, weights_for
from stages.study.given import Given, Numbers
from stages.study.layers import COLORS, NUMBERS, conv, linear, norm, perceptron, sides
from stages.study.normal import fitted_kl, kl, log_density, on_sphere
from stages.study.slopes import Function, slope

CIFAR10_TRAIN, CIFAR10_TEST = 50_000, 10_000  # images
VGG_CROP, VGG_MAPS = 24, (64, 64, 128, 128, 128, 256, 256, 256, 512, 512, 512)
VGG_STRIDES = {"printed": (2, 1, 2, 1, 2, 2, 2, 2, 2, 2, 2), "repaired": (1, 1, 2, 1, 1, 2, 1, 1, 2, 1, 1)}
SWEPT_WEIGHTS, SWEPT_RATES = (1, 5, 10, 50), (1e-4, 5e-4)  # Table 2 and app. H.1


def real_weight(given: Given) -> Numbers:
    """The discriminator's loss where images, reconstructions and samples are all alike, with either weight of images:
    at even chances, and where it is least.
    """
    told: Numbers = {}
    for weight in (2, 1):

        def loss(d: float, weight: int = weight) -> float:
            return float(-weight * np.log(d) - 2 * np.log(1 - d))

        least = minimize_scalar(loss, bounds=(1e-6, 1 - 1e-6), method="bounded", options={"xatol": 1e-10})
        told |= {
            f"loss at D = 1/2, weight {weight}": loss(0.5),
            f"best D, weight {weight}": least.x,
            f"least loss, weight {weight}": least.fun,
        }
    return told | {"weight taken": given.knob("alpha_gan", "real_weight")}


def reconstruction_term(given: Given) -> Numbers:
    """How the generator's term for reconstructions changes with the generator's one weight, 2, on a code of 0.5, when a
    discriminator of logit 3 x looks at the code, and at the reconstruction.
    """

    def logit_of(x: float) -> float:
        return 3 * x

    return {
        "slope, of the code": slope(lambda weight: -logit_of(0.5), 2.0),
        "slope, of the reconstruction": slope(lambda weight: -logit_of(weight * 0.5), 2.0),
    }


def reverse_kl(given: Given) -> Numbers:
    """D of a sample after a hundred steps of 0.01 down either term's gradient along the logit, from even chances."""

    def printed(d: float) -> float:
        return float(np.log(expit(d)) - np.log(1 - expit(d)))

    def equation(d: float) -> float:
        return -printed(d)

    def descended(term: Function) -> float:
        d = 0.0
        for _ in range(100):
            d -= 0.01 * slope(term, d)
        return float(expit(d))

    return {
        "Eq. 9 at D = 0.9": equation(logit(0.9)),
        "minus the logit there": -logit(0.9),
        "the text's at D = 0.9": printed(logit(0.9)),
        "D after steps down Eq. 9": descended(equation),
        "D after steps down the text's": descended(printed),
    }


def two_lambdas(given: Given) -> Numbers:
    """The jobs of a sweep for each latent size, with one weight of reconstructions, and with two."""
    return {
        "jobs, one weight": len(list(product(SWEPT_WEIGHTS, SWEPT_RATES))),
        "jobs, two weights": len(list(product(SWEPT_WEIGHTS, SWEPT_WEIGHTS, SWEPT_RATES))),
        "taken, of the encoder": given.knob("alpha_gan", "encoder_weight"),
        "taken, of the generator": given.knob("alpha_gan", "generator_weight"),
    }


def l1(given: Given) -> Numbers:
    """The reconstruction term of images of CIFAR-10's size that differ by 0.1 everywhere, with the weight taken, and
    the adversarial term of a sample that the discriminator gives 1 in 10.
    """
    weight, apart = given.knob("alpha_gan", "encoder_weight"), np.full(NUMBERS, 0.1)
    return {
        "weight": weight,
        "weight times sum": weight * apart.sum(),
        "weight times mean": weight * apart.mean(),
        "adversarial term": -logit(0.1),
    }


def twice(given: Given) -> Numbers:
    """Where steps of 0.25 lead encoder e and generator g from 0 in the loss (e + g - 1)², each stepped twice."""

    def stepped(order: list[str]) -> tuple[float, float]:
        at = {"e": 0.0, "g": 0.0}
        for players in order:
            slope_now = 2 * (at["e"] + at["g"] - 1)
            for player in players:
                at[player] -= 0.25 * slope_now
        return at["e"], at["g"]

    return {
        "e and g, in turn": list(stepped(["e", "g", "e", "g"])),
        "e and g, one after the other": list(stepped(["e", "e", "g", "g"])),
        "e and g, jointly": list(stepped(["eg", "eg"])),
        "steps taken for each of the discriminators": given.knob("alpha_gan", "generator_steps"),
    }


def iteration(given: Given) -> Numbers:
    """Steps of the networks in the printed number of iterations, counted as one network's steps or another's."""
    iterations, steps = given.knob("alpha_gan", "iterations"), given.knob("alpha_gan", "generator_steps")
    of_wgan, critic_steps = given.knob("wgan_gp", "iterations"), given.knob("wgan_gp", "critic_steps")
    return {
        "iterations": iterations,
        "α-GAN's generator, if they are the discriminator's": iterations * steps,
        "α-GAN's discriminator, if they are the generator's": iterations // steps,
        "WGAN-GP's critic, if they are the generator's": of_wgan * critic_steps,
        "WGAN-GP's generator, if they are the critic's": of_wgan // critic_steps,
    }


def encoder(given: Given) -> Numbers:
    """How far codes are from the prior in all, when the encoder draws them with a deviation of 0.5 or not at all, and
    how far two codes of one image are apart.
    """
    told: Numbers = {}
    for name, spread in (("no draw", 0.0), ("a draw", 0.5)):
        rng = np.random.default_rng(0)
        means = (1 - spread**2) ** 0.5 * rng.standard_normal(100_000)
        one, other = means + spread * rng.standard_normal((2, len(means)))
        told |= {
            f"divergence of all codes, {name}": fitted_kl(one),
            f"mean squared distance of two codes, {name}": np.square(one - other).mean(),
        }
    return told


def age_coefficients(given: Given) -> Numbers:
    """How steep AGE's term of codes is along the angle of code and target, at 60 degrees, with each coefficient."""
    latent, own = given.knob("age", "latent"), given.knob("age", "code_weight")

    def averaged(angle: float) -> float:
        return float(2 - np.cos(angle) / latent)  # the authors' code

    def plain(angle: float) -> float:
        return float(1 - np.cos(angle))

    at = np.pi / 3
    return {
        "AGE's weight of codes": own,
        "AGE's, its code's term": own * slope(averaged, at),
        "10, its code's term": 10 * slope(averaged, at),
        "10, a cosine that is not averaged": 10 * slope(plain, at),
        "AGE's weight of images": given.knob("age", "data_weight"),
    }


def eq18_constant(given: Given) -> Numbers:
    """The divergence of codes of 100 numbers that have mean 0 and deviation 1, which is none, with each constant."""
    sizes = 100
    means, deviations = np.zeros(sizes), np.ones(sizes)
    terms = ((deviations**2 + means**2) / 2 - np.log(deviations)).sum()
    return {
        "a half a dimension, over all": (terms - 0.5 * sizes) / sizes,
        "half of the size added": terms + sizes / 2,
        "half of the size taken from the mean": terms / sizes - sizes / 2,
        "mean 0 and deviation 2, as it is taken": kl(0, 2),
    }


def eq18_posterior(given: Given) -> Numbers:
    """The divergence from N(0, 1) of the codes of a batch of which half lie about -1 and half about 1, with a deviation
    of 0.1: of all together, and of one image.
    """
    spread = 0.1
    signs = np.repeat([-1.0, 1.0], 50_000)
    codes = signs + spread * np.random.default_rng(0).standard_normal(len(signs))
    return {"of the batch": fitted_kl(codes), "of one image": kl(1.0, spread)}


def batch_norm(given: Given) -> Numbers:
    """The slope of a linear critic at an image 0, beside two sets of other images, with and without batch norm."""

    def normalised(x: float, others: list[float]) -> float:
        batch = np.array([x, *others])
        return float((x - batch.mean()) / batch.std())

    told: Numbers = {}
    for others in ([1.0, 2.0, 3.0], [1.0, 2.0, 9.0]):
        beside = f"others {others[0]:g}, {others[1]:g}, {others[2]:g}"
        told[f"slope, {beside}, without"] = slope(lambda x: x, 0.0)
        told[f"slope, {beside}, with batch norm"] = slope(partial(normalised, others=others), 0.0)
    return told | {"taken in WGAN-GP's critic": given.knob("wgan_gp", "discriminator_norm")}


def architecture(given: Given) -> Numbers:
    """Numbers of weights at 32 pixels of the networks that the text names, by Gulrajani, and of those that it links, by
    Arjovsky.
    """
    latent, width = given.knob("alpha_gan", "latent"), given.knob("alpha_gan", "width")
    linked = [conv(2 * maps, maps, 4, bias=False) for maps in (2 * width, width)]
    maps = (512, 256, 128)
    named = sum(conv(ins, outs, 5) + norm(outs) for ins, outs in pairwise(maps))
    critic = (COLORS, 128, 256, 512)
    return {
        "generator, linked": conv(latent, 4 * width, 4, bias=False)
        + sum(linked)
        + conv(width, COLORS, 4, bias=False)
        + sum(norm(times * width) for times in (4, 2, 1)),
        "generator, named": linear(128, 512 * 4**2) + norm(512 * 4**2) + named + conv(128, COLORS, 5),
        "discriminator, linked": conv(COLORS, width, 4, bias=False)
        + sum(linked)
        + conv(4 * width, 1, 4, bias=False)
        + norm(2 * width)
        + norm(4 * width),
        "discriminator, named": sum(conv(ins, outs, 5) for ins, outs in pairwise(critic)) + linear(512 * 4**2, 1),
    }


def two_heads(given: Given) -> Numbers:
    """The chance of `real` by two units and a softmax, and by one unit that is their difference; and what ten units for
    classes would add.
    """
    units, features = np.array([1.3, -0.4]), 64 * 4**2  # of Table 3's last maps
    return {
        "softmax of 1.3 and -0.4": softmax(units)[0],
        "sigmoid of their difference": expit(units[0] - units[1]),
        "weights of one unit": linear(features, 1),
        "weights of two": linear(features, 2),
        "weights of ten for classes": linear(features, 10),
    }


def dropout(given: Given) -> Numbers:
    """The share of zeros, and the deviation of what is left of ones, scaled up, when 0.8 is kept and when it goes."""
    told: Numbers = {}
    for name, kept in (("kept", 0.8), ("dropped", 0.2)):
        left = (np.random.default_rng(0).random(100_000) < kept) / kept
        told |= {f"share of zeros, 0.8 {name}": (left == 0).mean(), f"deviation, 0.8 {name}": left.std()}
    return told | {"share dropped on ColorMNIST": given.of_row("dcgan-colormnist", "dropout_share")}


def code_discriminator(given: Given) -> Numbers:
    """The code discriminator's number of weights, if its three layers are hidden, and if the output is the third."""
    latent = given.knob("alpha_gan", "latent")
    return {
        "three hidden layers and the output": perceptron(latent, 750, 750, 750, 1),
        "two hidden layers and the output": perceptron(latent, 750, 750, 1),
    }


def vgg_strides(given: Given) -> Numbers:
    """Pixels a side of what each layer takes and the last one gives, with the printed strides and the repaired."""
    at = {name: [VGG_CROP, *sides(VGG_CROP, strides)] for name, strides in VGG_STRIDES.items()}
    maps = (COLORS, *VGG_MAPS)
    return {
        "sides, printed": at["printed"],
        "sides, repaired": at["repaired"],
        "layers that see one pixel, printed": at["printed"][:-1].count(1),
        "layers that see one pixel, repaired": at["repaired"][:-1].count(1),
        "convolutions' weights, either way": sum(conv(ins, outs, 3, bias=False) for ins, outs in pairwise(maps)),
        "taken": given.suite.classifiers["vgg"]["strides"],
    }


def vgg_epochs(given: Given) -> Numbers:
    """What 80,000 steps and 80,000 epochs of CIFAR-10 are to each other, and an accuracy of 5.5 % to chance."""
    vgg: Any = given.suite.classifiers["vgg"]
    error = given.value("alpha-gan", system="VGG classifier")
    return {
        "80,000 steps, in epochs": vgg["steps"] * vgg["batch"] / CIFAR10_TRAIN,
        "80,000 epochs, in steps": vgg["steps"] * (CIFAR10_TRAIN // vgg["batch"]),
        "accuracy as printed": error,
        "accuracy if it is an error": 100 - error,
        "accuracy of a guess": 100 / 10,
    }


def vgg_crop(given: Given) -> Numbers:
    """What training sees of one image of 32 pixels in crops of 24, and what the centre holds."""
    places = (32 - VGG_CROP + 1) ** 2
    return {
        "places of a crop": places,
        "crops with flips": 2 * places,
        "share of an image in a crop": (VGG_CROP / 32) ** 2,
        "first row of the centre": (32 - VGG_CROP) // 2,
    }


def ball(given: Given) -> Numbers:
    """Draws from the ball and from the sphere, of the latent size taken: their length, and the variance of a number."""
    latent = given.knob("age", "latent")
    rng = np.random.default_rng(0)
    sphere = on_sphere(5_000, latent, rng)
    inside = sphere * rng.random((len(sphere), 1)) ** (1 / latent)
    return {
        "mean length, sphere": np.linalg.norm(sphere, axis=1).mean(),
        "mean length, ball": np.linalg.norm(inside, axis=1).mean(),
        "least length, ball": np.linalg.norm(inside, axis=1).min(),
        "variance times latent size, sphere": latent * np.square(sphere).mean(),
        "variance times latent size, ball": latent * np.square(inside).mean(),
        "prior taken": given.knob("age", "prior"),
    }


def colormnist(given: Given) -> Numbers:
    """Images of three digits and of one digit in a random colour, built from these test images: how many kinds there
    are, and how alike two colours are.
    """
    grey = given.images.mean(axis=3).reshape(len(given.images), -1)
    rng = np.random.default_rng(0)
    three = grey[rng.integers(0, len(grey), (2, 2000))]
    one = grey[rng.integers(0, len(grey), 2000)] * rng.random((2, 2000, 1))
    return {
        "kinds, three digits": len(set(product(range(10), repeat=3))),
        "kinds, one digit in colour": len(set(range(10))),
        "correlation of red and green in an image, three digits": alike(*three),
        "correlation of red and green in an image, one digit": alike(*one),
    }


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """The mean correlation of rows that are not constant, less what any two rows have in common."""
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return float(((one * other).sum(axis=1)[lengths > 0] / lengths[lengths > 0]).mean())


def validation(given: Given) -> Numbers:
    """How the test images of CIFAR-10 are shared out, and what that costs: the error of a mean grows."""
    learned_from = CIFAR10_TEST // 2
    scored = CIFAR10_TEST - learned_from
    return {
        "images that the critic learns from": learned_from,
        "images that it is scored on": scored,
        "error of a mean over them, in those over all": (CIFAR10_TEST / scored) ** 0.5,
        "the same in this workspace's dataset, images scored on": len(given.images) - len(given.images) // 2,
    }


def ms_ssim(given: Given) -> Numbers:
    """Sides of an image of 64 pixels at each scale, the windows taken there, and the side that fits all windows."""
    scales = len(weights_for(64))
    at = [64 // 2**scale for scale in range(scales)]
    return {
        "sides": at,
        "windows taken": [min(WINDOW, side) for side in at],
        "scales that fit the window whole": sum(side >= WINDOW for side in at),
        "least side that fits all": WINDOW * 2 ** (scales - 1),
        "pairs taken in the profile paper": given.suite.profiles["paper"].evaluate.diversity_pairs,
    }


def jensen(given: Given) -> Numbers:
    """The log likelihood of an image 0 under G(z) = z, z ~ N(0, 1), and the bound on it, for falling deviations of the
    likelihood.
    """
    z = np.linspace(-10, 10, 20_001)
    prior = np.exp([log_density(at, 0, 1) for at in z])
    told = {"log likelihood, deviation 0.01": log_density(0, 0, (1 + 0.01**2) ** 0.5)}
    for deviation in (1.0, 0.1, 0.01):
        inside = np.array([log_density(0, at, deviation) for at in z])
        told[f"bound, deviation {deviation:g}"] = (prior * inside).sum() * (z[1] - z[0])
    return told


def batches_apart(given: Given) -> Numbers:
    """How far apart the means of images -1 and 1 and of fakes 3 and 5 are after batch norm, by themselves and
    together.
    """
    real, fake = np.array([-1.0, 1.0]), np.array([3.0, 5.0])
    together = np.concatenate([real, fake])
    apart = [(part - part.mean()) / part.std() for part in (real, fake)]
    joint = (together - together.mean()) / together.std()
    return {
        "before": fake.mean() - real.mean(),
        "each by itself": apart[1].mean() - apart[0].mean(),
        "together": joint[2:].mean() - joint[:2].mean(),
    }
