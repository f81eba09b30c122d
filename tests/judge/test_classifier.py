"""The judge: it learns the same each time, sees an image the same in any company, and is not taken for another."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from stages import arrays, record
from stages.door import UserError
from stages.judge.classifier import Classifier
from stages.judge.networks import cnn
from stages.judge.training import batches, train

KNOBS = {"width": 16, "epochs": 1, "batch": 64, "learning_rate": 1e-3}


@pytest.fixture
def copied(judge: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(judge, tmp_path / "judge"))


@pytest.fixture
def images(digits: Path) -> np.ndarray:
    return arrays.load(digits / "test" / "images.npy")


def test_a_kept_judge_sees_what_the_trained_one_saw(digits: Path, tmp_path: Path, images: np.ndarray) -> None:
    labels = arrays.load(digits / "train" / "labels.npy", dtype=np.int64, dimensions=1)
    trained = train("cnn", arrays.load(digits / "train" / "images.npy")[:128], labels[:128], KNOBS)
    trained.card["title"] = "scikit-learn digits"
    trained.save(tmp_path)
    kept = Classifier.load(tmp_path)
    assert not kept.model.training
    for before, after in zip(trained.look(images), kept.look(images), strict=True):
        assert np.array_equal(before, after)
    assert kept.name == f"scikit-learn digits CNN ({record.file_digest(tmp_path / 'weights.safetensors')[:8]})"


def test_training_twice_gives_the_same_bytes(digits: Path, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    chosen = arrays.load(digits / "train" / "images.npy")[:192]
    labels = arrays.load(digits / "train" / "labels.npy", dtype=np.int64, dimensions=1)[:192]
    for name in ("once", "twice"):
        (tmp_path / name).mkdir()
        torch.rand(3)  # what others drew before must not matter
        train("cnn", chosen, labels, KNOBS).save(tmp_path / name)
    for file in ("weights.safetensors", "card.json"):
        assert (tmp_path / "once" / file).read_bytes() == (tmp_path / "twice" / file).read_bytes()


def test_training_moves_towards_the_labels(digits: Path) -> None:
    chosen = arrays.load(digits / "train" / "images.npy")[:256]
    labels = arrays.load(digits / "train" / "labels.npy", dtype=np.int64, dimensions=1)[:256]
    taught = train("cnn", chosen, labels, KNOBS | {"epochs": 10, "learning_rate": 3e-3})
    assert taught.accuracy(chosen, labels) > 0.5  # chance is 0.1


def test_the_card_tells_how_well_the_judge_does_on_images_that_it_has_not_seen(
    judge: Path, digits: Path, images: np.ndarray
) -> None:
    labels = arrays.load(digits / "test" / "labels.npy", dtype=np.int64, dimensions=1)
    kept = Classifier.load(judge)
    assert kept.card["test_accuracy"] == pytest.approx(kept.accuracy(images, labels))
    assert kept.card["test_accuracy"] == pytest.approx((kept.look(images)[1].argmax(1) == labels).mean())
    assert (kept.card["test_images"], kept.card["dataset"], kept.card["classes"]) == (297, "digits", 10)


@pytest.mark.parametrize(("batch", "threads"), [(1, 1), (7, 1), (297, 1), (297, 2)])
def test_what_it_sees_depends_on_neither_batch_nor_threads(
    batch: int, threads: int, judge: Path, images: np.ndarray
) -> None:
    kept = Classifier.load(judge)
    torch.set_num_threads(1)
    features, logits = kept.look(images)
    assert features.shape == (297, kept.card["features"]) == (297, 64)
    assert logits.shape == (297, 10)
    assert features.dtype == logits.dtype == np.float64
    torch.set_num_threads(threads)
    other_features, other_logits = kept.look(images, batch)
    assert other_features == pytest.approx(features, abs=1e-6)
    assert other_logits == pytest.approx(logits, abs=1e-6)


def test_images_of_another_shape_are_refused(judge: Path, images: np.ndarray) -> None:
    with pytest.raises(UserError, match=r"the judge sees images of \[16, 16, 1\], these are \[8, 8, 1\]"):
        Classifier.load(judge).look(images[:, ::2, ::2])


def test_tampered_weights_are_refused(copied: Path) -> None:
    weights = bytearray((copied / "weights.safetensors").read_bytes())
    weights[-1] ^= 1
    (copied / "weights.safetensors").write_bytes(weights)
    with pytest.raises(UserError, match=r"weights\.safetensors is not the file that its card describes"):
        Classifier.load(copied)


def test_missing_weights_are_refused(copied: Path) -> None:
    (copied / "weights.safetensors").unlink()
    with pytest.raises(UserError, match=r"weights\.safetensors is not the file that its card describes"):
        Classifier.load(copied)


def test_a_folder_without_a_card_is_refused(copied: Path) -> None:
    (copied / "card.json").unlink()
    with pytest.raises(UserError, match=r"card\.json is missing"):
        Classifier.load(copied)


def test_labels_that_do_not_match_the_images_are_refused(
    digits: Path, tiny_params: Path, tmp_path: Path, refusal: Callable[..., str]
) -> None:
    from stages.judge.__main__ import main

    data = Path(shutil.copytree(digits, tmp_path / "digits"))
    arrays.save(data / "train", "labels", np.zeros(3, dtype=np.int64))
    outs = ["--out", tmp_path / "judge", "--provenance", tmp_path / "provenance.json"]
    line = refusal(main, "--params", tiny_params, "--data", data, *outs)
    assert "has 1500 images and 3 labels" in line
    assert not (tmp_path / "judge").exists()


def test_one_that_trained_into_nothing_is_refused(digits: Path) -> None:
    images = arrays.load(digits / "train" / "images.npy")[:64]
    labels = arrays.load(digits / "train" / "labels.npy", dtype=np.int64, dimensions=1)[:64]
    with pytest.raises(UserError, match="judge cnn: the loss is nan after 20 steps; lower its learning_rate"):
        train("cnn", images, labels, KNOBS | {"epochs": 20, "learning_rate": 1e30})


def test_a_set_smaller_than_a_batch_makes_one(digits: Path) -> None:
    images = arrays.load(digits / "train" / "images.npy")[:40]
    labels = arrays.load(digits / "train" / "labels.npy", dtype=np.int64, dimensions=1)[:40]
    before, after = (train("cnn", images, labels, KNOBS | {"epochs": n, "learning_rate": 3e-3}) for n in (1, 40))
    assert after.accuracy(images, labels) > before.accuracy(images, labels)


def test_every_epoch_has_an_order_of_its_own_and_no_image_twice() -> None:
    drawn = batches(10, 3, torch.Generator().manual_seed(0))
    epochs = [torch.cat([next(drawn) for _ in range(3)]).tolist() for _ in range(4)]
    assert all(len(set(epoch)) == 9 for epoch in epochs)
    assert len(set(map(tuple, epochs))) == 4


def test_augmentation_moves_a_batch_by_at_most_a_pixel() -> None:
    x = torch.zeros(1, 1, 8, 8)
    x[0, 0, 4, 4] = 1
    generator = torch.Generator().manual_seed(0)
    places = {tuple(cnn.augment(x, generator).nonzero()[0, 2:].tolist()) for _ in range(200)}
    assert places == {(row, column) for row in (3, 4, 5) for column in (3, 4, 5)}
