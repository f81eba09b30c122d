"""Walks between the codes of two images: which pairs, how many steps, and ends that are the reconstructions."""

import pytest
import torch

from stages import params
from stages.generate.interpolation import PAIRS, STEPS, walks
from stages.train import contract
from stages.train.streams import Streams

SUITE = params.load(params.ROOMS.parent / "params.yaml", "tiny")


def built(row: str) -> contract.System:
    return contract.build(SUITE.rows[row].system, SUITE.settings(row), [16, 16, 1]).eval()


def test_a_walk_begins_and_ends_with_the_codes_of_its_images() -> None:
    codes = Streams(0).normal(40, 8)
    found = walks(built("vae"), codes)
    assert found.shape == (PAIRS, STEPS, 8)
    assert torch.equal(found[:, 0], codes[:PAIRS])
    assert torch.equal(found[:, -1], codes[PAIRS : 2 * PAIRS])


def test_few_images_make_few_pairs() -> None:
    codes = Streams(0).normal(5, 8)
    found = walks(built("vae"), codes)
    assert torch.equal(found[:, 0], codes[:2])
    assert torch.equal(found[:, -1], codes[2:4])


@pytest.mark.parametrize("row", ["age", "vae"])
def test_a_walk_keeps_to_the_lengths_of_the_prior(row: str) -> None:
    system = built(row)
    lengths = walks(system, system.prior(12, Streams(0))).norm(dim=2)
    ends = torch.stack([lengths[:, 0], lengths[:, -1]])
    assert (lengths <= ends.amax(0)[:, None] + 1e-5).all()
    assert (lengths >= ends.amin(0)[:, None] - 1e-5).all()


def test_a_walk_on_the_sphere_stays_on_it() -> None:
    system = built("age")
    found = walks(system, system.prior(12, Streams(0)))
    assert torch.allclose(found.norm(dim=2), torch.ones(PAIRS, STEPS))
