"""RID against RMSE: images that are distorted in several ways, as far as PAGAN's augmentation in RMSE (figure 3).

The paper says that "having same RMSE, augmentation has much more lower RID compared to a set of other methods", and
does not name them. Here they are the seven of stages/study/distortions.py. Each one's strength is found by bisection,
until the mean over the test images of the Euclidean norm of x - x̂ is within half a per cent of the augmentation's.

RID is over the whole set, and not the mean over ten splits that the paper's tables give.
"""

from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stages import arrays, door, record
from stages.evaluate.metrics.rid import rid
from stages.evaluate.metrics.rmse import l2_norm
from stages.params import Count
from stages.study.distortions import DISTORTIONS, Distortion, augmentation, to_bytes

NEEDS = ("data", "judge")
SEED = 0
CLOSE = 0.005  # to the RMSE that is asked for, relative
SHOWN = 4  # images kept for a strip


@dataclass(frozen=True)
class Sizes:
    images: Count


def study(sizes: Sizes, data: Path, judge: Path) -> dict[str, Any]:
    from stages.judge.absent import NotComputed  # torch comes with these
    from stages.judge.opened import load

    card, eyes = record.read(data / "card.json"), load(judge)
    if eyes.card["kind"] != "published" and eyes.card["dataset"] != card["name"]:
        raise door.UserError(
            f"--judge is of {eyes.card['dataset']}, --data holds {card['name']}; give the judge of {card['name']}"
        )
    originals = np.array(arrays.load(data / "test" / "images.npy")[: sizes.images])
    made = brought_to_one_rmse(originals)
    results: dict[str, Any] = {
        "dataset": card["name"],
        "dataset_title": card["title"],
        "stand_in": card["stand_in"],
        "images": len(originals),
        "judge": eyes.name,
        "metric": f"RID{eyes.suffix}",
        "not_computed": None,
        "distortions": {},
        "strip": strip(originals, {name: images for name, (_, images) in made.items()}),
    }
    rids: dict[str, Any]
    try:
        seen = eyes.look(originals)[1]
        rids = {name: rid(seen, eyes.look(images)[1]) for name, (_, images) in made.items()}
    except NotComputed as reason:
        results["not_computed"], rids = str(reason), dict.fromkeys(made)
    for name, (strength, images) in made.items():
        results["distortions"][name] = {
            "strength": strength,
            "rmse": l2_norm(originals, images),
            "rid": rids[name],
            "times_augmentation": rids[name] / rids["augmentation"] if rids[name] else None,
        }
    return results


def brought_to_one_rmse(originals: np.ndarray) -> dict[str, tuple[float | None, np.ndarray]]:
    """The augmentation and every distortion: the strength that makes their RMSE the same, and the images, uint8."""
    augmented = augmentation(originals, np.random.default_rng([SEED, 0]))
    wanted = l2_norm(originals, augmented)
    if wanted == 0:
        shape = list(originals.shape[1:])
        raise door.UserError(f"the augmentation leaves images of {shape} as they are; give --data of larger images")
    progress = door.Progress("pagan-figure3", len(DISTORTIONS), unit="distortion")
    made: dict[str, tuple[float | None, np.ndarray]] = {"augmentation": (None, augmented)}
    for number, (name, distortion) in enumerate(DISTORTIONS.items(), start=1):
        made[name] = distorted_to(wanted, name, distortion, originals, number)
        progress.reached(number)
    return made


def distorted_to(
    wanted: float, name: str, distortion: Distortion, originals: np.ndarray, number: int
) -> tuple[float, np.ndarray]:
    """The strength at which the RMSE is `wanted`, and the images."""
    x = originals.astype(np.float32) / 255

    def at(strength: float) -> np.ndarray:
        rng = np.random.default_rng([SEED, number])
        return to_bytes(distortion.apply(x, strength, rng), rng)

    low, high = 0.0, distortion.most
    if l2_norm(originals, at(high)) < wanted:
        raise door.UserError(
            f"{name} changes these images by {l2_norm(originals, at(high)):.3g} at most and the augmentation by "
            f"{wanted:.3g}; give other --data"
        )
    for _ in range(50):
        strength = (low + high) / 2
        images = at(strength)
        rmse = l2_norm(originals, images)
        if abs(rmse - wanted) <= CLOSE * wanted:
            return strength, images
        low, high = (strength, high) if rmse < wanted else (low, strength)
    raise ValueError(f"{name} has no strength with an RMSE within {CLOSE:.1%} of {wanted}, but {rmse} at {strength}")


def strip(originals: np.ndarray, made: dict[str, np.ndarray]) -> dict[str, Any]:
    """The first images of each kind, [kinds, images, h, w, c], as bytes in base64."""
    kinds = {"original": originals} | made
    shown = np.stack([images[:SHOWN] for images in kinds.values()])
    return {"kinds": list(kinds), "shape": list(shown.shape), "uint8": b64encode(shown.tobytes()).decode()}


def found(results: dict[str, Any]) -> str:
    if results["not_computed"]:
        return f"{results['metric']} not computed: {results['not_computed']}"
    told = ", ".join(f"{name} {one['rid']:.3g}" for name, one in results["distortions"].items())
    return f"{results['metric']} at an RMSE of {results['distortions']['augmentation']['rmse']:.3g}: {told}"
