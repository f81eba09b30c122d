"""From a trained model to its number: which images, which variance, and the checks that stand beside it."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from stages import arrays, params, record
from stages.door import UserError
from stages.likelihood.ais import Annealing, Weights
from stages.likelihood.linear import principal
from stages.likelihood.observation import Decoder, cropped, decoder, prior_of
from stages.train import kept
from stages.train.__main__ import deterministic
from stages.train.streams import Streams

LABEL = "log-likelihood"
SHUFFLE = 0  # every row is scored on the same images, and the same noise


def of_model(suite: params.Params, row: str, seed: int, data: Path, model: Path, device: str) -> dict[str, Any]:
    """What likelihood.json says of a row that gets a number, or of one that diverged."""
    settings, card, about = suite.sizes.likelihood, kept.card(model, row, seed), record.read(data / "card.json")
    told = {"dataset": about["name"], "stand_in": about["stand_in"], "diverged": card["diverged"]}
    if card["status"] == "diverged":
        return told | {"status": "diverged"}
    if about["shape"] != card["shape"]:
        raise UserError(f"--model makes images of {card['shape']}, --data holds {about['shape']}; give its data")
    deterministic(suite.sizes.threads)
    system = kept.load(model, card)
    prior = prior_of(system)
    system = system.to(device).requires_grad_(False)
    draw = Streams(Streams(seed).seeds["generation"], device)
    images = arrays.load(data / "test" / "images.npy")
    validation, tests = (part.to(device) for part in halves(images, settings))
    decode, latent = decoder(system, prior, settings.side), card["settings"]["latent"]
    told |= {"status": "estimated"} | estimate(decode, latent, validation, tests, settings, draw, f"{row} {seed}")
    told["protocol"] |= {
        "prior": prior,
        "dataset": f"{about['title']} ({about['preprocessing']})",
        "weights_sha256": card["weights_sha256"],
        "libraries": record.library_versions(),
    }
    return told


def halves(images: np.ndarray, settings: params.Likelihood) -> tuple[Tensor, Tensor]:
    """Images [n, pixels] in [0, 1] to choose σ² by and to report, their bytes spread evenly over 1/256."""
    draw = np.random.default_rng(SHUFFLE)
    order = draw.permutation(len(images))
    middle = len(order) // 2
    for wanted, there in ((settings.validation_images, middle), (settings.images, len(order) - middle)):
        if wanted > there:
            raise UserError(f"half of the test images are {there}, likelihood in params.yaml wants {wanted}; lower it")
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
