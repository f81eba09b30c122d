"""What each system is for: in the default profile every row learns the digits."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist

from stages import arrays, params
from stages.generate.__main__ import from_model
from stages.train import contract
from stages.train.loop import Run
from stages.train.streams import Streams

SUITE = params.load(Path(__file__).parents[2] / "params.yaml", "quick")
ROWS = [name for name, row in SUITE.rows.items() if row.system in params.trained_systems() and row.dataset is None]
SAMPLES = 500
# No term of theirs asks for a reconstruction; ALI's authors call theirs unfaithful. On digits some seeds of ali and
# alice come nearer than the mean image and some do not: that is a finding, and what is asked of them is less.
UNFAITHFUL = {"age-align", "ali", "alice"}


def energy_distance(one: np.ndarray, other: np.ndarray) -> float:
    """2 E|x - y| - E|x - x'| - E|y - y'| of images in [0, 1]: 0 for equal laws, and for no others."""
    x, y = (images.reshape(len(images), -1) / 255 for images in (one, other))
    return float(2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean())


def generated(system: contract.System, originals: np.ndarray) -> dict[str, np.ndarray]:
    made = from_model(system.eval(), originals, SAMPLES, 1, Streams(7))
    system.train()
    return made


def per_image(one: np.ndarray, other: np.ndarray) -> float:
    difference = (one.astype(float) - other) / 255
    return float(np.sqrt((difference**2).reshape(len(one), -1).sum(axis=1)).mean())


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS)
def test_a_row_learns(row: str, digits: Path) -> None:
    train, test = (np.array(arrays.load(digits / split / "images.npy")) for split in ("train", "test"))
    settings: dict[str, Any] = SUITE.settings(row)
    system = contract.build(SUITE.rows[row].system, settings, list(train.shape[1:]), seed=3)
    run = Run(system, Streams(3), torch.from_numpy(train), settings["batch"])
    before = generated(system, test)
    run.advance(settings["iterations"], 50, lambda run: None)
    assert run.progress.diverged is None
    made = generated(system, test)

    data = train[:SAMPLES]
    assert energy_distance(made["samples"], data) <= energy_distance(before["samples"], data) / 2
    if not system.encodes:
        return
    reconstructions = made["reconstructions"]
    if row in UNFAITHFUL:
        assert per_image(test, reconstructions) < per_image(test, np.roll(reconstructions, 1, axis=0))
    else:
        mean = np.broadcast_to(train.mean(axis=0), test.shape)
        assert per_image(test, reconstructions) < per_image(test, mean)


def test_the_distance_is_that_of_two_points_worked_by_hand() -> None:
    # x is 0 always, y is 0 or 1 alike: 2 · 1/2 - 0 - 1/2
    zero, one = np.zeros((1, 1, 1, 1)), np.full((1, 1, 1, 1), 255)
    assert energy_distance(zero, np.concatenate([zero, one])) == pytest.approx(0.5)
    assert energy_distance(one, one) == pytest.approx(0)
