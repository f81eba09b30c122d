"""What the slides criticise, in the numbers that the study keeps."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages.study.studies.began_control import Sizes, first_outside, found, study, summary, wasserstein


@pytest.fixture(scope="module")
def results(digits: Path) -> dict[str, Any]:
    return study(Sizes(steps=60), data=digits)


def test_facts_are_those_worked_by_hand(results: dict[str, Any]) -> None:
    assert results["facts"] == pytest.approx(
        {
            "trace_A_k_after_3000_projected": 1,
            "trace_A_k_after_3000_unprojected": 1.2,
            "trace_A_first_step_outside": 2501,
            "trace_B_k_after_1000_projected": 0,
            "trace_B_k_after_1000_unprojected": -0.2,
            "trace_C_k_after_1000_projected": 0,
            "trace_C_k_after_1000_unprojected": -0.1,
            "trace_D_first_zero_projected": 6334,
            "trace_D_first_zero_unprojected": 7000,
            "trace_D_delay": 666,
            "trace_E_k_after_2000_projected": 0.2,
            "trace_E_k_after_2000_unprojected": 0.1,
            "gamma_zero_k_max": 0,
            "equilibrium_chosen_bound": -0.05,
            "equilibrium_true_bound": 0.05,
            "wasserstein_one_above_the_other": 0.05,
            "wasserstein_of_equal_means": 0.1,
        },
        abs=1e-9,
    )


def test_scripts_keep_both_traces_at_the_same_steps(results: dict[str, Any]) -> None:
    assert set(results["scripts"]) == set("ABCDE")
    for told in results["scripts"].values():
        assert len(told["steps"]) == len(told["projected"]) == len(told["unprojected"]) == 201
        assert told["steps"][0] == told["projected"][0] == 0
        assert min(told["projected"]) >= 0
        assert max(told["projected"]) <= 1
    outside = {name: told["first_step_outside"] for name, told in results["scripts"].items()}
    assert outside == {"A": 2501, "B": 1, "C": 1, "D": 2501, "E": 1}


def test_the_loop_stays_about_the_equilibrium(results: dict[str, Any]) -> None:
    assert results["loop"]["mean_fake"] == pytest.approx(0.5, abs=0.01)
    assert results["loop"]["mean_k"] == pytest.approx(0.3, abs=0.01)


def test_every_gamma_is_trained_with_and_without_projection(results: dict[str, Any]) -> None:
    assert set(results["trained"]) == {"0", "0.5", "1"}
    for runs in results["trained"].values():
        assert 0 <= runs["projected"]["k_least"] <= runs["projected"]["k_most"] <= 1
        assert runs["projected"]["first_step_outside"] is None
        assert runs["projected"]["share_outside"] == 0
        assert len(runs["projected"]["k"]) == len(runs["projected"]["steps"]) == 60
    assert results["trained"]["0"]["projected"]["k_most"] == 0  # criticism 3
    assert results["trained"]["0"]["projected"]["share_at_zero"] == 1
    assert results["trained"]["0"]["unprojected"]["first_step_outside"] == 1
    assert "666 steps late" in found(results)


def test_a_run_s_summary_by_hand() -> None:
    log = np.array([[1.0, 0.4, 0.5], [1.0, 0.6, 1.1], [1.0, 1.2, 0.9], [1.0, 1.4, -0.1], [2.0, 1.0, 0.0]])
    told = summary(log, gamma=0.5)
    assert (told["k_least"], told["k_most"], told["first_step_outside"]) == (-0.1, 1.1, 2)
    assert (told["share_outside"], told["share_at_zero"], told["share_vacuous"]) == (0.4, 0.2, 0.6)
    assert told["end"] == {"balance": 0.5, "chosen_bound": -1.0, "true_bound": 1.0, "convergence": 2.0}
    assert told["steps"] == [1, 2, 3, 4, 5]
    assert told["fake"] == [0.4, 0.6, 1.2, 1.4, 1.0]


def test_curves_are_means_over_equal_parts() -> None:
    log = np.arange(1200, dtype=float).reshape(400, 3)
    told = summary(log, gamma=0.5)
    assert len(told["real"]) == 200
    assert told["real"][:2] == [1.5, 7.5]
    assert told["steps"][:2] == [2, 4]


def test_rounding_does_not_count_as_outside() -> None:
    assert first_outside(np.array([0.0, 1 + 1e-12, -1e-12])) is None
    assert first_outside(np.array([0.0, 1.0, 1.001])) == 2


def test_wasserstein_is_the_best_coupling() -> None:
    assert wasserstein([3.0, 1.0], [1.0, 3.0]) == 0
    assert wasserstein([0.0, 1.0], [2.0, 4.0]) == 2.5


def test_equal_sizes_give_equal_results(results: dict[str, Any], digits: Path) -> None:
    assert study(Sizes(steps=60), data=digits) == results
