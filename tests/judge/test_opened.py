"""A judge of any kind from its folder, and those that cannot look: they say why, and nothing breaks."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from stages import record
from stages.door import UserError
from stages.judge import opened
from stages.judge.__main__ import main
from stages.judge.absent import NotComputed
from stages.judge.classifier import Classifier
from stages.judge.inception import Inception
from tests.judge.conftest import Take, drawn

IMAGES = np.zeros((2, 16, 16, 1), dtype=np.uint8)


@pytest.fixture
def unlabelled(digits: Path, edit_card: Callable[..., None], tmp_path: Path) -> Callable[..., Path]:
    """Digits that say they are another dataset."""

    def make(**facts: Any) -> Path:
        folder = Path(shutil.copytree(digits, tmp_path / facts["name"]))
        edit_card(folder, **facts)
        return folder

    return make


def test_one_that_was_trained_here(judge: Path) -> None:
    found = opened.load(judge)
    assert isinstance(found, Classifier)
    assert found.suffix == "-own"
    features, logits = found.look(IMAGES)
    assert (features.shape, logits.shape) == ((2, 64), (2, 10))


def test_one_that_was_published(inception: Path) -> None:
    assert isinstance(opened.load(inception), Inception)


def test_one_whose_weights_are_not_there(take: Take, tmp_path: Path) -> None:
    found = opened.load(take("inception", tmp_path / "gone.pth"))
    assert (found.suffix, found.name) == ("", "ImageNet Inception (not there)")
    with pytest.raises(NotComputed) as why:
        found.look(IMAGES)
    assert str(why.value) == f"needs {tmp_path / 'gone.pth'} (sha256 6726825d…); see README"


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"name": "celeba", "title": "CelebA", "classes": 1}, "no classifier of its own: CelebA has no classes"),
        (
            {"name": "ring", "title": "ring of 8 Gaussians", "classes": 8},
            "no classifier of its own: datasets.ring.judges in params.yaml names no network to train",
        ),
    ],
)
def test_that_of_a_dataset_without_one(
    facts: dict[str, Any],
    reason: str,
    unlabelled: Callable[..., Path],
    tiny_params: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    outs = ["--out", str(tmp_path / "judge"), "--provenance", str(tmp_path / "judge.json")]
    main(["--params", str(tiny_params), "--data", str(unlabelled(**facts)), *outs])
    assert capsys.readouterr().out == f"{tmp_path / 'judge'}: {reason}\n"
    card = record.read(tmp_path / "judge" / "card.json")
    assert (card["kind"], card["missing"], card["dataset"]) == ("none", reason, facts["name"])
    assert (tmp_path / "judge.json").is_file()
    found = opened.load(tmp_path / "judge")
    assert found.suffix == "-own"
    with pytest.raises(NotComputed) as why:
        found.look(IMAGES)
    assert str(why.value) == reason


def test_a_classifier_of_a_set_without_classes_is_refused(
    unlabelled: Callable[..., Path],
    tiny: dict[str, Any],
    write_params: Callable[[Any], Path],
    tmp_path: Path,
    refusal: Callable[..., str],
) -> None:
    tiny["datasets"]["celeba"]["judges"] = ["cnn"]
    data = unlabelled(name="celeba", title="CelebA", classes=1)
    outs = ["--out", tmp_path / "judge", "--provenance", tmp_path / "judge.json"]
    line = refusal(main, "--params", write_params(tiny), "--data", data, *outs)
    assert "datasets.celeba.judges lists 'cnn', but CelebA has no classes; take it out" in line
    assert not (tmp_path / "judge").exists()


def test_a_trunk_is_no_judge(take: Take, tmp_path: Path) -> None:
    torch.save(drawn("lpips-squeeze"), tmp_path / "squeeze.pth")
    with pytest.raises(UserError, match="holds lpips-squeeze, which gives no features to judge by"):
        opened.load(take("lpips-squeeze", tmp_path / "squeeze.pth"))
