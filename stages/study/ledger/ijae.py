"""λ-IJAE's ledger."""

from collections.abc import Iterable
from functools import partial

import numpy as np
from scipy.optimize import minimize

from stages.evaluate.metrics.inception_score import inception_score
from stages.study.adam import Adam
from stages.study.given import Given, Numbers
from stages.study.layers import COLORS, SIDE, conv, linear
from stages.study.mixtures import integrated, jeffreys, mixture
from stages.study.normal import log_density
from stages.study.slopes import slope, slopes

TABLE_1_LAMBDA = 0.3
SIGMA = 1e-8  # of r', as printed
G, X, R_DEVIATION, OTHER_DEVIATION = 0.7, 0.2, 0.5, 0.3  # a generator, an image, and the deviations of r and r'


def weights(given: Given) -> Numbers:
    """The weight of the adversarial term, and the deviation of the normal law that is nearest to two modes of deviation
    0.5 by λ KL(p || q) + (1 - λ) KL(q || p) at λ = 0.1, in each reading.
    """
    taken = TABLE_1_LAMBDA
    return {
        "λ of Table 1": taken,
        "adversarial weight, objective": 1 - taken,
        "adversarial weight, Eq. 6": taken,
        "deviation at λ = 0.1, objective": nearest_deviation(0.1),
        "deviation at λ = 0.1, Eq. 6": nearest_deviation(1 - 0.1),
    }


def nearest_deviation(weight: float) -> float:
    """Of the best single normal law, by the weight of KL(p || q); from two starts, in a mode and over both."""
    target, divergence = mixture([0.5, 0.5], [-3.0, 3.0], [0.5, 0.5]), jeffreys(weight)

    def value(theta: np.ndarray) -> tuple[float, np.ndarray]:
        loss, gradient = integrated(divergence, target, np.tile(theta, 2))
        return loss, gradient[:2] + gradient[2:]

    found = [minimize(value, start, jac=True, method="L-BFGS-B") for start in ([3.0, -1.4], [0.1, 2.2])]
    return float(np.exp(min(found, key=lambda one: one.fun).x[1] / 2))


def encoder_weight(given: Given) -> Numbers:
    """How far 100 steps lead from 1 down x², with the loss multiplied by λ = 0.3 and without."""
    rate, betas = 0.01, (given.knob("ijae", "beta1"), given.knob("ijae", "beta2"))

    def by_adam(factor: float) -> float:
        adam, x = Adam(rate, *betas), np.ones(1)
        for _ in range(100):
            x = x + adam.step(factor * 2 * x)
        return float(x[0])

    def plain(factor: float) -> float:
        x = 1.0
        for _ in range(100):
            x -= rate * factor * 2 * x
        return x

    return {
        "Adam, λ = 0.3": by_adam(0.3),
        "Adam, without": by_adam(1.0),
        "plain steps, λ = 0.3": plain(0.3),
        "plain steps, without": plain(1.0),
    }


def lambda_zero(given: Given) -> Numbers:
    """The slope of the encoder's loss, λ times minus a logit that is optimal for codes N(m, 1), at m = 0.5."""
    frozen = 0.5

    def loss(m: float, weight: float) -> float:
        noise = np.array([-1.0, 1.0])
        logits = frozen**2 / 2 - frozen * (m + noise)  # log p(z) - log q(z)
        return float(-weight * logits.mean())

    return {f"slope at λ = {weight:g}": slope(partial(loss, weight=weight), frozen) for weight in (0.0, 0.3, 1.0)}


def shifts(given: Given) -> Numbers:
    """The sum of the printed probabilities of the sizes of a shift, and of those taken; and the chance of no shift."""
    sizes = np.arange(given.knob("ijae", "shift_size") + 1)
    constant = (1 / (sizes[1:] + 1)).sum()
    printed = 1 / ((sizes + 1) * constant)
    taken = printed / printed.sum()
    return {
        "printed constant": constant,
        "sum, as printed": printed.sum(),
        "sum, as taken": taken.sum(),
        "chance of no shift, as taken": taken[0],
        "chance of each shift by one pixel, as taken": taken[1] / 4,
        "mean shift in pixels, as taken": sizes @ taken,
    }


def sigma(given: Given) -> Numbers:
    """The printed 1e-8 as a deviation and as a variance, beside the steps of single precision and of bytes on [-1, 1];
    and the share of these images' bytes that such noise changes.
    """
    rng, x = np.random.default_rng(0), given.pixels

    def changed(deviation: float) -> float:
        noisy = x + deviation * rng.standard_normal(x.shape)
        return float((np.rint((noisy.clip(-1, 1) + 1) * 127.5) != np.rint((x + 1) * 127.5)).mean())

    return {
        "deviation, if it is one": SIGMA,
        "deviation, if it is a variance": SIGMA**0.5,
        "single precision's step below 1": float(1 - np.nextafter(np.float32(1), np.float32(0), dtype=np.float32)),
        "a byte's step": 2 / 255,
        "bytes changed, a deviation": changed(SIGMA),
        "bytes changed, a variance": changed(SIGMA**0.5),
    }


def noise(given: Given) -> Numbers:
    """The encoder's number of weights with noise for every number of a map, or for each map, and of the discriminator
    of images with the noise that its table lists and without.
    """
    width, latent = given.knob("ijae", "width"), given.knob("ijae", "latent")
    quiet = encoder_weights(width, latent, [])
    sizes = [width * (SIDE // 2) ** 2, width * (SIDE // 4) ** 2]
    trunk = trunk_weights(width) + linear(width, 1)
    return {
        "encoder, printed": printed_weights(given, "encoder"),
        "encoder, every number": encoder_weights(width, latent, sizes),
        "encoder, each map": quiet + 2 * linear(latent, width),
        "encoder, every number, thrice": encoder_weights(width, latent, [*sizes, width * 2 * 2]),
        "discriminator of images, printed": printed_weights(given, "discriminator of x"),
        "discriminator of images, without noise": trunk,
        "discriminator of images, with noise": trunk + sum(linear(latent, size) for size in sizes),
    }


def printed_weights(given: Given, system: str) -> int:
    return int(given.value("ijae", system=system, metric="weights"))


def block(ins: int, outs: int, stride: int) -> int:
    """Two convolutions of 3 x 3, and one of 1 x 1 beside them where size or number of maps change."""
    return conv(ins, outs, 3) + conv(outs, outs, 3) + (conv(ins, outs, 1) if stride > 1 or ins != outs else 0)


def encoder_weights(width: int, latent: int, noises: Iterable[int], side: int = SIDE) -> int:
    """Table 3, with noise of so many numbers; one block for each halving down to 2 x 2 pixels."""
    blocks = (side // 2).bit_length() - 1
    body = block(COLORS, width, 2) + (blocks - 1) * block(width, width, 2)
    return body + sum(linear(latent, size) for size in noises) + linear(width * 2 * 2, latent)


def trunk_weights(width: int) -> int:
    """The blocks of Tables 5 and 6."""
    return block(COLORS, width, 2) + block(width, width, 2) + 2 * block(width, width, 1)


def table_6(given: Given) -> Numbers:
    """The number of weights of the discriminator of triplets, by how its features are pooled."""
    width, latent, trunk = given.knob("ijae", "width"), given.knob("ijae", "latent"), trunk_weights(128)
    return {
        "printed": printed_weights(given, "discriminator of x, z, y"),
        "pooled over each half": trunk + linear(2 * width + latent, 1),
        "pooled over all": trunk + linear(width + latent, 1),
        "numbers of its last layer, each half": 2 * width + latent,
        "numbers of its last layer, all": width + latent,
    }


def joint_weights(latent: int, *, residual: bool = False, outputs: int = 1, side: int = SIDE) -> int:
    """Table 7, or the same with residual blocks; the last layer gives so many numbers."""
    body = block(COLORS, 64, 2) + block(64, 128, 2) if residual else conv(COLORS, 64, 4) + conv(64, 128, 4)
    flat = 128 * (side // 4) ** 2
    return body + linear(flat + latent, 512) + linear(512, 256) + linear(256, outputs)


def table_7(given: Given) -> Numbers:
    """The number of weights of the discriminator of image and code, by its last layer."""
    latent = given.knob("ijae", "latent")
    before = joint_weights(latent) - linear(256, 1)
    return {
        "printed": printed_weights(given, "discriminator of x, z"),
        "256 to 1": joint_weights(latent),
        "512 to 256 once more": before + linear(512, 256),
        "numbers before the last layer": 256,
    }


def resnet(given: Given) -> Numbers:
    """The number of weights of the discriminator of image and code, plain and with residual blocks of the same maps."""
    latent = given.knob("ijae", "latent")
    return {
        "printed": printed_weights(given, "discriminator of x, z"),
        "plain": joint_weights(latent),
        "residual": joint_weights(latent, residual=True),
    }


def frozen_logit(y: float, at: float) -> float:
    """log r(y | x) - log r'(y | G) of the discriminator that is best for the generator `at`, which it keeps."""
    return log_density(y, X, R_DEVIATION) - log_density(y, at, OTHER_DEVIATION)


def theorem_1(given: Given) -> Numbers:
    """The two terms of theorem 1's proof for an image 0.2 and a generator 0.7, r and r' normal, and their sum and
    difference.
    """
    first = slope(lambda y: log_density(y, X, R_DEVIATION), G)
    second = slope(lambda y: log_density(y, G, OTHER_DEVIATION), G)
    return {
        "term of r": first,
        "term of r'": second,
        "added": first + second,
        "subtracted": first - second,
        "slope of log r(x | G)": slope(lambda g: log_density(X, g, R_DEVIATION), G),
    }


def differentiable(given: Given) -> Numbers:
    """The slopes of log r' to the left and to the right of its mode, for a normal law and Laplace's, both of unit
    scale.
    """
    normal = slopes(lambda y: log_density(y, 0.0, 1.0), 0.0)
    laplace = slopes(lambda y: -abs(y) - float(np.log(2)), 0.0)
    return {
        "normal, left": normal[0],
        "normal, right": normal[1],
        "Laplace, left": laplace[0],
        "Laplace, right": laplace[1],
    }


def zero_gradient(given: Given) -> Numbers:
    """How the best discriminator's logit, once kept, changes with the generator, by what stands in third place."""
    return {
        "slope, x in third place": slope(lambda g: frozen_logit(X, G), G),
        "slope, G(z) in third place": slope(lambda g: frozen_logit(g, G), G),
        "slope of log r(x | G)": slope(lambda g: log_density(X, g, R_DEVIATION), G),
    }


def digits(given: Given) -> Numbers:
    """The readings of the score, the least that any score can be, and the best of the table's others."""
    table = {"artifact": "Table 1", "metric": "IS"}
    taken = given.value("ijae", system="λ-IJAE", **table)
    least, _ = inception_score(np.zeros((100, 10)), 10, 0)
    return {
        "reading taken": taken,
        "with its digits mixed": 6.98,
        "the other place": 0.96,
        "least score of any model": least,
        "best of the others": max(value for value in given.values("ijae", **table) if value != taken),
    }


def whole_pixels(given: Given) -> Numbers:
    """The variance that is left in these images after a shift by one pixel and by half a pixel, which mixes neighbours;
    and how many shifts there are.
    """
    x = given.images.astype(float)
    whole = np.roll(x, 1, axis=2)
    size = given.knob("ijae", "shift_size")
    return {
        "variance left, one pixel": whole.var() / x.var(),
        "variance left, half a pixel": ((x + whole) / 2).var() / x.var(),
        "shifts in whole pixels": 4 * size + 1,
    }


def tiny_imagenet(given: Given) -> Numbers:
    """Numbers of weights of the printed layers at 32 pixels and at 64."""
    width, latent = given.knob("ijae", "width"), given.knob("ijae", "latent")

    def encoder(side: int) -> int:
        return encoder_weights(width, latent, [width * (side // 2) ** 2, width * (side // 4) ** 2], side)

    return {
        "encoder, printed": printed_weights(given, "encoder"),
        "encoder, 32 pixels": encoder(SIDE),
        "encoder, 64 pixels": encoder(2 * SIDE),
        "discriminator of image and code, printed": printed_weights(given, "discriminator of x, z"),
        "discriminator of image and code, 32 pixels": joint_weights(latent),
        "discriminator of image and code, 64 pixels": joint_weights(latent, side=2 * SIDE),
    }


def scores(given: Given, paper: str) -> dict[str, float]:
    """The Inception Scores of a paper's first table, by our row."""
    table = [one for one in given.printed[paper] if one["artifact"] == "Table 1" and one["metric"] == "IS"]
    return {one["row"]: float(one["value"]) for one in table if one["row"]}


def quoted(given: Given) -> Numbers:
    """How many systems stand in both papers' first tables, and how many of them with the same Inception Score."""
    here, there = scores(given, "ijae"), scores(given, "pagan")
    both = here.keys() & there.keys()
    return {
        "systems in both": len(both),
        "with the same score": sum(here[row] == there[row] for row in both),
        "α-GAN here": here["alpha-gan"],
        "α-GAN in PAGAN's": there["alpha-gan"],
    }


def as_vae(given: Given) -> Numbers:
    """What is printed of AS-VAE in this paper and in PAGAN's, and how many rows it has here."""
    systems = [row.system for row in given.suite.rows.values()]
    return {
        "Inception Score, this paper": scores(given, "ijae")["as-vae"],
        "Inception Score, PAGAN's": scores(given, "pagan")["as-vae"],
        "rows here": systems.count("as_vae"),
    }
