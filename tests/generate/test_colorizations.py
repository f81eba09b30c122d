"""What generate makes of a conditional system: each test image several times, and with others' codes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from stages import arrays, params, record
from stages.generate.__main__ import from_model, main
from stages.train import contract
from stages.train.__main__ import main as train
from stages.train.streams import Streams


class Painter(contract.System):
    """Decodes to its code's numbers as red, green and blue, darkened by the image's own red; encodes their means."""

    conditional = True

    def __init__(self) -> None:
        super().__init__({"latent": 3}, [2, 2, 3])

    def prior(self, n: int, draw: Streams) -> Tensor:
        return draw.uniform(n, 3)

    def encode(self, x: Tensor, draw: Streams) -> Tensor:
        return (x.mean(dim=(2, 3)) + 1) / 2

    def decoder_given(self, x: Tensor) -> Callable[[Tensor], Tensor]:
        return lambda code: 2 * (code[:, :, None, None] * (x[:, :1] + 1) / 2) - 1


class Blind(Painter):
    encodes = False


def flat(*greys: int) -> np.ndarray:
    """Even images [n, 2, 2, 3]: red as given, green and blue half of it."""
    colours = np.array([[grey, grey // 2, grey // 2] for grey in greys], np.uint8)
    return np.broadcast_to(colours[:, None, None], (len(greys), 2, 2, 3)).copy()


def test_a_colorization_is_of_its_own_image_and_a_code_of_its_own() -> None:
    images = flat(255, 51)
    made = from_model(Painter(), images, 1, 3, Streams(0))["colorizations"]
    assert made.shape == (2, 3, 2, 2, 3)
    drawn = Streams(0)
    drawn.uniform(1, 3)  # the sample's
    codes = drawn.uniform(6, 3).reshape(2, 3, 3).numpy()
    expected = 255 * codes * np.array([1, 0.2])[:, None, None]
    assert np.abs(made[:, :, 0, 0] - expected).max() <= 0.51


def test_a_transfer_is_the_recipient_with_the_donor_s_code_worked_by_hand() -> None:
    images = flat(255, 102, 51, 204)
    made = from_model(Painter(), images, 1, 2, Streams(0))
    assert made["donors"].tolist() == [0, 2]  # evenly spaced
    assert made["transfers"].shape == (4, 2, 2, 2, 3)
    red = made["transfers"][:, :, 0, 0, 0].tolist()
    assert red == [[255, 51], [102, 20], [51, 10], [204, 41]]  # the recipient's red times the donor's, / 255


def test_there_are_no_more_donors_than_images() -> None:
    made = from_model(Painter(), flat(255, 51), 1, 5, Streams(0))
    assert made["donors"].tolist() == [0, 1]
    assert made["transfers"].shape[:2] == (2, 2)


def test_without_an_encoder_nothing_is_transferred() -> None:
    made = from_model(Blind(), flat(255, 51), 1, 2, Streams(0))
    assert set(made) == {"samples", "originals", "colorizations"}
    assert np.array_equal(made["originals"], flat(255, 51))


def test_samples_are_of_the_test_images_in_turn() -> None:
    made = from_model(Painter(), flat(255, 0), 4, 2, Streams(0))["samples"]
    assert made[::2].reshape(2, -1).max(axis=1).min() > 0
    assert made[1::2].max() == 0


def test_more_of_them_than_a_batch_keep_their_places() -> None:
    images = flat(*range(5, 255, 2))
    made = from_model(Painter(), images, 1, 3, Streams(0))
    red, own = made["transfers"][:, :, 0, 0, 0], images[:, 0, 0, 0].astype(float)
    assert np.abs(red - own[:, None] * own[made["donors"]] / 255).max() <= 0.51


@pytest.mark.parametrize("row", ["cage-digits-tinted", "pix2pix-digits-tinted"])
def test_a_row_of_colorization_goes_through_the_doors(
    row: str, tiny_params: Path, digits_tinted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUITE_DEVICE", "cpu")
    which = ["--params", str(tiny_params), "--row", row, "--seed", "0", "--data", str(digits_tinted)]
    train([*which, "--out", "model"])
    main([*which, "--model", "model", "--out", "generated"])
    told: dict[str, Any] = record.read(Path("generated/card.json"))["arrays"]
    each = params.load(tiny_params).sizes.generate.colorizations
    made = arrays.load(Path("generated/colorizations.npy"), dimensions=5)
    assert made.shape == (told["originals"], each, 16, 16, 3)
    assert ("transfers" in told) is row.startswith("cage")
    again = from_model_twice(tmp_path, which)
    assert again == (tmp_path / "generated/colorizations.npy").read_bytes()


def from_model_twice(folder: Path, which: list[str]) -> bytes:
    main([*which, "--model", "model", "--out", "again"])
    return (folder / "again/colorizations.npy").read_bytes()


def test_any_folder_of_colour_images_will_do(
    suite: dict[str, Any], write_params: Callable[[Any], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PIL import Image

    from stages.fetch.__main__ import main as fetch

    draw = np.random.default_rng(0)
    for split, count in (("train", 9), ("test", 3)):
        (tmp_path / "cars" / split / "any").mkdir(parents=True)
        for n in range(count):
            pixels = draw.integers(256, size=(20 + n, 30, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "cars" / split / "any" / f"{n}.png")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUITE_DEVICE", "cpu")
    suite |= {"profile": "tiny", "use": ["digits", "digits-tinted", "stanford-cars"]}
    suite["suite"] |= {"cage-stanford-cars": ["cage"]}
    suite["datasets"]["stanford-cars"] |= {"source": f"folder:{tmp_path}/cars", "size": 32}
    suite["rows"]["cage"] |= {"networks": "cage", "width": 4, "batch": 4, "iterations": 3}
    path = str(write_params(suite))
    fetch(["--params", path, "--dataset", "stanford-cars"])
    which = ["--params", path, "--row", "cage", "--seed", "0"]
    train(which)
    main([*which, "--data", "data/stanford-cars", "--model", "runs/cage/0/model", "--out", "generated"])
    assert arrays.load(Path("generated/colorizations.npy"), dimensions=5).shape[2:] == (32, 32, 3)


def test_a_log_likelihood_given_a_part_of_the_image_is_not_taken_for_one() -> None:
    from stages.door import UserError
    from stages.likelihood.observation import prior_of

    with pytest.raises(UserError, match="a code and of a part of an image"):
        prior_of(Painter())


def test_every_system_that_is_not_conditional_decodes_codes_alone() -> None:
    system = contract.System({"latent": 2}, [2, 2, 3])
    system.generator = torch.nn.Identity()
    codes = torch.ones(3, 2)
    assert torch.equal(system.decoder_given(torch.zeros(3, 3, 2, 2))(codes), codes)
