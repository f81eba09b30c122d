"""From a row's arrays and judges to numbers, through the door: every number beside the protocol that gave it."""

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
from stages.generate.__main__ import main as generate
from stages.judge.classifier import Classifier

Arrays = dict[str, np.ndarray]
Folder = Callable[..., Path]
Score = Callable[..., dict[str, Any]]
METRICS = {name: import_module(f"stages.evaluate.metrics.{name}") for name in params.files_in("evaluate", "metrics")}
NO_TRUNK = {"LPIPS": "needs --lpips, the folder of the network on which it stands"}


@pytest.fixture
def score(tiny_params: Path, digits: Path, judge: Path, tmp_path: Path) -> Score:
    """Runs the door on a folder of arrays and gives what it wrote."""

    def run(generated: Path, *more: str, judge: Path = judge, out: str = "metrics.json") -> dict[str, Any]:
        where = ["--params", str(tiny_params), "--generated", str(generated), "--data", str(digits)]
        main([*where, "--judge", str(judge), "--out", str(tmp_path / out), *more])
        told: dict[str, Any] = record.read(tmp_path / out)
        return told

    return run


def labels(*there: str) -> set[str]:
    """Of the metrics that need no other array than these and the dataset's own."""
    names = {*there, "reference", "test"}
    needed = [metric for metric in METRICS.values() if set(metric.NEEDS) <= names]
    return {metric.LABEL + "-own" * metric.JUDGED for metric in needed}


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """The folder of a published judge whose weights are not there."""
    card = {
        "kind": "published",
        "network": "inception",
        "title": "ImageNet Inception",
        "missing": "needs weights/inception.pth (sha256 6726825d…)",
        **dict.fromkeys(("dataset", "shape", "test_accuracy", "weights_sha256")),
        "features": 2048,
    }
    record.write(tmp_path / "inception" / "card.json", card)
    return tmp_path / "inception"


@pytest.fixture
def listing_inception(tiny_params: Path, tmp_path: Path) -> list[str]:
    """Params by which Inception judges the digits."""
    text = tiny_params.read_text(encoding="utf-8")
    digits = text.index("\n  digits:")
    (tmp_path / "params.yaml").write_text(text[:digits] + text[digits:].replace("- cnn", "- cnn\n    - inception", 1))
    return ["--params", str(tmp_path / "params.yaml")]


def test_a_row_with_all_arrays_has_every_metric(score: Score, made: Arrays, folder_of: Folder) -> None:
    told = score(folder_of(made, status="generated"))
    assert set(told["metrics"]) == labels("samples", "originals", "reconstructions", "codes") - {"LPIPS"}
    assert told["not_computed"] == NO_TRUNK
    assert (told["row"], told["seed"], told["dataset"], told["stand_in"]) == ("pagan", 3, "digits", True)
    assert (told["status"], told["diverged"], told["profile"]) == ("scored", None, "tiny")


def test_the_numbers_are_the_metrics_of_what_the_judge_sees(
    score: Score, made: Arrays, folder_of: Folder, judge: Path, digits: Path
) -> None:
    metrics = score(folder_of(made, status="generated"))["metrics"]
    eyes = Classifier.load(judge)
    reference = eyes.look(arrays.load(digits / "train" / "images.npy"))[0]
    assert metrics["FID-own"]["value"] == pytest.approx(fid(eyes.look(made["samples"])[0], reference))
    assert metrics["RMSE"]["value"] == pytest.approx(l2_norm(made["originals"], made["reconstructions"]))


def test_every_number_stands_beside_its_protocol(score: Score, made: Arrays, folder_of: Folder, judge: Path) -> None:
    told = score(folder_of(made, status="generated"))
    card = record.read(judge / "card.json")
    protocol, metrics = told["protocol"], told["metrics"]
    ((name, eyes),) = protocol["judges"].items()
    assert eyes["sha256"] == card["weights_sha256"] == record.file_digest(judge / "weights.safetensors")
    assert (eyes["kind"], eyes["accuracy"], eyes["features"]) == ("own", card["test_accuracy"], 64)
    assert card["weights_sha256"][:8] in name
    assert (protocol["settings"]["splits"], protocol["settings"]["kid_subset_size"]) == (10, 50)
    assert protocol["reference"] == "training images"
    assert set(protocol["libraries"]) == {"python", *record.LIBRARIES}
    assert all(version != "absent" for version in protocol["libraries"].values())
    assert "scikit-learn digits" in protocol["dataset"]
    counts = {"samples": 200, "reference": 1500, "features": 64}
    value = metrics["FID-own"]["value"]
    assert metrics["FID-own"] == {"value": value, "better": "lower", "judge": name, **counts}
    assert (metrics["IS-own"]["samples"], metrics["IS-own"]["splits"], metrics["IS-own"]["better"]) == (
        200,
        10,
        "higher",
    )
    assert (metrics["RID-own"]["images"], metrics["RID-own"]["splits"], metrics["RID-own"]["judge"]) == (60, 10, name)
    assert (metrics["RMSE"]["images"], metrics["RMSE"]["judge"]) == (60, None)


@pytest.mark.parametrize(
    ("there", "scored", "left_out"),
    [
        (["samples"], {"FID-own", "IS-own", "Diversity"}, {"RID-own", "RMSE"}),
        (["originals", "reconstructions"], {"RID-own", "RMSE"}, {"FID-own", "IS-own", "Latent mean"}),
        (["samples", "originals"], {"FID-own", "KID-own"}, {"RID-own", "RMSE"}),
    ],
    ids=["samples-only", "reconstructions-only", "originals-alone"],
)
def test_a_row_without_an_array_goes_without_its_metrics(
    score: Score, made: Arrays, folder_of: Folder, there: list[str], scored: set[str], left_out: set[str]
) -> None:
    told = score(folder_of({name: made[name] for name in there}, status="generated"))
    assert scored <= set(told["metrics"]) == labels(*there) - {"LPIPS"}
    assert not left_out & set(told["metrics"])
    assert told["status"] == "scored"


def test_the_order_in_which_files_were_made_does_not_matter(
    score: Score, made: Arrays, folder_of: Folder, tmp_path: Path
) -> None:
    backwards = dict(reversed(list(made.items())))
    score(folder_of(made, "one", status="generated"), out="one.json")
    score(folder_of(backwards, "other", status="generated"), out="other.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "other.json").read_bytes()


def test_a_diverged_row_has_no_numbers(score: Score, folder_of: Folder, published: Path) -> None:
    lost = {"iteration": 7, "player": "image", "loss": "nan"}
    told = score(folder_of({}, status="diverged", diverged=lost))
    assert (told["status"], told["diverged"], told["metrics"], told["not_computed"]) == ("diverged", lost, {}, {})
    assert len(told["protocol"]["judges"]) == 1


@pytest.mark.parametrize("row", ["real", "aug", "pagan"])
def test_every_kind_of_row_gets_its_numbers_in_the_tiny_profile(
    score: Score, tiny_params: Path, digits: Path, model: Path, tmp_path: Path, row: str
) -> None:
    which = ["--params", str(tiny_params), "--row", row, "--seed", "0", "--data", str(digits)]
    generate([*which, *["--model", str(model)] * (row == "pagan"), "--out", str(tmp_path / "generated")])
    told = score(tmp_path / "generated")
    pairs = ("originals", "reconstructions")
    there = {"real": ("samples",), "aug": pairs, "pagan": ("samples", *pairs, "codes")}[row]
    assert set(told["metrics"]) == labels(*there) - {"LPIPS"}
    assert all(np.isfinite(metric["value"]) for metric in told["metrics"].values())


def test_a_published_judge_without_its_weights_leaves_its_numbers_out_and_says_why(
    score: Score, made: Arrays, folder_of: Folder, published: Path, listing_inception: list[str]
) -> None:
    told = score(folder_of(made, status="generated"), "--judge", str(published), *listing_inception)
    reason = "needs weights/inception.pth (sha256 6726825d…); see README"
    assert told["not_computed"] == NO_TRUNK | dict.fromkeys(("FID", "IS", "KID", "RID"), reason)
    assert {"FID-own", "IS-own", "KID-own", "RID-own", "RMSE"} <= set(told["metrics"])
    assert [eyes["kind"] for eyes in told["protocol"]["judges"].values()] == ["own"]


def test_a_judge_that_is_not_listed_for_the_dataset_does_not_judge(
    score: Score, made: Arrays, folder_of: Folder, published: Path
) -> None:
    assert score(folder_of(made, status="generated"), "--judge", str(published))["not_computed"] == NO_TRUNK


def test_a_dataset_without_labels_has_no_own_judge_and_says_so(
    score: Score, made: Arrays, folder_of: Folder, tmp_path: Path
) -> None:
    card = {
        "kind": "none",
        "dataset": "digits",
        "title": "faces",
        "missing": "no classifier of its own: faces has no classes",
        **dict.fromkeys(("network", "classes", "features", "weights_sha256", "test_accuracy")),
    }
    record.write(tmp_path / "none" / "card.json", card)
    told = score(folder_of(made, status="generated"), judge=tmp_path / "none")
    assert told["not_computed"]["FID-own"] == "no classifier of its own: faces has no classes"
    assert {"RMSE", "Diversity"} <= set(told["metrics"])
    assert told["protocol"]["judges"] == {}


def test_another_dataset_s_judge_is_refused(
    score: Score, made: Arrays, folder_of: Folder, judge: Path, tmp_path: Path, edit_card: Callable[..., None]
) -> None:
    copied = Path(shutil.copytree(judge, tmp_path / "judge"))
    edit_card(copied, dataset="mnist")
    with pytest.raises(UserError, match="--judge learned from mnist, --data holds digits; give the judge of digits"):
        score(folder_of(made, status="generated"), judge=copied)


def test_two_judges_of_one_kind_are_refused(score: Score, made: Arrays, folder_of: Folder, judge: Path) -> None:
    with pytest.raises(UserError, match="would have the same names"):
        score(folder_of(made, status="generated"), "--judge", str(judge))


def test_in_the_pipeline_a_set_too_small_for_a_metric_leaves_it_out_and_says_so(
    score: Score, made: Arrays, folder_of: Folder
) -> None:
    told = score(folder_of({"samples": made["samples"][:100]}, status="generated"))
    assert told["not_computed"]["FID-own"].startswith("FID wants at least 128 images for 64 features, samples has 100")
    assert {"IS-own", "KID-own"} <= set(told["metrics"])


def test_a_judge_whose_weights_were_changed_is_refused(
    score: Score, made: Arrays, folder_of: Folder, judge: Path, tmp_path: Path
) -> None:
    copied = Path(shutil.copytree(judge, tmp_path / "judge"))
    card = json.loads((copied / "card.json").read_text(encoding="utf-8"))
    (copied / "card.json").write_text(json.dumps(card | {"weights_sha256": "0" * 64}), encoding="utf-8")
    with pytest.raises(UserError, match="is not the file that its card describes"):
        score(folder_of(made, status="generated"), judge=copied)


def test_the_numbers_do_not_depend_on_the_number_of_threads(
    score: Score, made: Arrays, folder_of: Folder, tiny_params: Path, tmp_path: Path
) -> None:
    text = tiny_params.read_text(encoding="utf-8")
    assert "    threads: 1\n" in text
    (tmp_path / "params.yaml").write_text(text.replace("    threads: 1\n", "    threads: 2\n"))
    told = score(folder_of(made, status="generated"), "--params", str(tmp_path / "params.yaml"))
    alone = score(tmp_path / "generated", out="alone.json")
    for label, metric in told["metrics"].items():
        assert metric["value"] == pytest.approx(alone["metrics"][label]["value"], rel=1e-6), label


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_file_declares_what_the_door_asks_for(name: str) -> None:
    metric = METRICS[name]
    assert isinstance(metric.LABEL, str)
    assert metric.BETTER in ("lower", "higher")
    assert metric.NEEDS
    assert all(isinstance(needed, str) for needed in metric.NEEDS)
    assert isinstance(metric.JUDGED, bool)
    assert callable(metric.measure)


def test_no_two_metrics_share_a_label() -> None:
    every = [metric.LABEL.lower() for metric in METRICS.values()]
    assert len(set(every)) == len(every)
    assert {"fid", "is", "kid", "rid", "rmse", "l1", "mse", "lpips", "diversity"} <= set(every)
    assert not [label for label in every if label.endswith("-own")]
