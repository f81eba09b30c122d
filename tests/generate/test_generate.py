"""From a model to arrays, through the door: shapes, ranges, the same bytes, and what is refused."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from stages import arrays
from stages.door import UserError
from stages.generate import interpolation
from stages.generate.__main__ import from_model, main
from stages.generate.decoding import to_images
from stages.train import contract, kept
from stages.train.streams import Streams

Made = Callable[..., Path]
SAMPLES, IMAGES = 40, 60


@pytest.fixture
def few(tiny: dict[str, Any]) -> dict[str, Any]:
    """The suite's params with few images to make."""
    tiny["profiles"]["tiny"]["generate"] = {"samples": SAMPLES, "images": IMAGES, "colorizations": 4, "features": {}}
    return tiny


@pytest.fixture
def generate(
    few: dict[str, Any], write_params: Callable[[Any], Path], digits: Path, model: Path, tmp_path: Path
) -> Made:
    """Runs the door for a row and gives the folder that it made."""

    def run(row: str, seed: int = 0, name: str = "generated", model: Path = model) -> Path:
        params = write_params(few)
        which = ["--params", str(params), "--row", row, "--seed", str(seed), "--data", str(digits)]
        main([*which, *["--model", str(model)] * (row == "pagan"), "--out", str(tmp_path / name)])
        return tmp_path / name

    return run


@pytest.fixture
def trained(model: Path) -> contract.System:
    return kept.load(model, json.loads((model / "card.json").read_text(encoding="utf-8")))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def card(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    return told


def test_a_model_s_row_gives_samples_and_reconstructions_beside_their_originals(generate: Made, digits: Path) -> None:
    folder = generate("pagan")
    samples, reconstructions = arrays.load(folder / "samples.npy"), arrays.load(folder / "reconstructions.npy")
    codes = arrays.load(folder / "codes.npy", dtype=np.float32, dimensions=2)
    assert samples.shape == (SAMPLES, 16, 16, 1)
    assert reconstructions.shape == (IMAGES, 16, 16, 1)
    assert codes.shape == (IMAGES, 8)
    assert np.isfinite(codes).all()
    assert len(np.unique(samples.reshape(SAMPLES, -1), axis=0)) == SAMPLES
    assert np.array_equal(arrays.load(folder / "originals.npy"), arrays.load(digits / "test" / "images.npy")[:IMAGES])


def test_the_card_says_what_was_made_of_which_weights(generate: Made, model: Path) -> None:
    assert card(generate("pagan")) == {
        "row": "pagan",
        "seed": 0,
        "system": "pagan",
        "status": "generated",
        "diverged": None,
        "weights_sha256": card(model)["weights_sha256"],
        "arrays": {
            "samples": SAMPLES,
            "originals": IMAGES,
            "reconstructions": IMAGES,
            "codes": IMAGES,
            "interpolations": 6,
        },
    }


@pytest.mark.parametrize("row", ["pagan", "real", "aug"])
def test_generating_twice_gives_the_same_bytes(generate: Made, row: str) -> None:
    once, twice = (files(generate(row, 0, name=f"run{at}")) for at in range(2))
    assert once == twice


@pytest.mark.parametrize(("row", "changed"), [("real", "samples.npy"), ("aug", "reconstructions.npy")])
def test_another_seed_gives_other_images(generate: Made, row: str, changed: str) -> None:
    assert files(generate(row, 0, name="one"))[changed] != files(generate(row, 1, name="other"))[changed]


def test_the_model_of_another_seed_is_refused(generate: Made) -> None:
    with pytest.raises(UserError, match="--model holds row 'pagan', seed 0; give the folder of row 'pagan', seed 1"):
        generate("pagan", 1)


def test_codes_are_not_those_that_training_began_with() -> None:
    assert not torch.equal(Streams(Streams(0).seeds["generation"]).normal(4, 8), Streams(0).normal(4, 8))


def decoded(system: contract.System, codes: torch.Tensor) -> np.ndarray:
    with torch.no_grad():
        return to_images(system, codes, np.zeros((len(codes), 16, 16, 1), np.uint8))


def test_samples_are_decoded_from_draws_that_the_seed_alone_decides(generate: Made, trained: contract.System) -> None:
    expected = decoded(trained, Streams(Streams(0).seeds["generation"]).normal(SAMPLES, 8))
    assert np.array_equal(arrays.load(generate("pagan") / "samples.npy"), expected)


def test_reconstructions_are_decoded_from_the_codes_that_are_kept(generate: Made, trained: contract.System) -> None:
    folder = generate("pagan")
    codes = torch.from_numpy(np.array(arrays.load(folder / "codes.npy", dtype=np.float32, dimensions=2)))
    expected = decoded(trained, codes)
    assert np.array_equal(arrays.load(folder / "reconstructions.npy"), expected)


@torch.no_grad()
def test_walks_begin_and_end_with_the_reconstructions_of_two_images(generate: Made, trained: contract.System) -> None:
    folder = generate("pagan")
    walks = arrays.load(folder / "interpolations.npy", dimensions=5)
    reconstructions = arrays.load(folder / "reconstructions.npy")
    codes = torch.from_numpy(np.array(arrays.load(folder / "codes.npy", dtype=np.float32, dimensions=2)))
    assert walks.shape == (6, 9, 16, 16, 1)
    assert np.array_equal(
        walks, decoded(trained, interpolation.walks(trained, codes).flatten(0, 1)).reshape(walks.shape)
    )
    for end, images in ((walks[:, 0], reconstructions[:6]), (walks[:, -1], reconstructions[6:12])):
        assert np.abs(end.astype(int) - images).max() <= 1  # they were decoded in another batch, which may round apart
    assert len(np.unique(walks.reshape(54, -1), axis=0)) == 54


@torch.no_grad()
def test_a_walk_draws_nothing_so_that_samples_and_reconstructions_stay_as_they_were(
    trained: contract.System, digits: Path
) -> None:
    images = np.array(arrays.load(digits / "test" / "images.npy")[:IMAGES])
    draw, alone = Streams(7), Streams(7)
    made = from_model(trained, images, SAMPLES, 4, draw)
    samples = decoded(trained, trained.prior(SAMPLES, alone))
    codes = trained.encode(contract.to_unit_range(torch.from_numpy(images)), alone)
    assert np.array_equal(made["samples"], samples)
    assert np.array_equal(made["codes"], codes)
    assert np.array_equal(made["reconstructions"], decoded(trained, codes))
    assert torch.equal(draw.normal(3), alone.normal(3))


def test_one_image_has_no_other_to_walk_to(generate: Made, few: dict[str, Any]) -> None:
    few["profiles"]["tiny"]["generate"]["images"] = 1
    assert card(generate("pagan"))["arrays"] == {"samples": SAMPLES, "originals": 1, "reconstructions": 1, "codes": 1}


@torch.no_grad()
def test_a_code_is_decoded_the_same_alone_as_in_a_batch(trained: contract.System) -> None:
    codes = Streams(3).normal(40, 8)
    alone = torch.cat([trained.decode(code[None]) for code in codes])
    assert torch.allclose(trained.decode(codes), alone, atol=1e-5)


@torch.no_grad()
def test_an_image_is_encoded_the_same_alone_as_in_a_batch(trained: contract.System, digits: Path) -> None:
    x = contract.to_unit_range(torch.from_numpy(np.array(arrays.load(digits / "test" / "images.npy")[:40])))
    trained.settings["code"] = "mean"  # a draw depends on how many numbers are drawn at once
    alone = torch.cat([trained.encode(image[None], Streams(3)) for image in x])
    assert torch.allclose(trained.encode(x, Streams(3)), alone, atol=1e-5)


def test_more_samples_than_a_batch_are_made(generate: Made, few: dict[str, Any]) -> None:
    few["profiles"]["tiny"]["generate"] = {"samples": 501, "images": 297, "colorizations": 4, "features": {}}
    folder = generate("pagan")
    assert card(folder)["arrays"] == {
        "samples": 501,
        "originals": 297,
        "reconstructions": 297,
        "codes": 297,
        "interpolations": 6,
    }
    samples = arrays.load(folder / "samples.npy")
    assert len(np.unique(samples.reshape(501, -1), axis=0)) == 501


def test_real_gives_the_test_images_in_another_order(generate: Made, few: dict[str, Any], digits: Path) -> None:
    few["profiles"]["tiny"]["generate"]["samples"] = 1000  # more than there are
    folder = generate("real")
    samples, tests = arrays.load(folder / "samples.npy"), arrays.load(digits / "test" / "images.npy")[:IMAGES]
    assert list(card(folder)["arrays"]) == ["samples"]
    assert sorted(image.tobytes() for image in samples) == sorted(image.tobytes() for image in tests)
    assert not np.array_equal(samples, tests)


def test_real_gives_no_more_samples_than_asked_for(generate: Made, digits: Path) -> None:
    samples = arrays.load(generate("real") / "samples.npy")
    tests = arrays.load(digits / "test" / "images.npy")
    assert len({image.tobytes() for image in samples}) == SAMPLES
    assert {image.tobytes() for image in samples} <= {image.tobytes() for image in tests[:IMAGES]}


def test_aug_moves_each_image_by_at_most_the_padding(generate: Made, digits: Path) -> None:
    folder = generate("aug")
    originals, moved = arrays.load(folder / "originals.npy"), arrays.load(folder / "reconstructions.npy")
    assert list(card(folder)["arrays"]) == ["originals", "reconstructions"]
    assert np.array_equal(originals, arrays.load(digits / "test" / "images.npy")[:IMAGES])
    mirrored = np.pad(originals, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")  # 10 % of 16 pixels is 1
    crops = [mirrored[:, top : top + 16, left : left + 16] for top in range(3) for left in range(3)]
    found = np.array([[np.array_equal(image, crop[at]) for crop in crops] for at, image in enumerate(moved)])
    assert found.any(axis=1).all()
    assert found.any(axis=0).all()  # each of the nine offsets occurs


def test_every_grey_survives_the_way_into_a_network_s_range_and_back() -> None:
    greys = torch.arange(256, dtype=torch.uint8).reshape(4, 8, 8, 1)
    x = contract.to_unit_range(greys)
    assert x.shape == (4, 1, 8, 8)
    assert (float(x.min()), float(x.max())) == (-1, 1)
    assert torch.equal(contract.to_bytes(x), greys)
    assert contract.to_bytes(torch.tensor([-3.0, 3.0]).reshape(1, 1, 1, 2)).flatten().tolist() == [0, 255]


def test_a_row_with_a_model_is_refused_without_one(
    tiny_params: Path, digits: Path, tmp_path: Path, refusal: Callable[..., str]
) -> None:
    which = ["--params", tiny_params, "--row", "pagan", "--seed", "0", "--data", digits]
    line = refusal(main, *which, "--out", tmp_path / "generated")
    assert "--model is missing: row 'pagan' has a model" in line
    assert not (tmp_path / "generated").exists()


@pytest.mark.parametrize("harm", ["tampered", "missing"])
def test_weights_that_are_not_the_card_s_are_refused(generate: Made, model: Path, tmp_path: Path, harm: str) -> None:
    copied = Path(shutil.copytree(model, tmp_path / "model"))
    weights = copied / "weights.safetensors"
    if harm == "tampered":
        content = bytearray(weights.read_bytes())
        content[-1] ^= 1
        weights.write_bytes(content)
    else:
        weights.unlink()
    with pytest.raises(UserError, match=r"weights\.safetensors is not the file that its card describes; train the row"):
        generate("pagan", model=copied)
    assert not (tmp_path / "generated").exists()


def test_an_unknown_row_is_refused(generate: Made) -> None:
    with pytest.raises(UserError, match=r"the row asked for is 'pagna'; choose .*pagan"):
        generate("pagna")


def test_a_model_is_kept_with_its_own_settings_and_not_the_params_of_today(generate: Made, few: dict[str, Any]) -> None:
    before = files(generate("pagan"))
    few["profiles"]["tiny"]["settings"]["width"] = 17
    assert files(generate("pagan", name="again")) == before
