"""From arrays and a judge to numbers, through the door: every number beside the protocol that gave it."""

import json
import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages import arrays, params, record
from stages.door import UserError
from stages.evaluate.__main__ import main
from stages.evaluate.metrics.fid import fid
from stages.evaluate.metrics.rmse import l2_norm
from stages.evaluate.seen import Seen
from stages.generate.__main__ import main as generate
from stages.judge.classifier import Classifier

Score = Callable[..., dict[str, Any]]
METRICS = params.files_in("evaluate", "metrics")


@pytest.fixture
def score(tiny_params: Path, digits: Path, judge: Path, tmp_path: Path) -> Score:
    """Runs the door on a folder of arrays and gives what it wrote."""

    def run(generated: Path, judge: Path = judge, out: str = "metrics.json") -> dict[str, Any]:
        where = ["--params", str(tiny_params), "--generated", str(generated), "--data", str(digits)]
        main([*where, "--judge", str(judge), "--out", str(tmp_path / out)])
        told: dict[str, Any] = record.read(tmp_path / out)
        return told

    return run


@pytest.fixture
def made(digits: Path) -> dict[str, np.ndarray]:
    """Arrays as generate makes them: samples are darkened test images, reconstructions moved ones."""
    tests = np.array(arrays.load(digits / "test" / "images.npy"))
    originals = tests[:60]
    return {"samples": tests[60:260] // 2, "originals": originals, "reconstructions": np.roll(originals, 2, axis=1)}


def labels(*there: str) -> set[str]:
    """Of the metrics that need no other array than these."""
    metrics = [import_module(f"stages.evaluate.metrics.{name}") for name in METRICS]
    return {metric.LABEL for metric in metrics if set(metric.NEEDS) <= set(there)}


def folder_of(made: dict[str, np.ndarray], folder: Path, **facts: Any) -> Path:
    folder.mkdir()
    for name, array in made.items():
        arrays.save(folder, name, array)
    record.write(folder / "card.json", {"row": "pagan", "seed": 3, "system": "pagan", "status": "generated"} | facts)
    return folder


def test_a_row_with_all_arrays_has_every_metric(score: Score, made: dict[str, np.ndarray], tmp_path: Path) -> None:
    told = score(folder_of(made, tmp_path / "generated"))
    assert set(told["metrics"]) == labels("samples", "originals", "reconstructions")
    assert (told["row"], told["seed"], told["dataset"], told["stand_in"]) == ("pagan", 3, "digits", True)
    assert (told["status"], told["diverged"], told["profile"]) == ("scored", None, "tiny")


def test_the_numbers_are_the_metrics_of_what_the_judge_sees(
    score: Score, made: dict[str, np.ndarray], judge: Path, digits: Path, tmp_path: Path
) -> None:
    metrics = score(folder_of(made, tmp_path / "generated"))["metrics"]
    eyes = Classifier.load(judge)
    reference = eyes.look(arrays.load(digits / "train" / "images.npy"))[0]
    assert metrics["FID"]["value"] == pytest.approx(fid(eyes.look(made["samples"])[0], reference))
    assert metrics["RMSE"]["value"] == pytest.approx(l2_norm(made["originals"], made["reconstructions"]))


def test_every_number_stands_beside_its_protocol(
    score: Score, made: dict[str, np.ndarray], judge: Path, tmp_path: Path
) -> None:
    told = score(folder_of(made, tmp_path / "generated"))
    card = record.read(judge / "card.json")
    protocol, metrics = told["protocol"], told["metrics"]
    assert protocol["judge_sha256"] == card["weights_sha256"] == record.file_digest(judge / "weights.safetensors")
    assert card["weights_sha256"][:8] in protocol["judge"]
    assert protocol["judge_accuracy"] == card["test_accuracy"]
    assert protocol["settings"] == {"splits": 10, "shuffle_seed": 2020}
    assert set(protocol["libraries"]) == {"python", *record.LIBRARIES}
    assert all(version != "absent" for version in protocol["libraries"].values())
    assert "scikit-learn digits" in protocol["dataset"]
    counts = {"samples": 200, "reference": "1500 training images", "features": 64}
    assert metrics["FID"] == {"value": metrics["FID"]["value"], "better": "lower", "judge": protocol["judge"], **counts}
    assert (metrics["IS"]["samples"], metrics["IS"]["splits"], metrics["IS"]["better"]) == (200, 10, "higher")
    assert (metrics["RID"]["images"], metrics["RID"]["splits"], metrics["RID"]["better"]) == (60, 10, "lower")
    assert (metrics["RMSE"]["images"], metrics["RMSE"]["judge"]) == (60, None)


@pytest.mark.parametrize(
    ("there", "scored", "left_out"),
    [
        (["samples"], {"FID", "IS"}, {"RID", "RMSE"}),
        (["originals", "reconstructions"], {"RID", "RMSE"}, {"FID", "IS"}),
        (["samples", "originals"], {"FID", "IS"}, {"RID", "RMSE"}),
    ],
    ids=["samples-only", "reconstructions-only", "originals-alone"],
)
def test_a_row_without_an_array_goes_without_its_metrics(
    score: Score, made: dict[str, np.ndarray], tmp_path: Path, there: list[str], scored: set[str], left_out: set[str]
) -> None:
    told = score(folder_of({name: made[name] for name in there}, tmp_path / "generated"))
    assert scored <= set(told["metrics"]) == labels(*there)
    assert not left_out & set(told["metrics"])
    assert told["status"] == "scored"


def test_the_order_in_which_files_were_made_does_not_matter(
    score: Score, made: dict[str, np.ndarray], tmp_path: Path
) -> None:
    backwards = dict(reversed(list(made.items())))
    score(folder_of(made, tmp_path / "one"), out="one.json")
    score(folder_of(backwards, tmp_path / "other"), out="other.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "other.json").read_bytes()


def test_a_diverged_row_has_no_numbers(score: Score, tmp_path: Path) -> None:
    lost = {"iteration": 7, "player": "image", "loss": "nan"}
    told = score(folder_of({}, tmp_path / "generated", status="diverged", diverged=lost))
    assert (told["status"], told["diverged"], told["metrics"]) == ("diverged", lost, {})


@pytest.mark.parametrize("row", ["real", "aug", "pagan"])
def test_every_kind_of_row_gets_its_numbers_in_the_tiny_profile(
    score: Score, tiny_params: Path, digits: Path, model: Path, tmp_path: Path, row: str
) -> None:
    which = ["--params", str(tiny_params), "--row", row, "--seed", "0", "--data", str(digits)]
    generate([*which, *["--model", str(model)] * (row == "pagan"), "--out", str(tmp_path / "generated")])
    told = score(tmp_path / "generated")
    pairs = ("originals", "reconstructions")
    there = {"real": ("samples",), "aug": pairs, "pagan": ("samples", *pairs)}[row]
    assert set(told["metrics"]) == labels(*there)
    assert all(np.isfinite(metric["value"]) for metric in told["metrics"].values())


def test_too_few_samples_are_refused_and_nothing_written(
    made: dict[str, np.ndarray],
    tiny_params: Path,
    digits: Path,
    judge: Path,
    tmp_path: Path,
    refusal: Callable[..., str],
) -> None:
    generated = folder_of({"samples": made["samples"][:100]}, tmp_path / "generated")
    where = ["--params", tiny_params, "--generated", generated, "--data", digits, "--judge", judge]
    line = refusal(main, *where, "--out", tmp_path / "metrics.json")
    assert "FID wants at least 128 images for 64 features, samples has 100" in line
    assert not (tmp_path / "metrics.json").exists()


def test_images_that_the_judge_cannot_see_are_refused(
    score: Score, made: dict[str, np.ndarray], tmp_path: Path
) -> None:
    generated = folder_of({"samples": made["samples"][:, ::2, ::2]}, tmp_path / "generated")
    with pytest.raises(UserError, match=r"the judge sees images of \[16, 16, 1\], these are \[8, 8, 1\]"):
        score(generated)


def test_a_judge_whose_weights_were_changed_is_refused(
    score: Score, made: dict[str, np.ndarray], judge: Path, tmp_path: Path
) -> None:
    copied = Path(shutil.copytree(judge, tmp_path / "judge"))
    card = json.loads((copied / "card.json").read_text(encoding="utf-8"))
    (copied / "card.json").write_text(json.dumps(card | {"weights_sha256": "0" * 64}), encoding="utf-8")
    with pytest.raises(UserError, match="is not the file that its card describes"):
        score(folder_of(made, tmp_path / "generated"), judge=copied)


def test_what_the_judge_sees_is_computed_once(
    made: dict[str, np.ndarray], judge: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, eyes, looked = folder_of(made, tmp_path / "generated"), Classifier.load(judge), []
    look = eyes.look

    def counted(images: np.ndarray) -> Any:
        looked.append(len(images))
        return look(images)

    monkeypatch.setattr(eyes, "look", counted)
    settings = params.Evaluate(splits=10, shuffle_seed=0)
    seen = Seen({name: folder / f"{name}.npy" for name in made}, eyes, settings)
    assert np.array_equal(seen.features("samples"), seen.features("samples"))
    assert seen.logits("samples").shape == (200, 10)
    assert looked == [200]
    seen.logits("originals")
    assert looked == [200, 60]


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_file_declares_what_the_door_asks_for(name: str) -> None:
    metric = import_module(f"stages.evaluate.metrics.{name}")
    assert isinstance(metric.LABEL, str)
    assert metric.BETTER in ("lower", "higher")
    assert set(metric.NEEDS) <= {"samples", "originals", "reconstructions"}
    assert metric.NEEDS
    assert isinstance(metric.JUDGED, bool)
    assert callable(metric.measure)


def test_no_two_metrics_share_a_label() -> None:
    every = labels("samples", "originals", "reconstructions")
    assert len(every) == len(METRICS)
    assert {"FID", "IS", "RID", "RMSE"} <= every
