"""The door: which rows are timed on a dataset, with which batch, and what is written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from stages import params, pipeline, record
from stages.cost.__main__ import main, of_row, settings_on, started

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _on_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUITE_DEVICE", "cpu")


@pytest.fixture
def run(tiny: dict[str, Any], write_params: Callable[[Any], Path], digits: Path, tmp_path: Path) -> dict[str, Any]:
    """What the door wrote of the digits, in the smallest profile and with two seeds."""
    tiny["seeds"] = [0, 1]
    outs = ["--out", str(tmp_path / "digits.json"), "--provenance", str(tmp_path / "provenance.json")]
    main(["--params", str(write_params(tiny)), "--data", str(digits), *outs])
    told: dict[str, Any] = record.read(tmp_path / "digits.json")
    return told


def test_each_row_and_seed_has_its_rounds_and_an_epoch(run: dict[str, Any]) -> None:
    assert list(run["rows"]) == ["age", "ali", "vae"]
    for row in run["rows"].values():
        assert (row["networks"], row["batch"], row["iterations_an_epoch"]) == ("dense", 32, 1500 // 32)
        assert {seed: len(seconds) for seed, seconds in row["seconds_an_iteration"].items()} == {"0": 2, "1": 2}
        assert all(seconds > 0 for seconds in row["epoch_seconds"].values())


def test_the_machine_is_told_beside_it_and_not_in_it(run: dict[str, Any], tmp_path: Path) -> None:
    told = record.read(tmp_path / "provenance.json")
    assert (told["device"], told["command"]) == ("cpu", "dvc repro --force cost@digits")
    assert "machine" in told
    assert "machine" not in run


def test_one_batch_is_taken_for_all(suite: dict[str, Any]) -> None:
    suite["rows"]["ali"]["batch"] = 7
    found = settings_on("digits", params.check(suite))
    assert [knobs["batch"] for knobs in found.values()] == [64, 64, 64]
    assert found["age"]["generator_steps"] == 2


def test_on_another_dataset_its_own_rows_are_timed() -> None:
    suite = params.load(ROOT / "params.yaml", "paper")
    found = settings_on("celeba", suite)
    assert list(found) == ["age", "ali", "vae"]
    assert found["age"]["generator_steps"] == 3
    assert list(settings_on("svhn", suite)) == ["age", "ali"]
    assert settings_on("stanford-cars", suite) == {}


def test_the_rows_that_are_timed_are_named_as_their_systems() -> None:
    suite = params.load(ROOT / "params.yaml")
    assert all(suite.rows[row].system == row for row in params.TIMED)


def test_more_batch_than_images_is_one_iteration_an_epoch() -> None:
    told = of_row({"networks": "dense", "batch": 64}, {"0": [0.5]}, images=10)
    assert (told["iterations_an_epoch"], told["epoch_seconds"]) == (1, {"0": 0.5})


def test_what_is_timed_is_the_training_itself(tiny: dict[str, Any]) -> None:
    suite = params.check(tiny)
    images = torch.randint(256, (64, 16, 16, 1), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    run = started("age", suite.settings("age"), images, seed=3)
    assert set(run.iterate()) == {"encoder", "generator", "real", "fake"}
    assert run.progress.iteration == 1


def test_nothing_that_trains_or_scores_depends_on_it() -> None:
    files = [
        pipeline.frame(params.load(ROOT / "params.yaml")),
        *pipeline.of_systems(params.load(ROOT / "params.yaml")).values(),
    ]
    depending = {name for file in files for name, stage in file["stages"].items() if "costs" in str(stage["deps"])}
    assert depending == {"tabulate", "render"}
