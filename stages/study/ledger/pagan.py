"""PAGAN's ledger."""

import math
from itertools import permutations

import numpy as np
from scipy.special import rel_entr

from stages.evaluate.metrics.fid import fid
from stages.evaluate.metrics.rid import rid
from stages.evaluate.metrics.rmse import l2_norm
from stages.study.adam import Adam
from stages.study.distortions import PAD_SHARE, crops
from stages.study.given import Given, Numbers
from stages.study.layers import COLORS, NUMBERS, SIDE, conv, field, linear
from stages.study.normal import on_sphere
from stages.study.slopes import slope

STACK = [(3, 1), (4, 2), (3, 1), (4, 2), (3, 1), (4, 2), (3, 1)]  # kernels and strides of that library's discriminator
LEAK = 0.2


def stack(ins: int, width: int) -> int:
    """Weights of the convolutions."""
    maps = [ins, width, *[times * width for times in (2, 2, 4, 4, 8, 8)]]
    return sum(conv(one, other, kernel) for one, other, (kernel, _) in zip(maps, maps[1:], STACK, strict=False))


def defaults(given: Given) -> Numbers:
    """How far Adam steps, in learning rates, when a gradient that was 1 for a thousand steps becomes -1 or 10."""
    told: Numbers = {}
    for name, betas in (("of the command line", (0.0, 0.9)), ("of the example", (0.5, 0.999))):
        for after in (-1.0, 10.0):
            adam = Adam(1.0, *betas)
            for _ in range(1000):
                adam.step(np.ones(1))
            told[f"step after {after:g}, betas {name}"] = adam.step(np.full(1, after))[0]
    return told | {"beta 1 taken": given.knob("pagan", "beta1")}


def encoder_norm(given: Given) -> Numbers:
    """A linear encoder of spectral norm 1 gives its k-th direction at most the k-th variance of the images, and the
    prior wants a variance of 1 in all.
    """
    variances = spectrum(given.pixels)[2]
    return {
        "numbers of a code": given.knob("pagan", "latent"),
        "directions of the images with a variance of 1": int((variances >= 1).sum()),
        "largest variance of a direction": variances[0],
        "tenth variance": variances[9] if len(variances) > 9 else 0.0,
    }


def spectrum(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows less their mean as coordinates [n, k] along directions [k, d], and variances [k], falling."""
    left, values, right = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    return left * values, right, values**2 / len(x)


def sigma(given: Given) -> Numbers:
    """What the encoder's last layer gives in each reading, and how far the nearest law with one deviation is from one
    with the deviations 0.1 and 1.
    """
    latent, width = given.knob("pagan", "latent"), given.knob("pagan", "width")
    variances = np.array([0.01, 1.0])
    nearest = variances.mean()  # the minimum of KL(N(0, diag) || N(0, s I)) over s
    body, flat = stack(COLORS, width), 8 * width * (SIDE // 8) ** 2
    return {
        "outputs, one deviation a dimension": 2 * latent,
        "outputs, one an image": latent + 1,
        "weights of the encoder without batch norm, one a dimension": body + linear(flat, 2 * latent),
        "weights of the encoder without batch norm, one an image": body + linear(flat, latent + 1),
        "divergence of the two deviations from the best single one": 0.5 * np.log(nearest / variances).sum(),
    }


def saturating(given: Given) -> Numbers:
    """How steep each generator loss is along the logit: at a logit of -10 the discriminator is sure of a fake."""
    losses = {"log(1 - D)": lambda d: -np.logaddexp(0, d), "-log D": lambda d: np.logaddexp(0, -d)}
    return {
        f"steepness of {name} at a logit of {at:g}": abs(slope(loss, at))
        for name, loss in losses.items()
        for at in (0.0, -10.0)
    }


def pad(given: Given) -> Numbers:
    """The RMSE of the augmentation of these test images, when a tenth of the side is rounded down or up to pixels."""
    rng, x, side = np.random.default_rng(0), given.images, given.images.shape[1]
    down, up = math.floor(PAD_SHARE * side), math.ceil(PAD_SHARE * side)
    mirrored = crops(x, down, "reflect", rng)
    flips = rng.random(len(x)) < 0.5
    flipped = np.where(flips[:, None, None, None], mirrored[:, :, ::-1], mirrored)
    return {
        "a tenth of the side, in pixels": PAD_SHARE * side,
        "RMSE, rounded down": l2_norm(x, mirrored),
        "RMSE, rounded down, the edge repeated": l2_norm(x, crops(x, down, "symmetric", rng)),
        "RMSE, rounded down, with flips": l2_norm(x, flipped),
        "RMSE, rounded up": l2_norm(x, crops(x, up, "reflect", rng)),
        "printed, of CIFAR-10": given.value("pagan", system="AUG", metric="RMSE"),
    }


def rmse(given: Given) -> Numbers:
    """The difference between these test images and their augmentation on four scales, and the printed number on two."""
    x = given.images
    y = crops(x, math.floor(PAD_SHARE * x.shape[1]), "reflect", np.random.default_rng(0))
    squares = np.square((x.astype(float) - y) / 255)
    printed = given.value("pagan", system="AUG", metric="RMSE")
    return {
        "mean Euclidean norm": l2_norm(x, y),
        "root of the mean squared norm": np.sqrt(squares.sum(axis=(1, 2, 3)).mean()),
        "root mean square a number": np.sqrt(squares.mean()),
        "the same, of 0 to 255": 255 * np.sqrt(squares.mean()),
        "printed, of CIFAR-10": printed,
        "printed, over the root of 3072 numbers": printed / NUMBERS**0.5,
    }


def ris(given: Given) -> Numbers:
    """The number printed as RIS beside those printed as RID and as Inception Scores; and the RID of two-class
    predictions that are the same, and that are exchanged.
    """
    sure = np.log([[0.9, 0.1]])
    return {
        "WPAGAN's RIS": given.value("pagan", artifact="Table 4", system="WPAGAN", metric="RID"),
        "WPAGAN's Inception Score": given.value("pagan", artifact="Table 4", system="WPAGAN", metric="IS"),
        "PAGAN's RID": given.value("pagan", artifact="Table 3", system="PAGAN", metric="RID"),
        "RID of equal predictions": rid(sure, sure),
        "RID of 0.9 and 0.1 exchanged": rid(sure, sure[:, ::-1]),
    }


def code(given: Given) -> Numbers:
    """The RMSE of a probabilistic PCA of these test images with unit noise on [-1, 1], which decodes the mean of each
    image's code, or a draw.
    """
    x = given.pixels
    along, directions, variances = spectrum(x)
    kept = variances > 1
    kept[given.knob("pagan", "latent") :] = False
    shrunk = (variances[kept] - 1) / variances[kept]  # W M⁻¹ Wᵀ, M = WᵀW + I
    noise = np.sqrt(shrunk) * np.random.default_rng(0).standard_normal((len(x), int(kept.sum())))

    def rmse_of(coordinates: np.ndarray) -> float:
        return float(np.linalg.norm(x - x.mean(axis=0) - coordinates @ directions[kept], axis=1).mean() / 2)

    return {
        "RMSE, the mean": rmse_of(along[:, kept] * shrunk),
        "RMSE, a draw": rmse_of(along[:, kept] * shrunk + noise),
        "dimensions of the code in use": int(kept.sum()),
        "printed for a VAE, of CIFAR-10": given.value("pagan", system="VAE", metric="RMSE"),
    }


def l1(given: Given) -> Numbers:
    """The L1 term of two images of CIFAR-10's size that differ by 0.1 everywhere, and a game's term at even chances."""
    one = np.zeros((SIDE, SIDE, COLORS))
    apart = np.abs(one - (one + 0.1))
    return {
        "sum": apart.sum(),
        "mean": apart.mean(),
        "sum over mean": apart.sum() / apart.mean(),
        "-log D at a logit of 0": np.logaddexp(0, 0),
    }


def fid_samples(given: Given) -> Numbers:
    """FID between draws of one and the same normal law of 32 features: 0 but for the number of draws."""
    rng = np.random.default_rng(0)
    reference = rng.standard_normal((10_000, 32))
    told = {f"FID of {n:,} draws": fid(rng.standard_normal((n, 32)), reference) for n in (200, 1_000, 5_000)}
    return told | {"samples taken in the profile paper": given.suite.profiles["paper"].generate.samples}


def expectation(given: Given) -> Numbers:
    """KL of joint laws of an image, one of two, and its partner, one of three, and KL of the partners' laws alone."""
    image = np.array([0.7, 0.3])
    augmented = np.array([[0.8, 0.1, 0.1], [0.2, 0.5, 0.3]])
    made = np.array([[0.6, 0.2, 0.2], [0.4, 0.3, 0.3]])
    each = rel_entr(augmented, made).sum(axis=1)
    return {
        "of the joint laws": rel_entr(image[:, None] * augmented, image[:, None] * made).sum(),
        "mean over images of the conditional ones": image @ each,
        "conditional, first image": each[0],
        "conditional, second image": each[1],
    }


def infimum(given: Given) -> Numbers:
    """The mean distance of four points from four others, under every one-to-one coupling of them."""
    one, other = np.array([0.0, 1.0, 2.0, 5.0]), np.array([0.5, 1.0, 3.0, 4.0])
    costs = np.array([np.abs(one - other[list(order)]).mean() for order in permutations(range(4))])
    return {
        "couplings": len(costs),
        "least, which is the Wasserstein distance": costs.min(),
        "of points in order": np.abs(np.sort(one) - np.sort(other)).mean(),
        "mean": costs.mean(),
        "largest": costs.max(),
    }


def indices(given: Given) -> Numbers:
    """The pair game's value at its best discriminator, for partners of three kinds that the augmentation makes, or the
    generator itself; and a first step of plain gradient and of Adam at a gradient of 0.001.
    """
    augmented, made = np.array([0.6, 0.3, 0.1]), np.array([0.2, 0.3, 0.5])

    def game(real: np.ndarray) -> float:
        best = real / (real + made)
        return float((real * np.log(best)).sum() + (made * np.log(1 - best)).sum())

    rate, gradient = given.knob("pagan", "learning_rate"), np.full(1, 1e-3)
    adam = Adam(rate, given.knob("pagan", "beta1"), given.knob("pagan", "beta2"))
    return {
        "value, partners augmented": game(augmented),
        "value, partners generated": game(made),
        "plain step": -rate * gradient[0],
        "Adam's step": adam.step(gradient)[0],
    }


def no_spread(given: Given) -> Numbers:
    """How many numbers of Table 1 have a spread, and how many are the paper's own."""
    table = [number for number in given.printed["pagan"] if number["artifact"] == "Table 1"]
    fids = [number for number in table if number["metric"] == "FID"]
    return {
        "systems": len({number["system"] for number in table}),
        "systems with an FID": len(fids),
        "FIDs with a spread": sum(number["std"] is not None for number in fids),
        "systems that the authors ran": len({number["system"] for number in table if number["source"] == "paper"}),
    }


def penalty(given: Given) -> Numbers:
    """The gradient of a critic of eight random leaky layers, each of spectral norm 1, and its penalty; and how far a
    mixture is from the line between the two pairs that it mixes, when both images share α and when each has its own.
    """
    rng, weight = np.random.default_rng(0), given.knob("wpagan", "penalty_weight")
    width = 64
    gradient = last = on_sphere(1000, width, rng)  # of a last layer
    for _ in range(7):
        matrix = rng.standard_normal((width, width))
        matrix /= np.linalg.norm(matrix, 2)
        gradient = (gradient * np.where(rng.random(gradient.shape) < 0.5, 1, LEAK)) @ matrix
    length = np.linalg.norm(gradient, axis=1)
    alpha = rng.random((100_000, 2))
    return {
        "mean length of the gradient with spectral normalisation": length.mean(),
        "its penalty": weight * np.square(length - 1).mean(),
        "penalty of a linear critic of norm 1": weight * np.square(np.linalg.norm(last, axis=1) - 1).mean(),
        "distance from the line, α shared": apart_from_line(alpha[:, [0, 0]]),
        "distance from the line, α of each image": apart_from_line(alpha),
    }


def apart_from_line(alpha: np.ndarray) -> float:
    """The mean distance of mixtures from the line, [n, 2], both images of the pairs being 1 apart."""
    return float((np.abs(alpha[:, 0] - alpha[:, 1]) / 2**0.5).mean())


def pair(given: Given) -> Numbers:
    """What the discriminator of pairs is, when images stand side by side and when they are layers of one."""
    width = given.knob("pagan", "width")
    bottom = 8 * width * (SIDE // 8) ** 2
    return {
        "weights, by width": stack(COLORS, width) + linear(2 * bottom, 1),
        "weights, by channel": stack(2 * COLORS, width) + linear(bottom, 1),
        "pixels between a pixel and its partner, by width": SIDE,
        "pixels a side that the first layer sees": field(STACK[:1]),
        "pixels a side that the last convolution sees": field(STACK),
        "taken in PAGAN": given.knob("pagan", "pair"),
        "taken in WPAGAN": given.knob("wpagan", "pair"),
    }


def best(given: Given) -> Numbers:
    """PAGAN's scores in Table 1 and the best of the others."""

    def ours_and_others(metric: str) -> tuple[float, list[float]]:
        table = {"artifact": "Table 1", "metric": metric}
        ours = given.value("pagan", system="PAGAN", **table)
        return ours, [value for value in given.values("pagan", **table) if value != ours]

    (fid_ours, fids), (is_ours, scores) = ours_and_others("FID"), ours_and_others("IS")
    return {
        "PAGAN's FID": fid_ours,
        "lowest FID of the others": min(fids),
        "PAGAN's Inception Score": is_ours,
        "highest Inception Score of the others": max(scores),
    }


def one_draw(given: Given) -> Numbers:
    """How unlike the code that is judged and the code that is decoded are, for codes with a deviation of 0.5 about
    their means and N(0, 1) in all.
    """
    rng, spread = np.random.default_rng(0), 0.5
    means = (1 - spread**2) ** 0.5 * rng.standard_normal(100_000)
    judged, other = means + spread * rng.standard_normal((2, len(means)))
    return {
        "mean squared distance, one draw": np.square(judged - judged).mean(),
        "mean squared distance, two draws": np.square(judged - other).mean(),
        "correlation, two draws": np.corrcoef(judged, other)[0, 1],
    }
