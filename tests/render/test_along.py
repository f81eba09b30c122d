"""What pages show along a training."""

from pathlib import Path

import numpy as np
import pytest

from stages import record
from stages.render import along
from stages.render.results import Results

STEPS = range(50, 251, 50)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Two seeds of BEGAN, whose FID falls with its measure in seed 0 and rises with it in seed 1; and two PAGANs."""
    lines = ["row,seed,iteration,convergence,pair accuracy,pair gradient"]
    for seed in range(2):
        lines += [f"began,{seed},{step},{1 / step}," + "," for step in STEPS]
    lines += [
        f"{row},0,{step},,{right},{step}" for row, right in (("pagan", 0.6), ("pagan-noaug", 0.9)) for step in STEPS
    ]
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/losses.csv").write_text("\n".join(lines) + "\n")
    facts = {"seeds": [0, 1], "seeds_of": {"began": [0, 1]}, "labels": {"FID": "FID-own"}, "dataset": {"title": "dots"}}
    record.write(tmp_path / "tables/run.json", facts)
    for seed, sign in enumerate((1, -1)):
        told = {"value": 3.0, "along": {str(step): 10 + sign * 100 / step for step in STEPS}}
        record.write(tmp_path / f"runs/began/{seed}/metrics.json", {"metrics": {"FID-own": told}})
    return tmp_path


def test_points_are_paired_by_iteration_and_stand_in_their_order(workspace: Path) -> None:
    found = along.points(Results(workspace), "began", 0, "convergence", {"100": 2.0, "50": 1.0, "75": 9.0})
    assert np.array_equal(found, [[1 / 50, 1.0], [1 / 100, 2.0]])  # nothing was logged at 75


def test_a_score_is_drawn_against_what_was_logged_with_each_run_s_rank_correlation(workspace: Path) -> None:
    shown = str(along.tracking(Results(workspace), "began", "convergence", "FID", "tracking"))
    assert "seed 0: 1, seed 1: -1" in shown
    assert 'id="tracking"' in shown
    again = str(along.tracking(Results(workspace), "began", "convergence", "FID", "tracking"))
    assert shown == again


def test_the_last_fifth_of_a_log_is_told_beside_its_curves(workspace: Path) -> None:
    axes = {"pair accuracy": "share", "pair gradient": "norm"}
    shown = str(along.logged(Results(workspace), ["pagan", "pagan-noaug"], axes, "pair-game"))
    assert "Pair accuracy over the last fifth: pagan 0.6, pagan-noaug 0.9" in shown
    assert "Pair gradient over the last fifth: pagan 250, pagan-noaug 250" in shown


def test_what_has_not_run_is_said(workspace: Path) -> None:
    results = Results(workspace)
    assert "not run" in str(along.tracking(results, "age", "convergence", "FID", "tracking"))
    assert "not run" in str(along.logged(results, ["vae"], {"pair accuracy": "share"}, "pair-game"))
    (workspace / "tables/losses.csv").write_text("row,seed,iteration\n")
    assert "not run" in str(along.logged(Results(workspace), ["pagan"], {"pair accuracy": "share"}, "pair-game"))
