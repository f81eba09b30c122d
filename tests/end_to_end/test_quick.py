"""The default profile learns: one seed of PAGAN on digits, by the numbers that the default run should reach."""

import json
from pathlib import Path

import pytest

from stages.evaluate.__main__ import main as evaluate
from stages.fetch.__main__ import main as fetch
from stages.generate.__main__ import main as generate
from stages.judge.__main__ import main as judge
from stages.train.__main__ import main as train

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.slow
def test_pagan_learns_digits_in_the_default_profile(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # checkpoints go to a scratch folder of the test's own
    common = ["--params", str(ROOT / "params.yaml")]
    row = [*common, "--row", "pagan", "--seed", "0", "--data", "digits"]
    fetch([*common, "--dataset", "digits", "--out", "digits"])
    judge([*common, "--data", "digits", "--out", "judge", "--provenance", "judge.json"])
    train([*row, "--out", "model"])
    generate([*row, "--model", "model", "--out", "generated"])
    evaluate([*common, "--generated", "generated", "--data", "digits", "--judge", "judge", "--out", "metrics.json"])

    assert json.loads(Path("judge/card.json").read_text())["test_accuracy"] >= 0.97
    metrics = json.loads(Path("metrics.json").read_text())["metrics"]
    assert metrics["IS-own"]["value"] >= 7
    assert metrics["RID-own"]["value"] <= 20
    assert not list(Path(".scratch").rglob("*.pt")), "a finished run leaves no checkpoint"
