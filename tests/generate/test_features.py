"""Features of encoders: which layers, how many numbers, the same each time, and beside the right labels."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d

from stages import arrays, params
from stages.door import UserError
from stages.generate import features
from stages.generate.__main__ import main
from stages.train import contract
from stages.train.streams import Streams

SUITE = params.load(Path(__file__).parents[2] / "params.yaml", "quick")


def built(row: str, shape: list[int], **knobs: Any) -> contract.System:
    system = SUITE.rows[row].system
    return contract.build(system, SUITE.settings(row) | knobs, shape).eval()


def images(n: int, shape: list[int]) -> np.ndarray:
    return np.random.default_rng(0).integers(256, size=(n, *shape), dtype=np.uint8)


def test_age_s_encoder_of_svhn_gives_the_numbers_that_its_maps_add_up_to() -> None:
    # 64 x 16², 128 x 8² and 256 x 4² pooled to 4 x 4, and 64
    system = built("age-svhn", [32, 32, 3], networks="age", width=64, latent=64)
    assert features.of_images(system, images(2, [32, 32, 3]), Streams(0)).shape == (2, (64 + 128 + 256) * 16 + 64)


@torch.no_grad()
def test_features_are_the_last_activations_pooled_and_the_output() -> None:
    system, x = built("age", [32, 32, 1], networks="age", width=2, latent=5), images(3, [32, 32, 1])
    told = features.of_images(system, x, Streams(0))
    layers: list[Tensor] = []
    after = contract.to_unit_range(torch.from_numpy(x))
    for module in system.encoder:
        after = module(after)
        if isinstance(module, nn.LeakyReLU):
            layers.append(max_pool2d(after, after.shape[2] // 4).flatten(1))
    assert torch.allclose(torch.from_numpy(told), torch.cat([*layers, after], dim=1))


@torch.no_grad()
def test_of_more_hidden_layers_the_last_three_count() -> None:
    system, x = built("pagan", [16, 16, 1], networks="dcgan", width=2, latent=5), images(2, [16, 16, 1])
    told = features.of_images(system, x, Streams(0))
    hidden = [module for module in system.encoder.modules() if isinstance(module, nn.LeakyReLU)]
    assert len(hidden) == 7
    assert told.shape[1] == (8 * 4 * 4) + (16 * 2 * 2) + (16 * 2 * 2) + 2 * 5


@pytest.mark.parametrize("row", [row for row in SUITE.suite_rows() if row not in ("real", "aug")])
def test_every_row_with_an_encoder_has_features(row: str) -> None:
    system = built(row, [16, 16, 3], width=8)
    if not system.encodes:
        return
    once, again = (features.of_images(system, images(3, [16, 16, 3]), Streams(0)) for _ in range(2))
    assert once.shape[0] == 3
    assert once.shape[1] >= 8
    assert once.dtype == np.float32
    assert np.isfinite(once).all()
    assert np.array_equal(once, again)


def test_an_image_has_the_same_features_in_any_batch() -> None:
    system, x = built("age", [16, 16, 1], width=8), images(7, [16, 16, 1])
    whole, parts = (features.of_images(system, x, Streams(0), batch) for batch in (7, 2))
    assert np.allclose(whole, parts, atol=1e-6)


def test_looking_leaves_no_hook_behind() -> None:
    system = built("age", [16, 16, 1], width=8)
    features.of_images(system, images(2, [16, 16, 1]), Streams(0))
    assert not [module for module in system.modules() if module._forward_hooks]


@pytest.fixture
def generated(
    tiny: dict[str, Any], write_params: Callable[[Any], Path], digits: Path, model: Path, tmp_path: Path
) -> Callable[[int], Path]:
    """Runs the door for a PAGAN that keeps features of so many training images."""

    def run(count: int) -> Path:
        tiny["profiles"]["tiny"]["generate"] |= {"features": {"pagan": count} if count else {}}
        which = ["--params", str(write_params(tiny)), "--row", "pagan", "--seed", "0", "--data", str(digits)]
        main([*which, "--model", str(model), "--out", str(tmp_path / f"generated-{count}")])
        return tmp_path / f"generated-{count}"

    return run


def test_a_row_that_params_name_keeps_features_and_labels_of_both_splits(
    generated: Callable[[int], Path], digits: Path
) -> None:
    folder = generated(500)
    for split, count in (("train", 500), ("test", 200)):
        told = arrays.load(folder / f"features_{split}.npy", dtype=np.float32, dimensions=2)
        assert told.shape == (count, 2 * 32 + 2 * 8)  # two hidden layers of 32, mean and log variance of 8 numbers
        labels = arrays.load(folder / f"labels_{split}.npy", dtype=np.int64, dimensions=1)
        every = arrays.load(digits / split / "labels.npy", dtype=np.int64, dimensions=1)
        assert np.array_equal(labels, every[np.arange(count) * len(every) // count])


def test_a_row_that_params_do_not_name_keeps_none_and_its_images_are_the_same(
    generated: Callable[[int], Path],
) -> None:
    with_features, without = generated(20), generated(0)
    assert not (without / "features_train.npy").exists()
    for path in without.glob("*.npy"):
        assert path.read_bytes() == (with_features / path.name).read_bytes()


def test_a_row_without_an_encoder_is_refused(digits: Path) -> None:
    with pytest.raises(UserError, match="lists this row, which has no encoder"):
        features.labelled(built("dcgan", [16, 16, 1]), digits, 10, 10, Streams(0))
