"""What is measured along a training: worked by hand, and without a trace in what is trained."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from stages import params
from stages.generate.__main__ import from_model
from stages.train import contract, measuring
from stages.train.loop import Run
from stages.train.streams import Streams

SUITE = params.load(Path(__file__).parents[2] / "params.yaml", "tiny")
ROWS = [
    name
    for name, row in SUITE.rows.items()
    if row.system in params.trained_systems() and SUITE.dataset_of(name) in SUITE.use
]
CHANNELS = {"digits": 1, "digits-tinted": 3}


def images(n: int, channels: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(256, (n, 16, 16, channels), generator=generator, dtype=torch.uint8)


def started(row: str, **knobs: Any) -> Run:
    settings, channels = SUITE.settings(row) | knobs, CHANNELS[SUITE.dataset_of(row)]
    system = contract.build(SUITE.rows[row].system, settings, [16, 16, channels], 1)
    return Run(system, Streams(1), images(64, channels, seed=0), settings["batch"])


def held_out(run: Run) -> Tensor:
    return images(10, run.images.shape[3], seed=1)


def ignore(_: Run) -> None:
    pass


def measured(run: Run) -> None:
    measuring.add_to_log(run, held_out(run))


class Darker(contract.System):
    """Reconstructs each pixel ten greys darker."""

    def encode(self, x: Tensor, draw: Streams) -> Tensor:
        return x

    def decode(self, code: Tensor) -> Tensor:
        return code - 10 / 127.5


def test_images_that_come_back_ten_greys_darker_are_ten_of_255_off() -> None:
    grey = torch.full((3, 2, 2, 1), 100, dtype=torch.uint8)
    assert measuring.reconstruction_error(Darker({}, [2, 2, 1]), grey) == pytest.approx(10 / 255)


@pytest.mark.parametrize("row", ["age", "vae", "pagan", "cage-digits-tinted"])  # whose codes' means are decoded
def test_after_training_it_is_the_error_of_what_generating_would_keep(row: str) -> None:
    run = started(row, code="mean")
    run.advance(3, 3, ignore)
    error = measuring.reconstruction_error(run.system, held_out(run))
    made = from_model(run.system.eval(), held_out(run).numpy(), 1, 1, Streams(5))
    difference = np.abs(made["reconstructions"].astype(float) - made["originals"])
    assert error == pytest.approx(difference.mean() / 255)


@pytest.mark.parametrize("row", ROWS)
def test_measuring_leaves_weights_streams_and_losses_as_they_would_have_been(row: str) -> None:
    plain, watched = started(row), started(row)
    plain.advance(12, 3, ignore)
    watched.advance(12, 3, measured)
    expected, found = plain.system.state_dict(), watched.system.state_dict()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert all(torch.equal(one, watched.streams.state()[name]) for name, one in plain.streams.state().items())
    both = list(zip(plain.progress.history, watched.progress.history, strict=True))
    assert all(entry == {name: value for name, value in found.items() if name in entry} for entry, found in both)
    errors = [entry[measuring.LABEL] for entry in watched.progress.history if measuring.LABEL in entry]
    assert len(errors) == (4 if watched.system.encodes else 0)
    assert all(0 < error < 1 for error in errors)


def test_the_same_weights_have_the_same_error_each_time() -> None:
    run = started("ijae")  # whose codes are draws
    once, again = (measuring.reconstruction_error(run.system, held_out(run)) for _ in range(2))
    assert once == again


def test_what_a_system_tells_of_unseen_images_stands_before_its_losses_too() -> None:
    run = started("pagan")
    run.advance(3, 3, measured)
    names = list(run.progress.history[0])
    assert names[:4] == ["iteration", measuring.LABEL, "pair accuracy", "pair gradient"]
    assert names[4:]
    assert not set(names[4:]) & {"pair accuracy", "pair gradient"}


def test_the_error_stands_before_the_losses() -> None:
    run = started("age")
    run.advance(3, 3, measured)
    assert list(run.progress.history[0])[:2] == ["iteration", measuring.LABEL]
    assert list(run.progress.history[0])[-1] != measuring.LABEL


def test_each_network_gets_back_the_mode_that_it_had() -> None:
    system = started("two-stage-vae").system.train()
    system.encoder.eval()  # type: ignore[operator]
    before = {name: module.training for name, module in system.named_modules()}
    with measuring.evaluating(system):
        assert not any(module.training for module in system.modules())
    assert {name: module.training for name, module in system.named_modules()} == before
