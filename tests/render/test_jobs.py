"""Pieces of pages about sweeps, on a made-up workspace."""

import numpy as np
import pytest

from stages import record
from stages.render.report import Report

HEAD = "sweep,dataset,row,point,seed,metric,better,value,judge,lambda,gamma"


def lines(point, row, level, **metrics):
    better = {"IS": "higher", "LPIPS": "lower", "critic": "higher", "Diversity": "higher"}
    return [
        f"ijae-lambda,digits,{row},{point},{seed},{metric},{better[metric]},{value},a judge,{level},"
        for metric, values in metrics.items()
        for seed, value in enumerate(values)
    ]


@pytest.fixture
def report(tmp_path):
    tables = tmp_path / "tables"
    run = {"seeds": [0], "dataset": {"name": "digits", "title": "digits"}, "status": {}, "papers": {}, "rows": []}
    run["labels"] = {}
    record.write(tables / "run.json", run)
    (tables / "scores.csv").write_text(
        "row,seed,metric,better,value,judge\nvae,0,IS,higher,2,\nvae,0,LPIPS,lower,0.9,\nreal,0,Diversity,higher,0.6,\n"
    )
    told = [
        *lines("ijae+lambda=0.1", "ijae", 0.1, IS=[8, 8.2], LPIPS=[0.5, 0.5], critic=[1, 1], Diversity=[0.9, 0.9]),
        *lines("ijae", "ijae", 0.3, IS=[7, 7], LPIPS=[0.2, 0.2], critic=[2, 2], Diversity=[0.61, 0.61]),
        *lines("ijae+lambda=0.9", "ijae", 0.9, IS=[6, 6], LPIPS=[0.4, 0.4], critic=[3, 3], Diversity=[0.2, 0.2]),
        *lines("ijae-l1+lambda=0.1", "ijae-l1", 0.1, IS=[6, 6], LPIPS=[0.5, 0.5]),
    ]
    (tables / "sweeps.csv").write_text("\n".join([HEAD, *told]) + "\n")
    for point in ("ijae", "ijae+lambda=0.1", "ijae+lambda=0.9"):
        folder = tmp_path / "runs" / point / "0" / "generated"
        folder.mkdir(parents=True)
        np.save(folder / "samples.npy", np.zeros((20, 4, 4, 1), np.uint8))
    return Report(str(tmp_path))


def cells(text, name):
    line = text.split(f">{name}</th>")[1].split("</tr>")[0]
    return [cell.split("</td>")[0] for cell in line.split("<td>")[1:]]


def test_a_front_has_its_points_and_the_area_that_it_outdoes(report):
    text = str(report.fronts("ijae-lambda", "lambda", [("IS", "LPIPS")], ["vae", "gone"]))
    assert cells(text, "ijae at lambda 0.1") == ["8.1", "0.5", "on the front"]
    assert cells(text, "ijae at lambda 0.3") == ["7", "0.2", "on the front"]
    assert cells(text, "ijae at lambda 0.9") == ["6", "0.4", "outdone"]
    # from IS 6 and LPIPS 0.5: only (7, 0.2) is better in both, by 1 x 0.3
    assert cells(text, "ijae: area under its front")[-1] == "0.3"
    assert cells(text, "ijae-l1: area under its front")[-1] == "0"
    assert "ijae: 2 of 3 on its front" in text


def test_boxes_tell_medians_and_go_by_real_images_in_diversity(report):
    text = str(report.boxes(["ijae-lambda"], ["critic", "Diversity", "FID"]))
    assert "critic: ijae-lambda median 2 of 3" in text
    assert "Best is nearest to real images." in text
    assert "FID: not computed" in text


def test_the_best_by_diversity_is_the_nearest_to_real_images(report):
    text = str(report.best_samples("fig14", "ijae-lambda", ["critic", "Diversity"]))
    assert "best by critic (3): ijae+lambda=0.9, seed 0" in text
    assert "best by Diversity (0.61): ijae, seed 0" in text
    assert 'id="fig14"' in text


def test_a_correlation_has_its_interval(report):
    text = str(report.correlation("ijae-lambda", ("critic", "Diversity")))
    assert "Spearman -1 [-1, " in text
    assert "over 3 jobs" in text


def test_two_scores_that_agree_on_no_job(report):
    text = str(report.disagreement(["ijae-lambda"], ("critic", "Diversity")))
    # the middle job of three lies in the lower half by either; by diversity, nearness to real images counts
    assert "of 3 jobs are in the better half by one" in text


def test_what_a_knob_does_is_told_by_level(report):
    text = str(report.levels("ijae-lambda", "lambda", ["IS"]))
    assert "7 at 0.3" in text
    assert "lambda 0.9: ijae+lambda=0.9, seed 0" in text


def test_a_sweep_that_did_not_run_is_told_with_its_command(report):
    for piece in (
        report.fronts("began-gamma", "gamma", [("IS", "LPIPS")], []),
        report.boxes(["began-gamma"], ["IS"]),
        report.best_samples("fig14", "began-gamma", ["IS"]),
        report.correlation("began-gamma", ("critic", "Diversity")),
        report.disagreement(["began-gamma"], ("IS", "FID")),
        report.levels("began-gamma", "gamma", ["IS"]),
    ):
        assert "make sweep NAME=began-gamma" in str(piece)


def test_equal_sweeps_draw_equal_bytes(report):
    draw = lambda: str(report.fronts("ijae-lambda", "lambda", [("IS", "LPIPS")], ["vae"]))  # noqa: E731
    assert draw() == draw()
