"""Which measurement stands for a metric that a paper names, and that it is called by its own name."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from stages import record
from stages.tabulate.__main__ import main
from stages.tabulate.evidence import Scores
from stages.tabulate.labels import measured, plain
from stages.tabulate.verdicts import judge

ROOT = Path(__file__).parent.parent.parent
FID = {
    "pagan": [31.9, 34.6, 33.2],
    "pagan-l1": [74.1, 81.0, 77.5],
    "wpagan": [50.1, 55.2, 52.0],
    "age": [38.0, 41.9, 40.1],
}
ORDER = {"id": "P7", "kind": "order", "metric": "FID", "better": "pagan", "than": "pagan-l1"}
VALUE = {"id": "P7v", "kind": "value", "metric": "FID", "row": "pagan", "paper": 32.84}


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["FID", "FID-own"], "FID"),
        (["FID-own"], "FID-own"),
        (["FID"], "FID"),
        ([], "FID"),
        (["IS-own", "FID-owned"], "FID"),
    ],
)
def test_the_own_classifier_s_stands_in_only_where_the_published_judge_s_is_not_there(
    labels: list[str], expected: str
) -> None:
    assert measured("FID", labels) == expected


def test_what_is_asked_for_by_its_own_name_stays() -> None:
    assert measured("FID-own", ["FID", "FID-own"]) == "FID-own"
    assert measured("FID-own", ["FID"]) == "FID-own"


def test_the_plain_name_is_without_the_judge() -> None:
    assert (plain("FID-own"), plain("FID"), plain("RMSE")) == ("FID", "FID", "RMSE")


def scores(*labels: str, is_paper: bool = True) -> Scores:
    return Scores(
        values={label: {row: dict(enumerate(values)) for row, values in FID.items()} for label in labels},
        trained=frozenset(FID),
        seeds=(0, 1, 2),
        resamplings=(0, 1, 2),
        better=dict.fromkeys(labels, "lower"),
        is_paper=is_paper,
        dataset_title="CIFAR-10",
        paper_dataset="CIFAR-10",
        commands={},
    )


def test_an_order_is_judged_by_what_was_measured_and_told_by_its_name() -> None:
    verdict = judge(ORDER, scores("FID-own"))
    assert (verdict.verdict, verdict.metric) == ("reproduced", "FID-own")
    assert "lower FID-own" in verdict.sentence
    assert judge(ORDER, scores("FID", "FID-own")).metric == "FID"
    assert "FID-own" not in judge(ORDER, scores("FID", "FID-own")).sentence


@pytest.mark.parametrize("claim", [VALUE, ORDER | {"than": {"printed": 60.0}}], ids=["value", "printed-rival"])
def test_a_printed_number_is_not_set_against_another_judge_s(claim: dict[str, Any]) -> None:
    assert judge(claim, scores("FID-own")).verdict == "not run"
    assert judge(claim, scores("FID")).verdict == "reproduced"
    assert judge(claim | {"metric": "FID-own"}, scores("FID-own")).verdict == "reproduced"  # asked for by name


def test_the_usual_margin_is_that_of_the_plain_metric() -> None:
    claim = {key: VALUE[key] for key in VALUE} | {"metric": "FID-own"}
    assert judge(claim, scores("FID-own")) == judge(claim | {"within": 0.25}, scores("FID-own"))


def test_parts_are_named_by_what_was_measured() -> None:
    parts = [{key: part[key] for key in part if key != "id"} for part in (ORDER, ORDER | {"metric": "IS"})]
    whole = judge({"id": "P7", "kind": "all", "parts": parts}, scores("FID-own", "IS-own"))
    assert [part.metric for part in whole.parts] == ["FID-own", "IS-own"]
    assert not whole.metric


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Runs on a stand-in, which its own classifier alone has judged."""
    shutil.copy(ROOT / "params.yaml", tmp_path)
    shutil.copytree(ROOT / "papers", tmp_path / "papers")
    record.write(tmp_path / "data/digits/card.json", {"name": "digits", "title": "digits", "stand_in": True})
    for row in ("pagan", "pagan-l1"):
        for seed, value in enumerate(FID[row]):
            run(tmp_path, row, seed, {"FID-own": {"value": value, "better": "lower", "judge": "a judge"}})
    return tmp_path


def run(workspace: Path, row: str, seed: int, metrics: dict[str, Any]) -> None:
    facts = {"row": row, "seed": seed, "dataset": "digits", "stand_in": True, "profile": "quick", "protocol": {}}
    facts |= {"metrics": metrics, "status": "scored", "diverged": None, "not_computed": {"LPIPS": "needs a file"}}
    record.write(workspace / f"runs/{row}/{seed}/metrics.json", facts)


def tabulate(workspace: Path) -> None:
    folders = [word for name in ("runs", "papers", "data") for word in (f"--{name}", str(workspace / name))]
    main([*folders, "--params", str(workspace / "params.yaml"), "--out", str(workspace / "tables")])


def test_tables_hold_both_the_printed_metric_and_the_one_measured(workspace: Path) -> None:
    tabulate(workspace)
    table = pd.read_csv(workspace / "tables/pagan-table-3.csv").set_index(["row", "metric"])
    assert table.loc[("pagan", "FID"), "measured"] == "FID-own"
    assert table.loc[("pagan", "FID"), "ours_mean"] == pytest.approx(sum(FID["pagan"]) / 3)
    assert table.loc[("pagan-noaug", "FID"), "measured"] == "FID-own"  # not run, and so under its neighbours' heading
    assert table.loc[("pagan", "IS"), "measured"] == "IS"


def test_verdicts_on_disk_name_what_was_measured(workspace: Path) -> None:
    tabulate(workspace)
    told = {claim["id"]: claim for claim in json.loads((workspace / "tables/verdicts.json").read_text())["pagan"]}
    assert [part["metric"] for part in told["P7"]["parts"]] == ["FID-own", "IS", "RID"]


def test_what_was_not_computed_is_told_once_with_its_rows(workspace: Path) -> None:
    tabulate(workspace)
    told = record.read(workspace / "tables/run.json")["not_computed"]
    assert told == {"needs a file": {"LPIPS": ["pagan", "pagan-l1"]}}
