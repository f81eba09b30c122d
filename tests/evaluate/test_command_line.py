"""Scoring anyone's arrays: no card, no dataset of ours, no DVC; what cannot be scored ends in one line."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages import arrays, record, weights
from stages.door import UserError
from stages.evaluate.__main__ import main
from stages.evaluate.metrics.fid import fid
from stages.evaluate.metrics.inception_score import inception_score
from stages.evaluate.metrics.kid import kid
from stages.evaluate.metrics.rid import divergences
from stages.judge.classifier import Classifier

Arrays = dict[str, np.ndarray]
Folder = Callable[..., Path]


@pytest.fixture
def reference(digits: Path) -> Path:
    return digits / "train" / "images.npy"


@pytest.fixture
def asked(tiny_params: Path, judge: Path, tmp_path: Path) -> list[str | Path]:
    """What every call here gives."""
    return ["--params", tiny_params, "--judge", judge, "--out", tmp_path / "out.json"]


def run(*arguments: str | Path) -> dict[str, Any]:
    main([str(argument) for argument in arguments])
    told: dict[str, Any] = record.read(Path(arguments[arguments.index("--out") + 1]))
    return told


def test_arrays_without_a_card_are_scored(
    made: Arrays, folder_of: Folder, asked: list[str | Path], reference: Path, judge: Path
) -> None:
    told = run("--generated", folder_of(made), "--reference", reference, "--metrics", "fid,kid,is,rid", *asked)
    eyes = Classifier.load(judge)
    (samples, logits), (there, _) = eyes.look(made["samples"]), eyes.look(arrays.load(reference))
    lost = divergences(eyes.look(made["originals"])[1], eyes.look(made["reconstructions"])[1])
    values = {label: metric["value"] for label, metric in told["metrics"].items()}
    assert values == {
        "FID-own": pytest.approx(fid(samples, there)),
        "KID-own": pytest.approx(kid(samples, there, 2, 50, 2020).value),
        "IS-own": pytest.approx(inception_score(logits, 10, 2020)[0]),
        "RID-own": pytest.approx(np.mean([np.exp(part.mean()) for part in np.split(lost, 10)])),
    }
    assert (told["row"], told["seed"], told["dataset"], told["status"]) == (None, None, None, "scored")
    assert told["protocol"]["reference"] == str(reference)


@pytest.mark.parametrize("name", ["FID", "fid", "Inception_Score", "IS"])
def test_a_metric_is_asked_for_by_file_or_label(
    made: Arrays, folder_of: Folder, asked: list[str | Path], reference: Path, name: str
) -> None:
    told = run("--generated", folder_of(made), "--reference", reference, "--metrics", name, *asked)
    assert set(told["metrics"]) == {"FID-own" if "f" in name.lower() else "IS-own"}


def test_originals_and_reference_may_lie_elsewhere(
    made: Arrays, folder_of: Folder, asked: list[str | Path], digits: Path, tmp_path: Path
) -> None:
    folder = folder_of({"reconstructions": made["reconstructions"], "samples": made["samples"]})
    arrays.save(tmp_path, "theirs", made["originals"])
    others = ["--originals", tmp_path / "theirs.npy", "--reference", digits / "test", "--metrics", "rmse,fid"]
    told = run("--generated", folder, *others, *asked)
    assert told["metrics"]["RMSE"]["images"] == 60
    assert told["metrics"]["FID-own"]["reference"] == 297


def test_without_a_judge_what_needs_none_is_scored(
    made: Arrays, folder_of: Folder, tiny_params: Path, tmp_path: Path
) -> None:
    told = run("--generated", folder_of(made), "--params", tiny_params, "--out", tmp_path / "out.json")
    assert {"RMSE", "L1", "MSE", "Diversity"} <= set(told["metrics"])
    assert not [label for label in told["metrics"] if label.endswith("-own")]


def test_it_is_said_whether_the_number_was_had(
    made: Arrays, folder_of: Folder, asked: list[str | Path], capsys: pytest.CaptureFixture[str]
) -> None:
    run("--generated", folder_of(made), "--metrics", "rmse,lpips", *asked)
    line = capsys.readouterr().out
    assert "out.json: RMSE " in line
    assert "LPIPS not computed: needs --lpips" in line


def noisy(made: Arrays) -> Arrays:
    return made | {"samples": made["samples"].astype(np.float32)}


REFUSED: dict[str, tuple[Callable[[Arrays], Arrays], list[str], str]] = {
    "an unknown metric": (dict, ["--metrics", "fid,fud"], "--metrics: a name is 'fud'; choose "),
    "no originals": (
        lambda made: {"reconstructions": made["reconstructions"]},
        ["--metrics", "rid"],
        "--metrics asks for rid, which needs originals",
    ),
    "no reference": (dict, ["--metrics", "fid"], "fid, which needs reference"),
    "a reference that is not there": (
        dict,
        ["--reference", "nowhere.npy"],
        "--reference is nowhere.npy, and there is no",
    ),
    "wrong dtype": (noisy, ["--metrics", "is"], "samples.npy holds float32 of shape (200, 16, 16, 1)"),
    "wrong dimensions": (
        lambda made: made | {"samples": made["samples"][..., 0]},
        ["--metrics", "is"],
        "it must be uint8 with 4 dimensions",
    ),
    "shapes that differ": (
        lambda made: made | {"reconstructions": made["reconstructions"][:, ::2, ::2]},
        ["--metrics", "is"],
        "samples are images of [16, 16, 1], reconstructions of [8, 8, 1]",
    ),
    "counts that differ": (
        lambda made: made | {"originals": made["originals"][:50]},
        ["--metrics", "rmse"],
        "there are 50 originals and 60 reconstructions; give pairs",
    ),
    "a shape that the judge does not see": (
        lambda made: {"samples": made["samples"][:, ::2, ::2]},
        ["--metrics", "is"],
        "the judge sees images of [16, 16, 1], these are [8, 8, 1]",
    ),
    "too few for splits": (
        lambda made: {"samples": made["samples"][:5]},
        ["--metrics", "is"],
        "5 samples make no 10 splits",
    ),
    "nothing to score": (
        lambda made: {"originals": made["originals"]},
        [],
        "neither samples.npy nor reconstructions.npy",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_scored_ends_in_one_line_and_writes_nothing(
    case: str, made: Arrays, folder_of: Folder, asked: list[str | Path], refusal: Callable[..., str], tmp_path: Path
) -> None:
    change, more, found = REFUSED[case]
    line = refusal(main, "--generated", folder_of(change(made)), *more, *asked)
    assert found in line
    assert not (tmp_path / "out.json").exists()


@pytest.mark.parametrize("named", [["--metrics", "fid"], []], ids=["named", "not-named"])
def test_too_few_samples_for_the_features_end_in_one_line(
    made: Arrays,
    folder_of: Folder,
    asked: list[str | Path],
    reference: Path,
    refusal: Callable[..., str],
    tmp_path: Path,
    named: list[str],
) -> None:
    folder = folder_of({"samples": made["samples"][:100]})
    line = refusal(main, "--generated", folder, "--reference", reference, *named, *asked)
    assert "FID wants at least 128 images for 64 features, samples has 100" in line
    assert not (tmp_path / "out.json").exists()


def test_features_that_are_not_finite_end_in_one_line(
    made: Arrays, folder_of: Folder, tiny_params: Path, judge: Path, tmp_path: Path, refusal: Callable[..., str]
) -> None:
    broken = Path(shutil.copytree(judge, tmp_path / "judge"))
    state = weights.load(broken / "weights.safetensors")
    first = sorted(state)[0]
    weights.save(broken / "weights.safetensors", state | {first: np.full_like(state[first], np.nan)})
    card = record.read(broken / "card.json")
    record.write(broken / "card.json", card | {"weights_sha256": record.file_digest(broken / "weights.safetensors")})
    where = ["--params", tiny_params, "--judge", broken, "--out", tmp_path / "out.json"]
    line = refusal(main, "--generated", folder_of(made), "--metrics", "is", *where)
    assert "is not all finite; look at the images and the judge" in line
    assert not (tmp_path / "out.json").exists()


def test_a_judged_metric_without_a_judge_ends_in_one_line(
    made: Arrays, folder_of: Folder, tiny_params: Path, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="asks for is, which needs a judge; give a --judge"):
        run("--generated", folder_of(made), "--metrics", "is", "--params", tiny_params, "--out", tmp_path / "out.json")


def test_a_folder_that_is_none_is_named(asked: list[str | Path]) -> None:
    with pytest.raises(UserError, match="nowhere is no folder"):
        run("--generated", "nowhere", *asked)
