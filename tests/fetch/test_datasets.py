"""What each dataset does with its images, where the papers say so; and that all of them are declared and described."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy.stats import f_oneway, kstest

from stages import code, params
from stages.fetch.sources.dataset import Dataset, Split, as_they_are
from stages.lab import lab_of_rgb, rgb_of_lab
from tests.fetch.small import Small, draw, encode, write

NAMES = params.files_in("fetch")
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
Fetch = Callable[..., Any]


def dataset(name: str) -> Dataset:
    found: Dataset = import_module(f"stages.fetch.{name}").DATASET
    return found


COLORMNIST = dataset("colormnist")  # as it is: conftest.py makes it smaller for each test


@pytest.mark.parametrize("name", NAMES)
def test_each_is_declared_at_a_size_and_source_that_it_takes(name: str, declared: dict[str, Any]) -> None:
    told, found = declared["datasets"][name], dataset(name)
    assert told["size"] in found.sizes
    assert told["source"] == ("bundled" if found.origin.bundled else "official")
    assert found.stand_in == bool(found.origin.bundled)


@pytest.mark.parametrize("name", NAMES)
def test_each_says_what_it_is(name: str) -> None:
    found = dataset(name)
    assert found.title
    assert len(found.licence) > 10
    assert found.preprocessing.format(size=found.sizes[0])
    assert not found.origin.names or len(found.origin.names) == found.origin.classes
    module = import_module(f"stages.fetch.{name}")
    assert len(str(module.__doc__).splitlines()[0]) > 30


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_s_table_says_how_to_get_it(name: str) -> None:
    (line,) = [line for line in README.splitlines() if line.startswith(f"| `{name}`")]
    _, online, offline, images, _, sides, licence = (cell.strip() for cell in line.strip("|").split("|"))
    one = dataset(name)
    assert ("bundled" in online, "bundled" in offline) == (one.origin.bundled is not None,) * 2
    assert ("`official`" in online) == any(archive.urls for archive in one.origin.archives)
    assert sides == ", ".join(map(str, one.sizes))
    assert one.licence.startswith(licence)
    if one.arrange is as_they_are:
        assert images == " / ".join(f"{count:,}" for count in one.origin.published.values())


@pytest.mark.parametrize("name", NAMES)
def test_a_fetch_depends_on_what_the_door_imports_and_its_own_file(name: str) -> None:
    door = set(code.files("fetch/__main__"))
    assert set(code.files(f"fetch/{name}")) - door == {f"stages/fetch/{name}.py"}


@pytest.mark.parametrize("name", [name for name in NAMES if not dataset(name).origin.bundled])
def test_checksums_and_addresses_are_plausible(name: str) -> None:
    archives = dataset(name).origin.archives
    assert archives
    for archive in archives:
        assert len(archive.md5) == 32
        assert set(archive.md5) <= set("0123456789abcdef")
        assert all(url.startswith(("https://", "http://")) for url in archive.urls)
    assert all(archive.urls for archive in archives) == (name != "stanford-cars")


@pytest.mark.parametrize(
    ("name", "module"), [("mnist", "mnist"), ("cifar10", "cifar"), ("svhn", "svhn"), ("celeba", "celeba")]
)
def test_checksums_are_those_of_torchvision(name: str, module: str) -> None:
    place = find_spec("torchvision")  # read, not imported: that takes seconds
    assert place is not None
    text = (Path(str(place.origin)).parent / "datasets" / f"{module}.py").read_text(encoding="utf-8")
    for archive in dataset(name).origin.archives:
        (line,) = [line for line in text.splitlines() if archive.md5 in line]
        assert archive.name in line or f'filename = "{archive.name}"' in text or f'"{archive.name}",' in text
        if name == "celeba":
            assert f'("{archive.urls[0].rpartition("=")[2]}", "{archive.md5}", "{archive.name}")' in line


def test_mnist_is_padded_with_zeros_on_every_side(fetch: Fetch, tmp_path: Path) -> None:
    source = f"parquet:{write(tmp_path / 'parquet', Small('mnist').parquet())}"
    plain, padded = fetch("mnist", source=source, size=28), fetch("mnist", source=source, size=32)
    assert padded.card["shape"] == [32, 32, 1]
    assert np.array_equal(padded.array("train")[:, 2:30, 2:30], plain.array("train"))
    assert padded.array("train").sum() == plain.array("train").sum(dtype=int)


def test_celeba_is_resized_whole_and_keeps_rows_7_to_70(fetch: Fetch, tmp_path: Path) -> None:
    face = draw("celeba", 0, 0)
    files = {"train/1.jpg": face, "test/1.jpg": face}
    fetched = fetch("celeba", source=f"folder:{write(tmp_path / 'folder', files)}")
    whole = Image.open(tmp_path / "folder/train/1.jpg").resize((64, 78), Image.Resampling.BILINEAR)
    assert np.array_equal(fetched.array("train")[0], np.asarray(whole)[7:71])


def test_celeba_does_not_alias(fetch: Fetch, tmp_path: Path) -> None:
    stripes = np.zeros((218, 178, 3), np.uint8)
    stripes[:, ::2] = 255  # a filter that looks at the nearest pixels only would give black, white and moiré
    files = {f"{split}/1.png": encode(stripes, "PNG") for split in ("train", "test")}
    found = fetch("celeba", source=f"folder:{write(tmp_path / 'folder', files)}").array("train")
    assert abs(found.astype(int) - 127).max() < 30


def test_celeba_leaves_out_the_middle_split(fetch: Fetch, published: Callable[..., None], tmp_path: Path) -> None:
    small = Small("celeba", train=3, test=2)
    published("celeba", small.archives)
    card = fetch("celeba", source=f"archive:{write(tmp_path / 'archives', small.archives)}").card
    assert {split: told["images"] for split, told in card["splits"].items()} == {"train": 3, "test": 2}
    assert (card["classes"], card["labels"]) == (1, "none are used: all 0")


@pytest.mark.parametrize("size", [32, 64])
def test_tiny_imagenet_is_squashed_to_32_or_left(size: int, fetch: Fetch, tmp_path: Path) -> None:
    small = Small("tiny-imagenet")
    fetched = fetch("tiny-imagenet", source=f"folder:{write(tmp_path / 'folder', small.folder())}", size=size)
    first = Image.fromarray(small.splits["train"][0].pixels)
    wanted = first if size == 64 else first.resize((32, 32), Image.Resampling.BILINEAR)
    assert np.array_equal(fetched.array("train")[0], np.asarray(wanted))


def test_tiny_imagenets_classes_are_counted_in_the_order_of_their_names(fetch: Fetch, tmp_path: Path) -> None:
    names = ["n09", "n01", "n05"]
    files = {f"{split}/{names[n]}/{n}.png": draw("tiny-imagenet", n, 0) for split in ("train", "val") for n in range(3)}
    fetched = fetch("tiny-imagenet", source=f"folder:{write(tmp_path / 'folder', files)}")
    assert fetched.array("train", "labels").tolist() == [2, 0, 1]
    assert fetched.card["classes"] == 200


@pytest.mark.parametrize("name", ["tiny-imagenet", "stanford-cars"])
def test_grey_photographs_become_colour_where_the_sets_have_some(name: str, fetch: Fetch, tmp_path: Path) -> None:
    grey = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    place = {"tiny-imagenet": "n1/", "stanford-cars": ""}[name]
    files = {f"{split}/{place}{n}.jpg": draw(name, n, 0) for split in ("train", "test") for n in (1, 2)}
    files[f"train/{place}1.jpg"] = encode(grey, "PNG")  # the content counts, not the suffix
    found = fetch(name, source=f"folder:{write(tmp_path / 'folder', files)}", size=64).array("train")
    assert np.array_equal(found[0], np.repeat(grey[..., None], 3, axis=2))


def test_cars_of_any_size_are_squashed(fetch: Fetch, tmp_path: Path) -> None:
    sizes = {"train/1.png": (30, 90), "train/2.png": (200, 50), "test/1.png": (64, 64)}
    files = {name: encode(np.full((height, width, 3), 9, np.uint8), "PNG") for name, (width, height) in sizes.items()}
    fetched = fetch("stanford-cars", source=f"folder:{write(tmp_path / 'folder', files)}")
    assert fetched.array("train").shape == (2, 64, 64, 3)
    assert set(fetched.array("train").flat) == {9}


@pytest.mark.parametrize(("train", "test", "held_out"), [(8_144, 8_041, 185), (400, 100, 6), (2, 1, 1)])
def test_cars_are_pooled_and_the_last_are_the_test_split(train: int, test: int, held_out: int) -> None:
    pooled = dataset("stanford-cars").arrange(
        {"train": Split(train, iter(range(train))), "test": Split(test, iter(range(train, train + test)))}
    )
    assert pooled["train"].count == train + test - held_out
    assert list(pooled["train"].items) + list(pooled["test"].items) == list(range(train + test))
    assert pooled["test"].count == held_out


def test_colormnist_stacks_three_digits_and_says_which(fetch: Fetch, tmp_path: Path) -> None:
    small = Small("colormnist")
    fetched = fetch("colormnist", source=f"parquet:{write(tmp_path / 'parquet', small.parquet())}")
    grey = np.stack([picture.pixels[..., 0] for picture in small.splits["train"]])
    labels = np.array([picture.label for picture in small.splits["train"]])
    chosen = fetched.array("train", "components")
    assert np.array_equal(fetched.array("train"), grey[chosen].transpose(0, 2, 3, 1))
    assert np.array_equal(fetched.array("train", "labels"), labels[chosen] @ [100, 10, 1])
    assert fetched.card["classes"] == 1000
    assert len(fetched.card["splits"]["train"]["per_class"]) == 1000


def test_colormnist_is_as_large_as_mnist() -> None:
    arrange: Any = COLORMNIST.arrange
    assert arrange.keywords["counts"] == {"train": 60_000, "test": 10_000} == COLORMNIST.origin.published


def test_stacked_channels_are_equal_in_expectation_and_uncorrelated(fetch: Fetch) -> None:
    images = fetch("digits-color").array("train")
    assert images.shape == (20_000, 16, 16, 3)
    means = images.mean(axis=(1, 2))
    assert np.ptp(means.mean(axis=0)) < 0.01 * means.mean()
    assert np.abs(np.corrcoef(means.T) - np.eye(3)).max() < 0.02


def test_all_thousand_stacks_occur_about_equally_often(fetch: Fetch) -> None:
    per_class = np.array(fetch("digits-color").card["splits"]["train"]["per_class"])
    assert per_class.sum() == 20_000
    assert per_class.min() >= 3
    assert per_class.max() <= 50


def test_tinted_digits_have_a_lightness_that_says_nothing_of_the_hue(fetch: Fetch) -> None:
    tinted, grey = fetch("digits-tinted"), fetch("digits")
    hues = tinted.array("train", "hues")
    lab = lab_of_rgb(tinted.array("train"))
    lightness = 74 * (grey.array("train")[..., 0] / 255)
    assert np.abs(lab[..., 0] - lightness).max() < 1  # as far as bytes can tell
    bright = lightness > 60
    angle = np.arctan2(lab[..., 2], lab[..., 1])
    off = np.angle(np.exp(1j * (angle - hues[:, None, None])))
    assert np.abs(off[bright]).max() < 0.03
    assert np.abs(np.hypot(lab[..., 1], lab[..., 2]) - 39 / 74 * lightness)[bright].max() < 1
    rounding = (lab[..., 0] - lightness)[bright]
    assert abs(np.corrcoef(rounding, np.cos(angle[bright]))[0, 1]) < 0.3


def test_hues_are_uniform_and_independent_of_the_digit(fetch: Fetch) -> None:
    tinted = fetch("digits-tinted")
    hues, labels = tinted.array("train", "hues"), tinted.array("train", "labels")
    assert kstest(hues / (2 * np.pi), "uniform").pvalue > 0.001
    for part in (np.cos(hues), np.sin(hues)):
        assert f_oneway(*[part[labels == digit] for digit in range(10)]).pvalue > 0.001


def test_every_hue_is_a_colour_that_srgb_has() -> None:
    grey, hue = np.meshgrid(np.linspace(0, 1, 52), np.linspace(0, 2 * np.pi, 361))
    lab = np.stack([74 * grey, 39 * grey * np.cos(hue), 39 * grey * np.sin(hue)], axis=-1)
    assert np.abs(lab_of_rgb(255 * rgb_of_lab(lab)) - lab).max() < 0.1  # nothing was cut off


def test_the_ring_is_eight_gaussians(fetch: Fetch) -> None:
    fetched = fetch("ring")
    images, labels = fetched.array("train"), fetched.array("train", "labels")
    assert images.shape == (10_000, 1, 2, 1)
    points = images.reshape(-1, 2) / 127.5 - 1  # as networks see them
    for number in range(8):
        mine = points[labels == number]
        angle = np.pi / 4 * number
        assert mine.mean(axis=0) == pytest.approx([0.75 * np.cos(angle), 0.75 * np.sin(angle)], abs=0.005)
        assert mine.std(axis=0) == pytest.approx(0.03, abs=0.003)
        assert 1100 < len(mine) < 1400


def test_the_card_counts_test_images_that_are_also_in_train(fetch: Fetch, tmp_path: Path) -> None:
    files = {f"train/0/{n}.png": draw("cifar10", n, 0) for n in range(4)}
    files |= {f"test/{n}/{n}.png": draw("cifar10", n, 0 if n < 3 else 1) for n in range(4)}  # 0, 1, 2 are in train
    files["test/3/9.png"] = draw("cifar10", 0, 0)  # and 0 once more, as another class
    card = fetch("cifar10", source=f"folder:{write(tmp_path / 'folder', files)}").card
    assert card["test_in_train"] == pytest.approx(4 / 5)
    assert card["whole"] is False


def test_the_card_knows_the_same_images_in_another_order(fetch: Fetch, tmp_path: Path) -> None:
    small = Small("cifar10")
    turned = Small("cifar10")
    turned.splits["train"].reverse()
    other = Small("cifar10")
    other.splits["train"][0].label ^= 1
    cards = [
        fetch("cifar10", source=f"parquet:{write(tmp_path / str(n), one.parquet())}").card["splits"]["train"]
        for n, one in enumerate((small, turned, other))
    ]
    assert cards[0]["images_sha256"] != cards[1]["images_sha256"]
    assert cards[0]["content_sha256"] == cards[1]["content_sha256"] != cards[2]["content_sha256"]


def test_a_set_with_as_many_images_as_published_is_whole(fetch: Fetch) -> None:
    assert fetch("ring").card["whole"] is True
