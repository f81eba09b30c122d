"""Images with normal noise added are more diverse than the images themselves: α-GAN, section 5.

The paper says so to show that more diversity is no virtue, and gives neither the noise's standard deviation nor the
number that it found. Here the noise has several, as shares of the range of a pixel; what the claim is judged by, chosen
before any was tried, is a tenth. Diversity is the metric of that name: 1 - MS-SSIM of random pairs, the same pairs
with and without noise. Noisy values are cut to the range and rounded, as samples are.

A difference comes with its standard error over the draw of pairs, for these images and this noise. The first runs
drew 2,000 pairs and found no more than that error, 0.001; the number was then raised to 50,000, more pairs than the
digits have. The claim's range, and its verdict, are the same with either.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stages import arrays, door, record
from stages.evaluate.metrics.diversity import unlike
from stages.params import Count
from stages.study.distortions import DISTORTIONS, to_bytes

NEEDS = ("data",)
SEED = 0
LEVELS = (0.02, 0.05, 0.1, 0.2, 0.4)
JUDGED = 0.1


@dataclass(frozen=True)
class Sizes:
    images: Count
    pairs: Count


def study(sizes: Sizes, data: Path) -> dict[str, Any]:
    card = record.read(data / "card.json")
    images = np.array(arrays.load(data / "test" / "images.npy")[: sizes.images])
    progress = door.Progress("alpha-gan-noise", len(LEVELS), unit="level of noise")
    plain = unlike(images, sizes.pairs, SEED)
    noisy: list[dict[str, Any]] = []
    for number, level in enumerate(LEVELS, start=1):
        values = unlike(with_noise(images, level), sizes.pairs, SEED)
        noisy.append({"deviation": level, "diversity": float(values.mean()), "more": mean_and_error(values - plain)})
        progress.reached(number)
    judged = noisy[LEVELS.index(JUDGED)]
    return {
        "dataset": card["name"],
        "dataset_title": card["title"],
        "stand_in": card["stand_in"],
        "images": len(images),
        "pairs": sizes.pairs,
        "plain": float(plain.mean()),
        "noisy": noisy,
        "deviation": JUDGED,
        "difference": judged["more"]["mean"],
    }


def mean_and_error(values: np.ndarray) -> dict[str, float]:
    return {"mean": float(values.mean()), "standard_error": float(values.std() / len(values) ** 0.5)}


def with_noise(images: np.ndarray, deviation: float) -> np.ndarray:
    """The same draws at every deviation, so that levels differ in nothing else."""
    rng = np.random.default_rng([SEED, 1])
    return to_bytes(DISTORTIONS["gaussian-noise"].apply(images.astype(np.float32) / 255, deviation, rng), rng)


def found(results: dict[str, Any]) -> str:
    levels = ", ".join(
        f"{one['more']['mean']:+.2g} ± {one['more']['standard_error']:.1g} with noise of {one['deviation']:g}"
        for one in results["noisy"]
    )
    return f"diversity {results['plain']:.3g}; {levels}"
