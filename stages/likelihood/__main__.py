"""Estimate the log-likelihood of test images under one row's model, by annealed importance sampling.

    python -m stages.likelihood --row vae --seed 0 --data data/digits --model runs/vae/0/model \\
        --out runs/vae/0/likelihood.json --provenance runs/vae/0/provenance/likelihood.json

The protocol is that of Wu et al. 2017, "On the Quantitative Analysis of Decoder-Based Generative Models", and of its
public code, by which AGE (sec. 3.1) gives numbers of MNIST: h ~ N(0, I), images (bytes + U(0, 1)) / 256,
x ~ N(g(h), σ² I), in nats an image. Test images are shuffled; σ² is the best of a grid for the first half, the number
is of the second. A prior on the sphere is h / |h|. Each run checks itself on a linear model whose likelihood is known,
and on images that the model made, whose likelihood it bounds from both sides. The environment may set SUITE_DEVICE
(cpu, cuda; default: cuda if there is one).
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from stages import arrays, door, params, record
from stages.likelihood.ais import Annealing, Weights
from stages.likelihood.linear import principal
from stages.likelihood.observation import Decoder, cropped, decoder, prior_of
from stages.train import kept
from stages.train.__main__ import deterministic
from stages.train.streams import Streams

LABEL = "log-likelihood"
SHUFFLE = 0  # every row is scored on the same images, and the same noise


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.likelihood", __doc__)
    parser.add_argument("--row", required=True, help="a key of `rows` in params.yaml")
    parser.add_argument("--seed", type=door.seed, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder that fetch made; its test images are used")
    parser.add_argument("--model", type=Path, required=True, help="folder that train made")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write: number, checks and protocol")
    parser.add_argument("--provenance", type=Path, help="JSON file to write: where the number came from")
    args = parser.parse_args(argv)

    suite = params.load(args.params)
    if suite.row(args.row).system in params.modelfree_systems():
        raise door.UserError(f"--row is {args.row!r}, which has no model and so no likelihood; choose another")
    settings = suite.sizes.likelihood
    card = kept.card(args.model, args.row, args.seed)
    data = record.read(args.data / "card.json")
    provenance = record.Provenance("likelihood", asdict(settings), command(args.row, args.seed, data["name"]))
    device = door.environment_device(torch.cuda.is_available())
    deterministic(suite.sizes.threads)

    told: dict[str, Any] = {
        "row": args.row,
        "seed": args.seed,
        "dataset": data["name"],
        "stand_in": data["stand_in"],
        "profile": suite.profile,
        "status": "diverged" if card["status"] == "diverged" else "estimated",
        "diverged": card["diverged"],
        "metrics": {},
    }
    if card["status"] != "diverged":
        if data["shape"] != card["shape"]:
            raise door.UserError(
                f"--model makes images of {card['shape']}, --data holds {data['shape']}; give its data"
            )
        system = kept.load(args.model, card)
        prior = prior_of(system)
        system = system.to(device).requires_grad_(False)
        draw = Streams(Streams(args.seed).seeds["generation"], device)
        images = arrays.load(args.data / "test" / "images.npy")
        validation, tests = (part.to(device) for part in halves(images, settings))
        decode, latent = decoder(system, prior, settings.side), card["settings"]["latent"]
        told |= estimate(decode, latent, validation, tests, settings, draw, f"{args.row} {args.seed}")
        told["protocol"] |= {
            "prior": prior,
            "dataset": f"{data['title']} ({data['preprocessing']})",
            "weights_sha256": card["weights_sha256"],
            "libraries": record.library_versions(),
        }
    record.write(args.out, told)
    if args.provenance:
        provenance.write(args.provenance, seed=args.seed, device=device)
    door.say(f"{args.out}: {outcome(told)}")


def halves(images: np.ndarray, settings: params.Likelihood) -> tuple[Tensor, Tensor]:
    """Images [n, pixels] in [0, 1] to choose σ² by and to report, their bytes spread evenly over 1/256."""
    draw = np.random.default_rng(SHUFFLE)
    order = draw.permutation(len(images))
    middle = len(order) // 2
    for wanted, there in ((settings.validation_images, middle), (settings.images, len(order) - middle)):
        if wanted > there:
            raise door.UserError(
                f"half of the test images are {there}, likelihood in params.yaml wants {wanted}; lower it"
            )
    found = []
    for chosen in (order[: settings.validation_images], order[middle : middle + settings.images]):
        bytes_ = images[np.sort(chosen)].astype(np.float64)
        x = torch.from_numpy((bytes_ + draw.random(bytes_.shape)) / 256).permute(0, 3, 1, 2)
        found.append(cropped(x, settings.side).flatten(1).float())
    return found[0], found[1]


def estimate(
    decode: Decoder,
    latent: int,
    validation: Tensor,
    tests: Tensor,
    settings: params.Likelihood,
    draw: Streams,
    name: str,
) -> dict[str, Any]:
    """The number with what a reader should know of it, the checks, and how it was done."""

    def annealing_of(variance: float, temperatures: int) -> Annealing:
        return Annealing(decode, latent, variance, settings.chains, temperatures, settings.first_step, draw)

    by_variance = {}
    for variance in settings.variances:
        trial = annealing_of(variance, settings.validation_temperatures)
        by_variance[variance] = float(trial.lower(validation, f"{name}, variance {variance}").values.mean())
    variance = max(by_variance, key=lambda one: by_variance[one])
    annealing = annealing_of(variance, settings.temperatures)
    weights = annealing.lower(tests, f"{name}, test images")
    return {
        "metrics": {LABEL: {"better": "higher", "judge": None, **number(weights), "variance": variance}},
        "checks": {
            "linear": linear_check(annealing, settings.simulated, name),
            "both_sides": both_sides(annealing, settings.simulated, name),
        },
        "protocol": {
            "unit": "nats an image",
            "pixels": tests.shape[1],
            "settings": asdict(settings),
            "validation": {str(one): value for one, value in by_variance.items()},
            "variance_at_the_grid_s_end": variance in (min(by_variance), max(by_variance)),
        },
    }


def number(weights: Weights) -> dict[str, Any]:
    values = weights.values
    return {
        "value": float(values.mean()),
        "standard_error": float(values.std(correction=0) / len(values) ** 0.5),
        "over_images": float(values.std(correction=0)),
        "over_chains": float(weights.log.std(dim=1, correction=0).mean()),
        "effective_chains": float(weights.effective.mean()),
        "acceptance": weights.acceptance,
        "last_step": weights.step,
        "images": len(values),
    }


def linear_check(annealing: Annealing, images: int, name: str) -> dict[str, float]:
    """The same annealing of a linear model like this one; `error` is what it misses, in nats an image."""
    model = principal(annealing.decode, annealing.latent, annealing.draw)
    alike = replace(annealing, decode=model)
    _, x = alike.simulated(images)
    exact = float(model.log_likelihood(x, annealing.variance).mean())
    found = float(alike.lower(x, f"{name}, linear check").values.mean())
    return {"exact": exact, "estimate": found, "error": found - exact, "images": images}


def both_sides(annealing: Annealing, images: int, name: str) -> dict[str, float]:
    """Bounds of the mean log-likelihood of images that the model itself made."""
    h, x = annealing.simulated(images)
    lower = float(annealing.lower(x, f"{name}, from below").values.mean())
    upper = float(annealing.upper(x, h, f"{name}, from above").mean())
    return {"lower": lower, "upper": upper, "gap": upper - lower, "images": images}


def command(row: str, seed: int, dataset: str) -> str:
    run = f"runs/{row}/{seed}"
    return (
        f"python -m stages.likelihood --row {row} --seed {seed} --data data/{dataset} --model {run}/model "
        f"--out {run}/likelihood.json --provenance {run}/provenance/likelihood.json"
    )


def outcome(told: dict[str, Any]) -> str:
    if told["status"] == "diverged":
        return "no number, because the training diverged"
    found, checks = told["metrics"][LABEL], told["checks"]
    line = f"{found['value']:.1f} ± {found['standard_error']:.1f} nats an image, variance {found['variance']:g}"
    line += f"; {checks['linear']['error']:+.2g} nats off on a linear model"
    return line + "; the variance is at an end of its grid: widen it" * told["protocol"]["variance_at_the_grid_s_end"]


if __name__ == "__main__":
    door.enter(main)
