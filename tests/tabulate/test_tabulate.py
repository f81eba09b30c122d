"""Tabulate as a whole: made-up runs on disk in, tables and verdicts out."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from stages import record
from stages.door import UserError
from stages.tabulate import papers
from stages.tabulate.__main__ import main

ROOT = Path(__file__).parent.parent.parent
FID = {"pagan": [31.9, 34.6, 33.2], "pagan-l1": [74.1, 81.0, 77.5], "pagan-noaug": [108, 96, 121]}


def metric(value: float, better: str = "lower") -> dict[str, object]:
    return {"value": value, "better": better, "judge": "a judge"}


@pytest.fixture
def workspace(tmp_path):
    """Three trained rows of three seeds, whose FIDs are far apart and whose other metrics are alike."""
    shutil.copy(ROOT / "params.yaml", tmp_path)
    shutil.copytree(ROOT / "papers", tmp_path / "papers")
    record.write(tmp_path / "data/digits/card.json", {"name": "digits", "title": "digits", "stand_in": True})
    for row, values in FID.items():
        for seed, value in enumerate(values):
            folder = tmp_path / "runs" / row / str(seed)
            metrics = {"FID": metric(value), "IS": metric(6 + seed / 10, "higher"), "RID": metric(2 + seed / 10)}
            score(folder, row, seed, metrics)
            lines = [f"{step},{1 / step + seed}," for step in (50, 100)]  # the last column is a loss of later on
            (folder / "losses.csv").write_text("\n".join(["iteration,generator,second", *lines]) + "\n")
    return tmp_path


def score(folder: Path, row: str, seed: int, metrics: dict[str, object], diverged: object = None) -> None:
    facts = {"row": row, "seed": seed, "dataset": "digits", "stand_in": True, "profile": "quick", "protocol": {}}
    status = "diverged" if diverged else "scored"
    record.write(folder / "metrics.json", {**facts, "metrics": metrics, "status": status, "diverged": diverged})


def tabulate(workspace: Path) -> dict[str, dict[str, object]]:
    folders = {name: str(workspace / name) for name in ("runs", "papers", "data")}
    arguments = [word for name, path in folders.items() for word in (f"--{name}", path)]
    main([*arguments, "--params", str(workspace / "params.yaml"), "--out", str(workspace / "tables")])
    return {claim["id"]: claim for claim in json.loads((workspace / "tables/verdicts.json").read_text())["pagan"]}


def test_claims_are_judged_part_by_part(workspace):
    told = tabulate(workspace)
    assert told["P7"]["verdict"] == "inconclusive"
    assert [part["verdict"] for part in told["P7"]["parts"]] == ["reproduced", "inconclusive", "inconclusive"]
    assert told["P7"]["scope"] == "stand-in"


def test_values_are_not_compared_on_a_stand_in(workspace):
    assert tabulate(workspace)["P7v"]["verdict"] == "not run"
    assert "CIFAR-10" in tabulate(workspace)["P7v"]["sentence"]


@pytest.mark.parametrize(("whole", "scope"), [(True, "paper"), (False, "stand-in")])
def test_a_part_of_the_papers_set_does_not_count_as_it(workspace, whole, scope):
    path = workspace / "params.yaml"
    text = path.read_text().replace("profile: quick", "profile: paper", 1).replace("use: [digits]", "use: [cifar10]", 1)
    path.write_text(text)
    card = {"name": "cifar10", "title": "CIFAR-10", "stand_in": False, "whole": whole}
    record.write(workspace / "data/cifar10/card.json", card)
    for metrics in (workspace / "runs").rglob("metrics.json"):
        record.write(metrics, record.read(metrics) | {"dataset": "cifar10"})
    told = tabulate(workspace)
    assert told["P7"]["scope"] == scope
    assert (told["P7v"]["verdict"] == "not run") is not whole


def test_a_diverged_seed_counts_against_its_row(workspace):
    score(workspace / "runs/pagan/2", "pagan", 2, {}, {"iteration": 7, "player": "pair", "loss": "nan"})
    part = tabulate(workspace)["P7"]["parts"][0]
    assert part["verdict"] == "inconclusive"
    assert part["failed"]["pagan"] == [2]


def test_a_row_that_did_not_run_is_said_to_be_missing(workspace):
    shutil.rmtree(workspace / "runs/pagan-l1")
    assert tabulate(workspace)["P7"]["verdict"] == "not run"


def test_ours_stand_beside_the_papers(workspace):
    tabulate(workspace)
    table = pd.read_csv(workspace / "tables/pagan-table-3.csv", dtype={"paper": str}).set_index(["row", "metric"])
    line = table.loc[("pagan", "FID")]
    assert (line["paper"], line["ours_n"]) == ("32.84", 3)
    assert line["ours_mean"] == pytest.approx(sum(FID["pagan"]) / 3)
    printed = pd.read_csv(workspace / "tables/pagan-table-1.csv", dtype={"paper": str}).set_index(["row", "metric"])
    assert printed.loc[("pd-wgan", "FID"), "paper"] == "33.0"


def test_means_for_dvc(workspace):
    tabulate(workspace)
    summary = json.loads((workspace / "tables/summary.json").read_text())
    assert summary["pagan"]["FID"] == {
        "mean": pytest.approx(33.2333, rel=1e-4),
        "sd": pytest.approx(1.35031, rel=1e-4),
        "n": 3,
    }
    losses = pd.read_csv(workspace / "tables/losses/pagan.csv")
    assert losses["generator"].tolist() == pytest.approx([1.02, 1.01])


def test_rows_and_seeds_outside_params_are_left_alone(workspace):
    score(workspace / "runs/pagan/7", "pagan", 7, {"FID": metric(1.0)})
    score(workspace / "runs/stale/0", "stale", 0, {"FID": metric(1.0)})
    tabulate(workspace)
    scores = pd.read_csv(workspace / "tables/scores.csv")
    assert set(scores["seed"]) == {0, 1, 2}
    assert set(scores["row"]) == set(FID)


def test_equal_runs_give_equal_bytes(workspace):
    tabulate(workspace)
    before = {path.name: path.read_bytes() for path in (workspace / "tables").rglob("*") if path.is_file()}
    tabulate(workspace)
    assert before == {path.name: path.read_bytes() for path in (workspace / "tables").rglob("*") if path.is_file()}


def test_nothing_has_run_yet(workspace):
    shutil.rmtree(workspace / "runs")
    assert {claim["verdict"] for claim in tabulate(workspace).values()} == {"not run"}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda paper: paper.update(titel="x"), "titel"),
        (lambda paper: paper["printed"][0].update(value=None), "value"),
        (lambda paper: paper["printed"][0].update(source="rumour"), "rumour"),
        (lambda paper: paper["claims"][0].pop("says"), "has no 'says'"),
        (lambda paper: paper["claims"][0]["parts"][0].update(than="pagan-l3"), "names row 'pagan-l3'"),
    ],
)
def test_a_wrong_paper_ends_in_one_line(workspace, change, found):
    path = workspace / "papers/pagan.yaml"
    paper = yaml.safe_load(path.read_text())
    change(paper)
    path.write_text(yaml.safe_dump(paper))
    with pytest.raises(UserError, match=found) as told:
        papers.load(workspace / "papers", {"pagan", "pagan-l1", "pagan-noaug", "aug"})
    assert "\n" not in str(told.value)


def test_a_wrong_claim_writes_no_tables(workspace):
    path = workspace / "papers/pagan.yaml"
    path.write_text(path.read_text().replace("kind: all", "kind: every"))
    with pytest.raises(UserError, match="every"):
        tabulate(workspace)
    assert not (workspace / "tables").exists()
