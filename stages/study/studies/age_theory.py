"""AGE's theorems on finite spaces, where all generators and encoders are tried, and its remark on the two players.

Theorem 1: saddle points of V1 are the pairs whose generator has g(Z) = X. Theorem 2: saddle points of V2 have such a
generator, and every such generator has some encoder with which it is one. Both are counted, with KL and with total
variation as Δ, in three settings:

    one to one       X, Z and the reference Y uniform on as many points
    another Y        the same, Y not uniform
    fewer data       X on two points, of weights (n - 1)/n and 1/n: no encoder carries X onto Y = Z, as the proof of
                     theorem 2 takes for granted

Theorem 3: if h(f(w)) = w for all w, f and h invert each other and h carries f(W) back onto W. All pairs (f, h) are
tried, for W on all points and on two of them.

The remark (sec. 2.1): minimising V2 over g does not collapse g, as Δ of a collapsed batch is very high; maximising it
over e may go to infinity. Here the first is a batch of codes on the sphere, free to move down (7) from a start in which
they are nearly one; the second, two fake codes on a line that an encoder brings together by halves, while it keeps the
real ones at mean 0 and variance 1. (7) is read as the mean over dimensions of (s² + m²)/2 - log s - ½, s the standard
deviation.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from stages.params import Count
from stages.study.finite import NEAR, Divergence, Game, images, kl, maps, saddles, total_variation

NEEDS = ()
SEED = 0
DIVERGENCES: dict[str, Divergence] = {"kl": kl, "total-variation": total_variation}
HALVINGS = 40


@dataclass(frozen=True)
class Sizes:
    points: Count  # of the finite spaces
    batch: Count  # of codes on the sphere ...
    latent: Count  # ... in so many dimensions
    steps: Count  # of the descent, at most


def study(sizes: Sizes) -> dict[str, Any]:
    n = sizes.points
    settings = {
        "one-to-one": (uniform(n), uniform(n)),
        "another-reference": (uniform(n), np.array([2.0, *[1.0] * (n - 1)]) / (n + 1)),
        "fewer-data": (np.array([n - 1, 1]) / n, uniform(n)),
    }
    games = {name: (Game(data, uniform(n)), reference) for name, (data, reference) in settings.items()}
    return {
        "theorem_1": {
            name: {key: counts(game, game.first(divergence)) for key, divergence in DIVERGENCES.items()}
            for name, (game, _) in games.items()
        },
        "theorem_2": {
            name: {key: counts(game, game.second(divergence, reference)) for key, divergence in DIVERGENCES.items()}
            for name, (game, reference) in games.items()
        },
        "theorem_3": {"all-points": reciprocity(uniform(n), n), "two-points": reciprocity(uniform(2), n)},
        "fixed_encoder": fixed_encoder(games["one-to-one"][0]),
        "minimising_g": spread(sizes),
        "maximising_e": halved(),
        "sphere": {str(latent): sphere(latent) for latent in (3, 10, 64, 128)},
    }


def uniform(points: int) -> np.ndarray:
    return np.full(points, 1 / points)


def counts(game: Game, value: np.ndarray) -> dict[str, int]:
    at, aligned = saddles(value), game.aligned
    return {
        "generators": len(value),
        "encoders": value.shape[1],
        "aligned_generators": int(aligned.sum()),
        "saddles": int(at.sum()),
        "saddles_not_aligned": int(at[~aligned].sum()),
        "aligned_pairs_no_saddle": int((~at[aligned]).sum()),
        "aligned_generators_never_in_a_saddle": int((~at[aligned].any(axis=1)).sum()),
    }


def reciprocity(law: np.ndarray, points: int) -> dict[str, int]:
    """Theorem 3 for W of this law on the first of some points, f to as many points, h back."""
    f, h = maps(len(law), points), maps(points, points)
    there_and_back = h[:, f]  # h(f(w)), [h, f, w]
    latent_error = (there_and_back != np.arange(len(law))).any(axis=2)
    # q = f(w) runs over the whole support of f(W); where h leaves that of W, f is not defined and q not reached.
    inside = there_and_back < len(law)
    again = np.take_along_axis(f[None], there_and_back.clip(max=len(law) - 1), axis=2)
    data_error = (~inside | (again != f)).any(axis=2)
    carried_back = images(images(law, f, points), h, points).transpose(1, 0, 2)  # h(f(W)), [h, f, points]
    misaligned = np.abs(carried_back - np.pad(law, (0, points - len(law)))).max(axis=2) > NEAR
    one_to_one = np.array([len(set(image)) == len(image) for image in f.tolist()])
    return {
        "pairs": latent_error.size,
        "no_latent_error": int((~latent_error).sum()),
        "no_latent_error_but_data_error": int((~latent_error & data_error).sum()),
        "no_latent_error_but_not_aligned": int((~latent_error & misaligned).sum()),
        "no_latent_error_but_f_not_one_to_one": int((~latent_error)[:, ~one_to_one].sum()),
        "no_data_error": int((~data_error).sum()),
        "no_data_error_but_latent_error": int((~data_error & latent_error).sum()),
    }


def fixed_encoder(game: Game) -> dict[str, float]:
    """V2 under KL over all g, for the encoder that keeps every point: what a collapsed generator pays."""
    reference = game.prior
    paid = kl(game.generated, reference) - kl(game.data, reference)
    collapsed = game.generated.max(axis=1) > 1 - NEAR
    return {"collapsed": float(paid[collapsed].min()), "best": float(paid.min()), "highest": float(paid.max())}


def fitted_kl(codes: np.ndarray) -> tuple[float, np.ndarray]:
    """(7), and its gradient: codes [batch, dimensions]."""
    mean, deviation = codes.mean(axis=0), codes.std(axis=0)
    value = ((deviation**2 + mean**2) / 2 - np.log(deviation) - 0.5).mean()
    return float(value), (codes - (codes - mean) / deviation**2) / codes.size


def spread(sizes: Sizes) -> dict[str, Any]:
    """e fixed to what it is: codes on the sphere, nearly one at first, go down (7)."""
    rng = np.random.default_rng(SEED)
    start = rng.standard_normal(sizes.latent) + 1e-4 * rng.standard_normal((sizes.batch, sizes.latent))

    def on_sphere(flat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        free = flat.reshape(start.shape)
        length = np.linalg.norm(free, axis=1, keepdims=True)
        return free / length, length

    def value(flat: np.ndarray) -> tuple[float, np.ndarray]:
        codes, length = on_sphere(flat)
        told, slope = fitted_kl(codes)
        return told, ((slope - codes * (slope * codes).sum(axis=1, keepdims=True)) / length).ravel()

    course = [start.ravel()]
    minimize(
        value, start.ravel(), jac=True, method="L-BFGS-B", callback=course.append, options={"maxiter": sizes.steps}
    )
    codes = on_sphere(course[-1])[0]
    return {
        "latent": sizes.latent,
        "batch": sizes.batch,
        "divergence": [value(flat)[0] for flat in course],
        "least_possible": least_on_sphere(sizes.latent),
        "start_least_deviation": float(on_sphere(course[0])[0].std(axis=0).min()),
        "end_least_deviation": float(codes.std(axis=0).min()),
    }


def halved() -> dict[str, Any]:
    """V2 where real codes are at -1 and 1, and fake ones at ±2⁻ᵗ: 4⁻ᵗ/2 - ½ + t log 2."""
    real = fitted_kl(np.array([[-1.0], [1.0]]))[0]
    fake = [fitted_kl(np.array([[-1.0], [1.0]]) / 2**halving)[0] for halving in range(HALVINGS + 1)]
    return {"halvings": list(range(HALVINGS + 1)), "value": [one - real for one in fake]}


def least_on_sphere(latent: int) -> float:
    """(7) where all s² = 1/M and m = 0: s² + m² sum to 1 on the sphere, and the product of the s is greatest there."""
    return float((1 / latent + np.log(latent) - 1) / 2)


def sphere(latent: int) -> dict[str, float]:
    """(7) does not tell the uniform law on the sphere from that on the 2M points at its axes."""
    axes = np.concatenate([np.eye(latent), -np.eye(latent)])
    return {"uniform": least_on_sphere(latent), "axes": fitted_kl(axes)[0]}


def found(results: dict[str, Any]) -> str:
    strays = {name: told["kl"]["saddles_not_aligned"] for name, told in results["theorem_2"].items()}
    descent = results["minimising_g"]["divergence"]
    return (
        f"saddle points of V2 with g(Z) ≠ X: {', '.join(f'{name} {count}' for name, count in strays.items())}; "
        f"from a collapse Δ falls from {descent[0]:.3g} to {descent[-1]:.3g}"
    )
