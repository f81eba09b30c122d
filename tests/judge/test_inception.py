"""The network of the official scores: what it sees is what torch-fidelity's own extractor sees."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from stages import record
from stages.door import UserError
from stages.judge.inception import Inception


@pytest.fixture(scope="module")
def judge(inception: Path) -> Inception:
    return Inception.load(inception)


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(256, size=(3, 32, 32, 3), dtype=np.uint8)


def test_it_sees_what_torch_fidelity_s_extractor_sees(
    judge: Inception, inception_file: Path, images: np.ndarray
) -> None:
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

    peer = FeatureExtractorInceptionV3("peer", ["2048", "logits_unbiased"], str(inception_file))
    expected = peer(torch.from_numpy(images).permute(0, 3, 1, 2))
    found = judge.look(images)
    assert [array.shape for array in found] == [(3, 2048), (3, 1008)]
    for array, wanted in zip(found, expected, strict=True):
        assert array.dtype == np.float64
        assert np.array_equal(array, wanted.double().numpy())
        assert array.std(axis=0).max() > 1e-3, "the random network tells images apart"


def test_grey_images_are_shown_as_three_equal_channels(judge: Inception, images: np.ndarray) -> None:
    grey = images[:2, ..., :1]
    for found, wanted in zip(judge.look(grey), judge.look(grey.repeat(3, axis=3)), strict=True):
        assert np.array_equal(found, wanted)


def test_what_it_sees_depends_on_neither_batch_nor_threads(judge: Inception, images: np.ndarray) -> None:
    torch.set_num_threads(1)
    expected = [array[:1] for array in judge.look(images[:2])]
    torch.set_num_threads(2)
    for found, wanted in zip(judge.look(images[:1]), expected, strict=True):
        assert found == pytest.approx(wanted, abs=1e-6 * np.abs(wanted).max())


def test_it_is_named_by_the_published_file(judge: Inception, inception_file: Path) -> None:
    assert judge.name == f"ImageNet Inception ({record.file_digest(inception_file)[:8]})"
    assert judge.suffix == ""


def test_images_of_two_channels_are_refused(judge: Inception) -> None:
    with pytest.raises(UserError, match="Inception sees grey or colour images, these have 2 channels"):
        judge.look(np.zeros((1, 8, 8, 2), dtype=np.uint8))


def test_it_looks_where_the_environment_says(
    judge: Inception, images: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUITE_DEVICE", "cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match="SUITE_DEVICE is 'cuda', but torch sees no such device; choose cpu"):
        judge.look(images)


def test_tampered_weights_are_refused(inception: Path, tmp_path: Path) -> None:
    shutil.copy(inception / "card.json", tmp_path)
    (tmp_path / "weights.safetensors").write_bytes(b"other")
    with pytest.raises(UserError, match="run `dvc repro published@inception` to make it again"):
        Inception.load(tmp_path)
