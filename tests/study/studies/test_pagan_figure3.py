"""RID against RMSE: every distortion has the RMSE that was asked for; which RID it has is a finding."""

import json
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages import arrays
from stages.door import UserError
from stages.judge.opened import load
from stages.study.distortions import DISTORTIONS, Distortion
from stages.study.studies import pagan_figure3
from stages.study.studies.pagan_figure3 import Sizes, brought_to_one_rmse, distorted_to, found, study


@pytest.fixture(scope="module")
def results(digits: Path, judge: Path) -> dict[str, Any]:
    return study(Sizes(images=80), data=digits, judge=judge)


def rmse(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.mean([np.linalg.norm((a.astype(float) - b) / 255) for a, b in zip(one, other, strict=True)]))


@pytest.mark.parametrize("shape", [(80, 16, 16, 1), (20, 32, 32, 3)])
def test_every_distortion_has_the_rmse_asked_for(shape: tuple[int, ...]) -> None:
    rough = np.random.default_rng(0).random((shape[0], 2, 2, shape[3]))
    images = (255 * rough.repeat(shape[1] // 2, axis=1).repeat(shape[2] // 2, axis=2)).astype(np.uint8)
    made = brought_to_one_rmse(images)
    wanted = rmse(images, made["augmentation"][1])
    assert set(made) == {"augmentation", *DISTORTIONS}
    for name, (_, distorted) in made.items():
        assert distorted.dtype == np.uint8
        assert rmse(images, distorted) == pytest.approx(wanted, rel=0.01), name


def test_every_distortion_is_in_the_results(results: dict[str, Any]) -> None:
    assert set(results["distortions"]) == {"augmentation", *DISTORTIONS}
    one = results["distortions"]["augmentation"]
    for told in results["distortions"].values():
        assert told["rmse"] == pytest.approx(one["rmse"], rel=0.01)
        assert told["rid"] >= 1
        assert told["times_augmentation"] == pytest.approx(told["rid"] / one["rid"])
    assert (results["images"], results["dataset"], results["stand_in"]) == (80, "digits", True)
    assert results["not_computed"] is None


def test_rid_is_that_of_what_the_judge_sees(results: dict[str, Any], digits: Path, judge: Path) -> None:
    originals = np.array(arrays.load(digits / "test" / "images.npy")[:80])
    eyes, (_, images) = load(judge), brought_to_one_rmse(originals)["patch"]
    p, q = (np.exp(eyes.look(x)[1]) for x in (originals, images))
    p, q = p / p.sum(axis=1, keepdims=True), q / q.sum(axis=1, keepdims=True)
    lost = (p * np.log(p / q)).sum(axis=1).mean()  # the original first; in nats, as this judge has hardly learned
    assert np.log(results["distortions"]["patch"]["rid"]) == pytest.approx(lost, rel=1e-5)
    assert results["judge"] == eyes.name
    assert results["metric"] == f"RID{eyes.suffix}" == "RID-own"


def test_the_strip_holds_the_first_images_of_each_kind(results: dict[str, Any], digits: Path) -> None:
    strip = results["strip"]
    shown = np.frombuffer(b64decode(strip["uint8"]), np.uint8).reshape(strip["shape"])
    assert strip["kinds"] == ["original", "augmentation", *DISTORTIONS]
    assert shown.shape == (9, 4, 16, 16, 1)
    assert np.array_equal(shown[0], arrays.load(digits / "test" / "images.npy")[:4])


def test_the_line_names_every_distortion(results: dict[str, Any]) -> None:
    line = found(results)
    assert all(name in line for name in ("augmentation", *DISTORTIONS))
    assert line.startswith("RID-own at an RMSE of ")


def test_a_judge_that_cannot_look_leaves_rmse_alone(digits: Path, judge: Path, tmp_path: Path) -> None:
    card = json.loads((judge / "card.json").read_text(encoding="utf-8"))
    absent = {"kind": "none", "missing": "no classes", "dataset": "digits", "title": card["title"]}
    (tmp_path / "card.json").write_text(json.dumps(absent), encoding="utf-8")
    told = study(Sizes(images=20), data=digits, judge=tmp_path)
    assert told["not_computed"] == "no classes"
    assert {one["rid"] for one in told["distortions"].values()} == {None}
    assert {one["times_augmentation"] for one in told["distortions"].values()} == {None}
    assert found(told) == "RID-own not computed: no classes"


def test_the_judge_of_another_dataset_is_refused(
    digits: Path, judge: Path, tmp_path: Path, edit_card: Callable[..., None]
) -> None:
    for path in judge.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    edit_card(tmp_path, dataset="mnist")
    with pytest.raises(UserError, match="--judge is of mnist, --data holds digits; give the judge of digits"):
        study(Sizes(images=10), data=digits, judge=tmp_path)


def test_images_too_small_to_be_moved_are_refused() -> None:
    with pytest.raises(UserError, match=r"leaves images of \[2, 1, 1\] as they are"):
        brought_to_one_rmse(np.zeros((5, 2, 1, 1), np.uint8))


def test_a_distortion_that_cannot_go_so_far_is_refused() -> None:
    weak = Distortion(lambda x, strength, rng: x + strength, 0.1)
    with pytest.raises(UserError, match=r"weak changes these images by 0\.\d+ at most and the augmentation by 3"):
        distorted_to(3.0, "weak", weak, np.full((5, 4, 4, 1), 51, np.uint8), 1)


def test_a_distortion_that_jumps_over_the_rmse_is_our_own_mistake() -> None:
    jumpy = Distortion(lambda x, strength, rng: x + (strength > 0.3), 1.0)
    with pytest.raises(ValueError, match="jumpy has no strength with an RMSE within"):
        distorted_to(2.0, "jumpy", jumpy, np.zeros((5, 4, 4, 1), np.uint8), 1)


def test_equal_sizes_give_equal_results(results: dict[str, Any], digits: Path, judge: Path) -> None:
    assert pagan_figure3.study(Sizes(images=80), data=digits, judge=judge) == results
