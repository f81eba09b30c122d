"""The independent Wasserstein critic: how far a critic that the model never met can tell samples from held-out images.

α-GAN, sec. 5, after Danihelka et al. 2017. A critic f with a gradient penalty learns to tell validation images from
samples; the number is -(mean f(test images) - mean f(samples)), the *negative* distance, so higher is better and 0 is
best. Images in [-1, 1], distances in their Euclidean norm.

Differs from the paper, where the critic starts to learn when the generator is half way, and learns as long as it does.
Here scoring sees arrays only: a fresh critic learns from a bank of samples that the finished model made, for a number
of steps that is the same for every row. Models have seen all training images, so "validation" is the first half of the
test images, beside the first half of the samples; the second halves are what it is scored on. Samples that are test
images themselves, as in the row `real`, give half of them, against the other test images: what is then found is noise.

`gap` tells whether the critic overfits: the value less the same number on what it learned from, 0 if not, else above.
`curves` are Fig. 13's; `slope` is |∇f|, 1 in theory, which the penalty lets grow a little with the distance.
"""

from dataclasses import asdict
from typing import Any

import numpy as np
import torch

from stages.evaluate import critic_training
from stages.evaluate.enough import TooFew
from stages.judge import device

LABEL = "critic"
BETTER = "higher"
NEEDS = ("samples", "test")
JUDGED = False


def halves(array: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray]:
    """What the critic learns from and what it is scored on."""
    if len(array) < 2:
        raise TooFew(f"the critic wants 2 images at least, one to learn from and one to score: {name} has 1")
    return array[: len(array) // 2], array[len(array) // 2 :]


def apart(images: np.ndarray, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both, but of samples that are test images no image on both sides: the critic would learn it as one of each."""
    tests = {image.tobytes() for image in images}
    if np.mean([sample.tobytes() in tests for sample in samples]) <= 0.5:
        return images, samples
    samples = samples[: len(samples) // 2]
    taken = {sample.tobytes() for sample in samples}
    return images[[image.tobytes() not in taken for image in images]], samples


def measure(seen: Any) -> dict[str, Any]:
    images, samples = apart(seen.images("test"), seen.images("samples"))
    where = device.choose()
    parts = [*halves(images, "the test set"), *halves(samples, "samples")]
    known_images, test_images, known_samples, test_samples = (
        torch.from_numpy(np.array(part)).to(where) for part in parts
    )
    sets = critic_training.Sets(known_images, known_samples, test_images, test_samples)
    budget = seen.settings.critic
    critic = critic_training.network(sets.shape, budget.width).to(where)
    curves = critic_training.train(critic, sets, budget)
    value, learned = curves.test[-1], critic_training.whole_difference(critic, sets.images, sets.samples)
    return {
        "value": value,
        "gap": value - learned,
        "slope": critic_training.slope(critic, sets),
        "steps": budget.steps,
        "images": [len(known_images), len(test_images)],
        "samples": [len(known_samples), len(test_samples)],
        "curves": asdict(curves),
    }
