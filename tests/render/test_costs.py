"""What an epoch costs, with its interval; and errors while training against epochs and seconds."""

import pandas as pd
import pytest

from stages import record
from stages.render import charts, costs
from stages.render.report import Report
from stages.render.results import Results

LOSSES = """row,seed,iteration,reconstruction,encoder
age,0,20,0.5,1.0
age,0,40,0.25,1.0
age,1,20,0.7,1.0
dcgan,0,20,,1.0
"""


@pytest.fixture
def workspace(tmp_path):
    """Batches of 10 of 200 images, so twenty an epoch, of half a second an iteration."""
    row = {"networks": "dense", "batch": 10, "iterations_an_epoch": 20, "epoch_seconds": {"0": 8.0, "1": 12.0}}
    told = {"dataset": {"title": "digits"}, "images": 200, "sizes": {"rounds": 6, "iterations": 12}}
    record.write(tmp_path / "costs/digits.json", told | {"rows": {"age": row}})
    dataset = {"name": "digits", "title": "digits", "splits": {"train": {"images": 200}}}
    papers = {"p": {"id": "p"}}
    record.write(tmp_path / "tables/run.json", {"seeds": [0, 1], "dataset": dataset, "papers": papers})
    claim = {"id": "A6", "better": "age", "than": "ali", "theta": 2.5, "interval": [2.25, 2.75]}
    record.write(tmp_path / "tables/verdicts.json", {"p": [claim]})
    (tmp_path / "tables/losses.csv").write_text(LOSSES)
    for name in ("age", "dcgan"):
        record.write(tmp_path / f"runs/{name}/0/model/card.json", {"settings": {"batch": 10}})
    return tmp_path


def test_iterations_become_epochs_and_seconds(workspace):
    told = costs.learned(Results(workspace), "age")
    assert told["epochs"].tolist() == [1, 2, 1]
    assert told["seconds"].tolist() == [10, 20, 10]
    assert told["reconstruction"].tolist() == [0.5, 0.25, 0.7]


def test_a_row_that_reconstructs_nothing_or_has_not_run_has_no_curve(workspace):
    assert len(costs.learned(Results(workspace), "dcgan")) == 0
    assert costs.learned(Results(workspace), "vae") is None


def test_the_figure_tells_the_error_where_the_paper_looks(workspace):
    report = Report(str(workspace), "p")
    told = str(report.learning(["age", "dcgan", "vae"], epochs=1))
    assert 'alt="Mean L1 of a pixel by 1 epochs: age 0.6"' in told
    assert "by 10 epochs: age 0.25" in str(report.learning(["age"], epochs=10))
    assert "not run" in str(report.learning(["vae"], epochs=10))


def test_without_a_cost_there_is_no_axis_of_seconds(workspace):
    told = costs.learned(Results(workspace), "age")
    both = charts.learning({"age": told}, "digits", 10)
    assert b"seconds of training" in both
    assert both == charts.learning({"age": told}, "digits", 10)
    assert b"seconds of training" not in charts.learning({"age": told.assign(seconds=float("nan"))}, "digits", 10)


def test_a_cost_stands_beside_the_ratio_and_its_interval(workspace):
    told = str(Report(str(workspace), "p").cost("A6"))
    for words in ("200 images in batches of 10", "<td>10</td>", "8 · 12", "ali over age: 2.5 times"):
        assert words in told
    assert "95 % interval 2.25 to 2.75 (claim A6)" in told


def test_a_ratio_that_was_not_judged_is_not_told():
    assert costs.ratio({"theta": None, "interval": None}) == ""


def test_an_error_is_no_player_s_loss():
    losses = pd.DataFrame({"row": "age", "seed": [0, 0], "iteration": [1, 2], "reconstruction": 0.5, "encoder": 1.0})
    drawn = charts.curves(losses, "age")
    assert b"encoder" in drawn
    assert b"reconstruction" not in drawn
