"""α-GAN's classifier of CIFAR-10: its layers are Table 5's, its recipe is the appendix's, and it learns."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from stages import record
from stages.judge.classifier import Classifier
from stages.judge.networks import vgg
from stages.judge.training import train

PAPER = {
    "width": 64,
    "strides": "repaired",
    "steps": 80_000,
    "batch": 256,
    "learning_rate": 0.1,
    "momentum": 0.9,
    "weight_decay": 1e-4,
}
SMALL = PAPER | {"width": 8, "steps": 40, "batch": 32}


def network(**knobs: Any) -> vgg.Network:
    return vgg.Network(3, 32, 10, SMALL | {"width": 2} | knobs)


def striped(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Stripes that run across, down or both ways, in two random colours, from a random place on."""
    draw = np.random.default_rng(seed)
    labels = draw.integers(3, size=count)
    rows, columns = np.mgrid[:32, :32]
    images = np.empty((count, 32, 32, 3), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        down, right = draw.integers(8, size=2)
        across, along = (rows + down) // 4 % 2, (columns + right) // 4 % 2
        image[:] = draw.integers(256, size=(2, 3))[[across, along, across ^ along][label]]
    return images, labels


@pytest.fixture(scope="module")
def taught() -> Classifier:
    return train("vgg", *striped(256, seed=0), SMALL)


def test_table_5_has_so_many_weights_in_convolutions() -> None:
    with torch.device("meta"):
        made = vgg.Network(3, 32, 10, PAPER)
    assert sum(weight.numel() for weight in made.parameters() if weight.dim() == 4) == 7_780_032
    assert made.features == made.head.in_features == 512


@pytest.mark.parametrize(
    ("strides", "sizes"),
    [
        ("repaired", [24, 24, 12, 12, 12, 6, 6, 6, 3, 3, 3]),
        ("printed", [12, 12, 6, 6, 3, 2, 1, 1, 1, 1, 1]),  # eight strides of 2
    ],
)
def test_layers_have_these_sizes(strides: str, sizes: list[int]) -> None:
    found: list[int] = []
    made = network(strides=strides)
    for layer in made.body:
        if isinstance(layer, torch.nn.Conv2d):
            layer.register_forward_hook(lambda _, __, out: found.append(out.shape[-1]))
    made(torch.zeros(2, 3, 32, 32))
    assert found == sizes
    assert len(found) == len(vgg.MAPS) == 11


@pytest.mark.parametrize(("size", "crop"), [(8, 6), (16, 12), (28, 21), (32, 24), (64, 48)])
def test_three_quarters_of_the_sides_are_seen(size: int, crop: int) -> None:
    made = vgg.Network(3, size, 10, SMALL)
    features, logits = made(torch.zeros(2, 3, size, size))
    assert (made.crop, features.shape, logits.shape) == (crop, (2, made.features), (2, 10))
    assert vgg.augment(torch.zeros(2, 3, size, size), torch.Generator()).shape == (2, 3, crop, crop)


@torch.no_grad()
def test_at_test_time_it_sees_the_centre() -> None:
    made, x = network().eval(), torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    outside, inside = x.clone(), x.clone()
    outside[:, :, :4] = outside[:, :, -4:] = outside[..., :4] = outside[..., -4:] = 0
    inside[:, :, 4] = 0
    features = made(x)[0]
    assert torch.equal(features, made(outside)[0])
    assert torch.equal(features, made(x[:, :, 4:28, 4:28])[0])
    assert not torch.equal(features, made(inside)[0])


def test_training_sees_every_crop_and_its_mirror_image() -> None:
    x = torch.arange(200 * 3 * 8 * 8).reshape(200, 3, 8, 8)  # every number tells its place
    changed = vgg.augment(x, torch.Generator().manual_seed(0))
    places = set()
    for image, crop in zip(x, changed, strict=True):
        mirrored = bool(crop[0, 0, 0] > crop[0, 0, 1])
        crop = crop.flip(2) if mirrored else crop
        top, left = divmod(int(crop[0, 0, 0] - image[0, 0, 0]), 8)
        assert torch.equal(crop, image[:, top : top + 6, left : left + 6])
        places.add((top, left, mirrored))
    assert len(places) == 3 * 3 * 2


def test_the_rate_falls_after_half_and_three_quarters_of_the_steps() -> None:
    optimiser = vgg.optimiser(network().parameters(), SMALL)
    schedule, rates = vgg.schedule(optimiser, 8), []
    for _ in range(8):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
    assert rates == pytest.approx([0.1] * 4 + [0.01] * 2 + [0.001] * 2)


def test_the_recipe_is_the_paper_s() -> None:
    optimiser = vgg.optimiser(network().parameters(), PAPER)
    steps = vgg.steps(195, PAPER)  # so many batches has CIFAR-10
    assert isinstance(optimiser, torch.optim.SGD)
    assert {name: optimiser.param_groups[0][name] for name in ("momentum", "weight_decay")} == {
        "momentum": 0.9,
        "weight_decay": 1e-4,
    }
    assert sorted(vgg.schedule(optimiser, steps).milestones) == [40_000, 60_000]


def test_params_declare_the_recipe_of_the_paper(declared: dict[str, Any]) -> None:
    assert declared["classifiers"]["vgg"] == PAPER


def test_it_learns(taught: Classifier) -> None:
    assert taught.accuracy(*striped(150, seed=1)) > 0.8  # chance is a third


@pytest.mark.parametrize("strides", ["repaired", "printed"])
def test_a_kept_one_sees_what_the_trained_one_saw(strides: str, tmp_path: Path) -> None:
    images, labels = striped(40, seed=2)
    trained = train("vgg", images, labels, SMALL | {"steps": 2, "strides": strides})
    trained.save(tmp_path)
    kept = Classifier.load(tmp_path)
    assert kept.card["knobs"]["strides"] == strides
    for before, after in zip(trained.look(images), kept.look(images), strict=True):
        assert np.array_equal(before, after)


@pytest.mark.parametrize(("batch", "threads"), [(1, 1), (7, 1), (40, 2), (7, 2)])
def test_what_it_sees_depends_on_neither_batch_nor_threads(taught: Classifier, batch: int, threads: int) -> None:
    images, _ = striped(40, seed=3)
    torch.set_num_threads(1)
    expected = taught.look(images)
    torch.set_num_threads(threads)
    for found, wanted in zip(taught.look(images, batch), expected, strict=True):
        assert found == pytest.approx(wanted, abs=1e-6 * np.abs(wanted).max())  # of float32's own rounding, 1e-7


def test_the_door_trains_it_where_params_say_so(
    tiny: dict[str, Any], write_params: Callable[[Any], Path], digits: Path, tmp_path: Path
) -> None:
    from stages.judge.__main__ import main

    tiny["datasets"]["digits"]["judges"] = ["vgg"]
    where = ["--params", str(write_params(tiny)), "--data", str(digits)]
    for name in ("once", "twice"):
        main([*where, "--out", str(tmp_path / name), "--provenance", str(tmp_path / f"{name}.json")])
    card = record.read(tmp_path / "once" / "card.json")
    assert (card["kind"], card["network"], card["features"], card["classes"]) == ("own", "vgg", 32, 10)
    assert card["knobs"] == PAPER | tiny["profiles"]["tiny"]["judge"]["vgg"]
    for file in ("card.json", "weights.safetensors"):
        assert (tmp_path / "once" / file).read_bytes() == (tmp_path / "twice" / file).read_bytes()
    told = record.read(tmp_path / "once.json")
    assert (told["params"], told["device"]) == (card["knobs"], "cpu")
