"""LPIPS against the library that ships its heads, with the same random trunk in both."""

import json
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
import torchmetrics
from torch import nn
from torchmetrics.functional.image.lpips import _LPIPS, ScalingLayer

from stages import record, weights
from stages.door import UserError
from stages.evaluate.metrics import lpips as metric
from stages.evaluate.metrics.lpips import TRUNKS, distances, heads_of, network, to_unit_range
from stages.judge.absent import NotComputed


def images(n: int = 3, side: int = 40, channels: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, side, side, channels), dtype=np.uint8)


@cache
def library(name: str) -> Any:
    """The library's own LPIPS, with its heads on a random trunk. Shapes first: what is not compared costs seconds."""
    torch.manual_seed(0)
    with torch.device("meta"):
        made = _LPIPS(pretrained=False, net=TRUNKS[name].heads, pnet_rand=True)
    made.to_empty(device="cpu")
    made.scaling_layer = ScalingLayer()
    for parameter in made.net.parameters():
        nn.init.kaiming_uniform_(parameter) if parameter.dim() > 1 else nn.init.zeros_(parameter)
    heads = Path(torchmetrics.__file__).parent / f"functional/image/lpips_models/{TRUNKS[name].heads}.pth"
    made.load_state_dict(torch.load(heads, map_location="cpu", weights_only=True), strict=False)
    return made


def state_of(made: Any) -> dict[str, np.ndarray]:
    """Its trunk's weights, by torchvision's names: slices keep the places of their layers."""
    state = {}
    for name, tensor in made.net.state_dict().items():
        words = name.split(".")
        kept = words[2:] if words[0] == "slices" else words[1:]
        state[".".join(["features", *kept])] = tensor.numpy()
    return state


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As the published stage makes it, of a random AlexNet."""
    weights.save(tmp_path / "weights.safetensors", state_of(library("lpips-alex")))
    card = {
        "kind": "published",
        "network": "lpips-alex",
        "title": "AlexNet trunk of LPIPS",
        "published_sha256": "7be5be79" + "0" * 56,
        "weights_sha256": record.file_digest(tmp_path / "weights.safetensors"),
    }
    record.write(tmp_path / "card.json", card)
    return tmp_path


def seen(original: np.ndarray, reconstruction: np.ndarray, trunk: Path | None) -> Any:
    pairs = {"originals": original, "reconstructions": reconstruction}
    return SimpleNamespace(images=pairs.__getitem__, trunk=trunk)


@pytest.mark.parametrize("name", TRUNKS)
def test_it_is_the_library_s_distance(name: str) -> None:
    made, x, y = library(name), to_unit_range(images()), to_unit_range(images(seed=1))
    trunk = TRUNKS[name]
    ours = distances(x, y, network(trunk, state_of(made)), trunk.layers, heads_of(trunk))
    theirs = made(x, y).flatten()
    assert ours.numpy() == pytest.approx(theirs.numpy(), rel=1e-5)
    assert (theirs > 0).all()


@pytest.mark.parametrize("name", TRUNKS)
def test_the_least_side_is_the_least_of_which_the_layers_leave_something(name: str) -> None:
    trunk = TRUNKS[name]
    layers = network(trunk, state_of(library(name)))[: trunk.layers[-1] + 1]
    layers(torch.zeros(1, 3, trunk.least, trunk.least))
    with pytest.raises(RuntimeError, match=r"too small|can't be greater"):
        layers(torch.zeros(1, 3, trunk.least - 1, trunk.least - 1))


def test_equal_images_are_at_distance_0_and_lower_is_better(folder: Path) -> None:
    assert metric.measure(seen(images(), images(), folder))["value"] == 0
    noise = np.random.default_rng(5).integers(-60, 60, images().shape)
    values = [
        metric.measure(seen(images(), (images() + share * noise).clip(0, 255).astype(np.uint8), folder))["value"]
        for share in (0.1, 0.5, 1.0)
    ]
    assert values == sorted(values)
    assert metric.BETTER == "lower"


def test_it_does_not_matter_which_image_comes_first_nor_the_order_of_pairs(folder: Path) -> None:
    x, y = images(), images(seed=1)
    value = metric.measure(seen(x, y, folder))["value"]
    assert metric.measure(seen(y, x, folder))["value"] == pytest.approx(value, rel=1e-6)
    assert metric.measure(seen(x[::-1], y[::-1], folder))["value"] == pytest.approx(value, rel=1e-6)


def test_how_many_pairs_are_taken_at_a_time_does_not_matter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = images(7), images(7, seed=1)
    value = metric.measure(seen(x, y, folder))["value"]
    monkeypatch.setattr(metric, "BATCH", 2)
    assert metric.measure(seen(x, y, folder))["value"] == pytest.approx(value, rel=1e-6)


def test_a_grey_image_is_shown_as_three_equal_channels(folder: Path) -> None:
    x, y = images(channels=1), images(channels=1, seed=1)
    three = [np.repeat(one, 3, axis=3) for one in (x, y)]
    expected = metric.measure(seen(*three, folder))["value"]
    assert metric.measure(seen(x, y, folder))["value"] == pytest.approx(expected, rel=1e-6)


def test_the_number_stands_beside_its_spread_over_images_and_its_trunk(folder: Path) -> None:
    x, y = images(5), images(5, seed=1)
    told = metric.measure(seen(x, y, folder))
    each = [metric.measure(seen(x[at : at + 1], y[at : at + 1], folder))["value"] for at in range(5)]
    assert told == {
        "value": pytest.approx(np.mean(each), rel=1e-5),
        "over_images": pytest.approx(np.std(each), rel=1e-3),
        "images": 5,
        "judge": "AlexNet trunk of LPIPS (7be5be79), heads 0.1",
    }


def test_without_its_weights_it_is_not_computed(folder: Path) -> None:
    card = record.read(folder / "card.json") | {"missing": "needs weights/alexnet.pth (sha256 7be5be79…)"}
    record.write(folder / "card.json", card)
    with pytest.raises(NotComputed, match=r"^needs weights/alexnet\.pth \(sha256 7be5be79…\); see README$"):
        metric.measure(seen(images(), images(), folder))
    with pytest.raises(NotComputed, match="needs --lpips"):
        metric.measure(seen(images(), images(), None))


@pytest.mark.parametrize("side", [16, 28])
def test_images_too_small_for_the_trunk_are_not_scored(folder: Path, side: int) -> None:
    small = images(side=side)
    with pytest.raises(NotComputed, match=f"images of {side} x {side} are too small for the AlexNet trunk"):
        metric.measure(seen(small, small, folder))


def test_pairs_that_do_not_match_are_refused(folder: Path) -> None:
    with pytest.raises(UserError, match="image by image"):
        metric.measure(seen(images(3), images(4), folder))
    with pytest.raises(UserError, match="grey or colour images, these have 2 channels"):
        metric.measure(seen(images(channels=2), images(channels=2), folder))


def test_changed_weights_are_refused(folder: Path) -> None:
    path = folder / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(
        UserError, match="is not the file that its card describes; run `dvc repro published@lpips-alex`"
    ):
        metric.measure(seen(images(), images(), folder))


def test_another_judge_s_folder_is_refused(folder: Path) -> None:
    (folder / "card.json").write_text(json.dumps(record.read(folder / "card.json") | {"network": "inception"}))
    with pytest.raises(UserError, match="--lpips holds inception, no trunk of LPIPS"):
        metric.measure(seen(images(), images(), folder))
