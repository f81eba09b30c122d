import json
from math import exp, log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from scipy.special import stdtrit

from stages import record
from stages.door import UserError
from stages.tabulate import kinds_rows, reading
from stages.tabulate.evidence import WORDS, Scores, Verdict
from stages.tabulate.scales import Scale
from stages.tabulate.verdicts import judge
from tests.tabulate.made import FID, Rows, all_of, log_values, order, scores, with_seeds

VALUE = {"id": "P7v", "kind": "value", "metric": "FID", "row": "pagan", "paper": 32.84, "within": 0.25}
MODEL_FREE = {"id": "P4", "kind": "value", "metric": "RID", "row": "aug", "paper": 1.57, "model_free": True}


# The worked example.


def test_an_order_worked_by_hand():
    verdict = judge(order("pagan", "pagan-l1"), scores(FID))
    assert verdict.verdict == "reproduced"
    assert log(verdict.theta) == pytest.approx(0.8470, abs=5e-5)
    assert verdict.theta == pytest.approx(2.33, abs=5e-3)
    assert verdict.interval == pytest.approx((2.12, 2.57), abs=5e-3)
    assert verdict.df == pytest.approx(5.99, abs=5e-3)
    assert log(verdict.half_width) / stdtrit(verdict.df, 0.975) == pytest.approx(0.0394, abs=5e-5)  # standard error
    assert verdict.p_rep == pytest.approx(3.4e-7, rel=0.01)
    assert verdict.p_con == pytest.approx(1 - verdict.p_rep, abs=1e-12)
    assert verdict.sentence == (
        "pagan has the lower FID: pagan-l1's is 2.33 times as high [2.12, 2.57] over 3 + 3 seeds,"
        " so the claim is reproduced."
    )
    assert (verdict.reason, verdict.note, verdict.failed, verdict.paper) == ("", "", {}, None)
    assert verdict.n == {"pagan": 3, "pagan-l1": 3}


def test_the_table_raises_a_small_spread_and_never_lowers_a_large_one():
    verdict = judge(order("pagan", "pagan-noaug"), scores(FID))
    # pagan: (0.0580^2 + 2 * 0.0406^2) / 3 = 0.0471^2; pagan-noaug has more than the typical 0.0580 and keeps it
    assert verdict.spreads["pagan"] == pytest.approx({"own": 0.0406, "used": 0.0471}, abs=5e-5)
    assert verdict.spreads["pagan-noaug"] == pytest.approx({"own": 0.1157, "used": 0.1157}, abs=5e-5)
    assert judge(order("pagan", "pagan-l1"), scores(FID)).spreads["pagan-l1"] == pytest.approx(
        {"own": 0.0445, "used": 0.0494}, abs=5e-5
    )


def test_twice_as_good_is_reproduced_where_the_whole_interval_is_above_two():
    verdict = judge(order("pagan", "pagan-l1", at_least=2), scores(FID))
    assert verdict.verdict == "reproduced"
    assert verdict.p_rep == pytest.approx(0.004, abs=5e-5)
    assert verdict.sentence.endswith("over 3 + 3 seeds, at least 2 times, so the claim is reproduced.")


def test_a_smaller_gap_is_reproduced_too():
    verdict = judge(order("pagan", "age"), scores(FID))
    assert verdict.verdict == "reproduced"
    assert (verdict.theta, *verdict.interval) == pytest.approx((1.20, 1.09, 1.33), abs=5e-3)
    assert verdict.p_rep == pytest.approx(0.0020, abs=5e-5)


def test_a_gap_within_the_noise_is_inconclusive_and_says_what_could_be_settled():
    verdict = judge(order("pagan", "pd-wgan"), scores(FID))
    assert verdict.verdict == "inconclusive"
    assert (verdict.theta, *verdict.interval) == pytest.approx((1.02, 0.92, 1.12), abs=5e-3)
    assert verdict.half_width == pytest.approx(1.10, abs=5e-3)
    assert verdict.sentence == "Undecided: 1.02 [0.92, 1.12] includes 1; 3 seeds could settle gaps above 10 %."
    assert verdict.reason == ""


def test_not_twice_as_good_is_contradicted_though_the_order_holds():
    verdict = judge(order("pagan", "wpagan", at_least=2), scores(FID))
    assert verdict.verdict == "contradicted"
    assert (verdict.theta, *verdict.interval) == pytest.approx((1.58, 1.43, 1.74), abs=5e-3)
    assert verdict.p_con == pytest.approx(0.0006, abs=5e-5)
    assert verdict.sentence == (
        "pagan is not 2 times ahead in FID: wpagan's is 1.58 times as high [1.43, 1.74] over 3 + 3 seeds,"
        " so the claim is contradicted; the order holds."
    )


def test_not_twice_as_good_does_not_vouch_for_an_order_that_is_open():
    verdict = judge(order("pagan", "pd-wgan", at_least=2), scores(FID))
    assert verdict.verdict == "contradicted"
    assert verdict.sentence.endswith("so the claim is contradicted; the order is undecided.")


def test_twice_as_good_is_contradicted_by_the_other_order():
    verdict = judge(order("age", "pagan", at_least=2), scores(FID))
    assert verdict.verdict == "contradicted"
    assert verdict.sentence == (
        "The other way round: pagan has the lower FID: age's is 1.20 times as high [1.09, 1.33] over 3 + 3 seeds,"
        " so the claim is contradicted."
    )


def test_a_printed_value_worked_by_hand():
    verdict = judge(VALUE, scores(FID))
    assert verdict.verdict == "reproduced"
    assert (verdict.theta, *verdict.interval) == pytest.approx((1.01, 0.85, 1.20), abs=5e-3)
    assert verdict.p_rep == pytest.approx(0.0150, abs=5e-5)
    assert verdict.paper == "32.84"
    assert verdict.sentence == (
        "Ours is 1.01 times the printed 32.84; one more run is expected within [0.85, 1.20],"
        " inside the allowed [0.80, 1.25]: reproduced."
    )


def test_a_failed_seed_that_changes_nothing_shows_the_weaker_p():
    verdict = judge(order("pagan", "pagan-l1"), scores(with_seeds("pagan-l1", [74.1, 81.0, None])))
    assert verdict.verdict == "reproduced"
    assert verdict.p_rep == pytest.approx(0.0030, abs=5e-5)  # with 121, pagan-noaug's worst, in its place
    assert verdict.failed == {"pagan-l1": [2]}
    assert verdict.n == {"pagan": 3, "pagan-l1": 2}
    assert verdict.note == (
        "pagan-l1's seed 2 failed: p is 0.00011 without, 0.003 with the table's worst value (121) instead"
    )
    assert verdict.interval == pytest.approx((1.69, 4.34), abs=5e-3)  # of the weaker, [2.00, 2.72] without the seed
    assert "over 3 + 2 seeds and 1 failed, so the claim is reproduced" in verdict.sentence


def test_a_failed_seed_that_decides_makes_it_inconclusive():
    verdict = judge(order("pagan", "pagan-l1"), scores(with_seeds("pagan", [31.9, 34.6, None])))
    assert (verdict.verdict, verdict.reason) == ("inconclusive", "hangs on a failed seed")
    assert verdict.p_rep == pytest.approx(0.20, abs=5e-3)
    assert verdict.failed == {"pagan": [2]}
    assert verdict.interval[0] < 1 < verdict.interval[1]
    assert verdict.sentence == (
        "Undecided, as it hangs on a failed seed: pagan's seed 2 failed: p is 4.9e-05 without,"
        " 0.2 with the table's worst value (121) instead."
    )


# Orders.


def test_a_higher_inception_score_is_the_better_one():
    table = {"pagan": log_values(log(6.0), 0.02), "pagan-l1": log_values(log(4.0), 0.02)}
    verdict = judge(order("pagan", "pagan-l1", metric="IS"), scores(FID, IS=table))
    assert verdict.verdict == "reproduced"
    assert verdict.theta == pytest.approx(1.5)
    assert verdict.sentence.startswith("pagan has the higher IS: its own is 1.50 times pagan-l1's [")
    mirrored = judge(order("pagan-l1", "pagan", metric="IS"), scores(FID, IS=table))
    assert mirrored.verdict == "contradicted"
    assert mirrored.sentence.startswith("The other way round: pagan has the higher IS: its own is 1.50 times")


@pytest.mark.parametrize("rows", [FID, with_seeds("pagan-l1", [74.1, None, 77.5])], ids=["all finite", "one failed"])
@pytest.mark.parametrize("rival", ["pagan-l1", "pd-wgan", "age", "pagan-noaug"])
def test_swapping_the_rows_mirrors_the_verdict(rows: Rows, rival: str):
    one, other = (judge(claim, scores(rows, n=3)) for claim in (order("pagan", rival), order(rival, "pagan")))
    mirror = {"reproduced": "contradicted", "contradicted": "reproduced", "inconclusive": "inconclusive"}
    assert other.verdict == mirror[one.verdict]
    assert (other.p_rep, other.p_con) == (one.p_con, one.p_rep)
    assert other.theta == pytest.approx(1 / one.theta)
    assert other.interval == pytest.approx((1 / one.interval[1], 1 / one.interval[0]))


@pytest.mark.parametrize("claim", [order("pagan", "age"), order("pagan", "wpagan", at_least=2)])
def test_a_change_of_unit_changes_no_verdict(claim: dict[str, Any]):
    sevenfold = {row: [7 * value for value in values] for row, values in FID.items()}
    one, other = judge(claim, scores(FID)), judge(claim, scores(sevenfold))
    assert other.verdict == one.verdict
    assert (other.p_rep, other.p_con, other.theta) == pytest.approx((one.p_rep, one.p_con, one.theta), rel=1e-9)


def test_no_order_of_reading_changes_a_byte():
    claim = all_of(order("pagan", "pd-wgan"), order("pagan", "age", at_least=1.1), VALUE)
    one = judge(claim, scores(FID))
    backwards = {row: dict(reversed(list(enumerate(values)))) for row, values in reversed(FID.items())}
    other_seeds = {row: values[1:] + values[:1] for row, values in FID.items()}
    unrelated: Rows = {"pagan": [9.0, 1.0, 4.0], "lsgan": [1.0, None, 2.0]}
    assert repr(judge(claim, scores(backwards))) == repr(one)
    assert repr(judge(claim, scores(other_seeds))) == repr(one)
    assert repr(judge(claim, scores(FID, RMSE=unrelated))) == repr(one)


def test_a_collapsed_but_finite_seed_stays_and_leaves_it_open():
    verdict = judge(order("pagan", "pagan-l1"), scores(with_seeds("pagan", [31.9, 34.6, 190])))
    assert (verdict.verdict, verdict.failed) == ("inconclusive", {})


def test_a_single_wild_seed_never_makes_a_verdict():
    for wild in (1e-3, 1e6):
        assert (
            judge(order("pagan", "pd-wgan"), scores(with_seeds("pagan", [31.9, 34.6, wild]))).verdict == "inconclusive"
        )


@pytest.mark.parametrize("rows", [2, 6])
def test_equal_values_are_inconclusive_with_an_interval_from_the_floor(rows: int):
    table = {f"row-{place}": [5.0, 5.0, 5.0] for place in range(rows)}
    verdict = judge(order("row-0", "row-1"), scores(table))
    assert (verdict.verdict, verdict.p_rep, verdict.p_con, verdict.theta) == ("inconclusive", 0.5, 0.5, 1.0)
    df = 4 if rows == 2 else 6  # 1 % on both sides: standard error 0.01 * sqrt(2/3)
    assert log(verdict.half_width) == pytest.approx(stdtrit(df, 0.975) * 0.01 * sqrt(2 / 3))
    assert verdict.spreads["row-0"] == pytest.approx({"own": 0, "used": 0.01})


@pytest.mark.parametrize(("gap", "expected"), [(0.01, "inconclusive"), (0.025, "reproduced")])
def test_three_digits_that_agree_by_chance_do_not_settle_a_gap_of_one_per_cent(gap: float, expected: str):
    # at the floor, 3 seeds settle exp(2.776 * 0.01 * sqrt(2/3)) - 1 = 2.3 %
    table = {"a": log_values(0, 0.001), "b": log_values(log(1 + gap), 0.001)}
    assert judge(order("a", "b"), scores(table)).verdict == expected


def test_a_pool_of_three_rows_is_no_pool_and_the_note_says_so():
    three = {row: FID[row] for row in ("pagan", "pagan-l1", "age")}
    verdict = judge(order("pagan", "age"), scores(three))
    assert verdict.note == "fewer than 4 rows in the pool: Welch"
    assert verdict.spreads["pagan"]["used"] == verdict.spreads["pagan"]["own"]
    assert verdict.df < 4 + 1e-9  # two rows of three seeds
    four = {**three, "pd-wgan": FID["pd-wgan"]}
    assert judge(order("pagan", "age"), scores(four)).note == ""


def test_a_row_with_one_finite_seed_and_a_model_free_row_are_not_in_the_pool():
    three = {row: FID[row] for row in ("pagan", "pagan-l1", "age")}
    more = {**three, "alice": [50.0, None, None], "aug": [40.0, 41.0, 42.0]}
    assert judge(order("pagan", "age"), scores(more, model_free=("aug",))).note.endswith("Welch")


def test_a_row_of_two_finite_seeds_is_in_the_pool_with_its_own_correction():
    rows = {
        "a": log_values(0, 0.001),
        "b": log_values(1, 0.001),
        "c": [1.0, exp(0.1), None],
        "d": [1.0, exp(0.1), None],
    }
    # variances over medians of chi-square/df: twice 0.1^2/2/0.4549 = 0.01099 and twice about 0; the median is half
    used = judge(order("a", "b"), scores(rows)).spreads["a"]["used"]
    assert used == pytest.approx(sqrt((0.01099 / 2 + 2 * 0.01**2) / 3), rel=1e-3)


# Seeds that are few, failed or missing.


@pytest.mark.parametrize("n", [1, 2])
def test_fewer_than_three_seeds_settle_nothing_however_large_the_gap(n: int):
    table = {row: values[:n] for row, values in {**FID, "huge": [1e5, 1e5, 1e5]}.items()}
    verdict = judge(order("pagan", "huge"), scores(table, n=n))
    assert (verdict.verdict, verdict.reason, verdict.p_rep) == ("inconclusive", "too few seeds", None)
    assert verdict.sentence == f"Undecided, as there are too few seeds: huge has {n} of 3."


def test_a_missing_seed_is_a_failed_one_and_is_named():
    verdict = judge(order("pagan", "pagan-l1"), scores(with_seeds("pagan", {0: 31.9, 2: 33.2})))
    assert (verdict.verdict, verdict.reason, verdict.failed) == ("inconclusive", "too few seeds", {"pagan": [1]})
    assert verdict.sentence.endswith("pagan has 2 of 3 (pagan's seed 1 is missing).")


def test_three_finite_seeds_beside_a_missing_one_are_judged_both_ways():
    rows = {row: [*values, values[0]] for row, values in FID.items()}
    without_one = {**rows, "pagan-l1": {0: 74.1, 1: 81.0, 3: 77.5}}
    verdict = judge(order("pagan", "pagan-l1"), scores(without_one, n=4))
    assert (verdict.verdict, verdict.failed) == ("reproduced", {"pagan-l1": [2]})
    assert "seed 2 is missing: p is" in verdict.note
    left_out = {**rows, "pagan": {0: 31.9, 1: 34.6, 3: 33.2}}
    assert judge(order("pagan", "pagan-l1"), scores(left_out, n=4)).reason == "hangs on a failed seed"


def test_a_hole_in_the_seeds_asked_for_is_a_missing_seed():
    rows = {row: {0: values[0], 1: values[1], 3: values[2]} for row, values in FID.items()}
    asked = Scores(**{**vars(scores(rows)), "seeds": (0, 1, 3)})
    assert judge(order("pagan", "pagan-l1"), asked).failed == {"pagan": [2], "pagan-l1": [2]}


def test_rows_without_a_model_have_resamplings_of_their_own():
    three = scores(FID, RID={"aug": [1.57, 1.58, 1.56, 1.57, 1.58]}, model_free=("aug",))
    assert judge(MODEL_FREE, three).reason == "too few seeds"
    five = Scores(**{**vars(three), "resamplings": (0, 1, 2, 3, 4)})
    assert (judge(MODEL_FREE, five).verdict, judge(MODEL_FREE, five).n) == ("reproduced", {"aug": 5})
    assert judge(order("pagan", "age"), five).n == {"pagan": 3, "age": 3}


def test_runs_of_seeds_that_are_not_asked_for_do_not_count():
    stale = {row: [*values, 1e-3] for row, values in FID.items()}
    assert judge(order("pagan", "age"), scores(stale)) == judge(order("pagan", "age"), scores(FID))


@pytest.mark.parametrize("lost", [None, float("nan"), float("inf"), 0.0, -3.0])
def test_a_value_without_a_logarithm_is_a_failed_seed(lost: float | None):
    verdict = judge(order("pagan", "pagan-l1"), scores(with_seeds("pagan-l1", [74.1, 81.0, lost])))
    assert verdict.failed == {"pagan-l1": [2]}
    json.dumps(verdict.to_record(), allow_nan=False)


@pytest.mark.parametrize("values", [[31.9, None, None], [None, None, None], [31.9, 34.6, None, None]])
def test_a_row_of_which_half_the_seeds_failed_has_failed_to_train(values: list[float | None]):
    verdict = judge(order("pagan", "pagan-l1"), scores(with_seeds("pagan", values), n=len(values)))
    assert (verdict.verdict, verdict.reason) == ("inconclusive", "row failed to train")
    assert verdict.failed["pagan"] == [seed for seed, value in enumerate(values) if value is None]
    assert "pagan failed to train" in verdict.sentence


def test_the_worst_value_of_a_score_that_should_be_high_is_the_lowest():
    table = {row: [600 / value for value in values] for row, values in FID.items()}
    table["pagan-l1"][2] = None
    verdict = judge(order("pagan", "pagan-l1", metric="IS"), scores(FID, IS=table))
    assert "the table's worst value (4.95868)" in verdict.note  # 600 / 121
    assert verdict.p_rep == pytest.approx(0.0030, abs=5e-5)  # the mirror image of the FIDs


def test_contradiction_must_survive_a_failed_seed_as_well():
    verdict = judge(order("pagan-l1", "pagan"), scores(with_seeds("pagan", [31.9, 34.6, None])))
    assert (verdict.verdict, verdict.reason) == ("inconclusive", "hangs on a failed seed")
    assert verdict.p_con == pytest.approx(0.20, abs=5e-3)


# Rows and datasets that are not there.


def test_an_order_without_a_run_of_one_row_is_not_run():
    for claim in (order("pagan", "gone"), order("gone", "pagan")):
        verdict = judge(claim, scores(FID))
        assert (verdict.verdict, verdict.reason, verdict.p_rep) == ("not run", "no run of gone", None)
        assert verdict.sentence == "Not run: no run of gone (dvc exp run -S suite.gone=[gone])."


def test_a_row_that_has_other_metrics_is_not_to_be_run_again():
    verdict = judge(order("pagan", "aug"), scores(FID, RMSE={"aug": [1.0, 1.1, 1.2]}, model_free=("aug",)))
    assert (verdict.verdict, verdict.sentence) == ("not run", "Not run: aug without FID.")


def test_a_metric_that_no_run_has_is_not_run():
    assert judge(order("pagan", "age", metric="KID"), scores(FID)).verdict == "not run"


def test_an_order_on_a_stand_in_is_judged_and_labelled():
    here, there = (judge(order("pagan", "age"), scores(FID, is_paper=one)) for one in (True, False))
    assert (here.scope, there.scope) == ("paper", "stand-in")
    assert here.p_rep == there.p_rep


@pytest.mark.parametrize("claim", [VALUE, order("pagan", {"printed": 33.0})])
def test_a_printed_number_is_not_compared_on_a_stand_in(claim: dict[str, Any]):
    verdict = judge(claim, scores(FID, is_paper=False))
    assert (verdict.verdict, verdict.reason, verdict.scope) == ("not run", "needs CIFAR-10", "stand-in")
    assert verdict.sentence == "Not run: the printed number needs CIFAR-10."
    assert verdict.paper in ("32.84", "33.0")
    assert judge(claim, scores(FID)).verdict != "not run"


def test_the_papers_dataset_at_other_sizes_is_a_stand_in_too():
    small = Scores(**{**vars(scores(FID, is_paper=False)), "dataset_title": "CIFAR-10"})
    assert judge(VALUE, small).reason == "needs the profile paper"


# Printed numbers.


def test_a_printed_rival_takes_one_further_run_of_our_spread():
    verdict = judge(order("pagan", {"printed": "60.0"}), scores(FID))
    # log(60 / 33.215) = 0.5914; 0.04714 * sqrt(1 + 1/3) = 0.05443; t of 3 degrees: 3.182
    assert log(verdict.theta) == pytest.approx(0.5914, abs=1e-4)
    assert log(verdict.half_width) == pytest.approx(3.182 * 0.05443, abs=1e-4)
    assert (verdict.verdict, verdict.paper, verdict.n) == ("reproduced", "60.0", {"pagan": 3})
    assert verdict.sentence.startswith("pagan has the lower FID: the printed 60.0 is 1.81 times as high [")
    lost = judge(order("pagan", {"printed": 20}), scores(FID))
    assert lost.sentence.startswith(
        "The other way round: the printed 20 is the lower FID: pagan's is 1.66 times as high"
    )
    assert judge(order("pagan", {"printed": 33.0}), scores(FID)).verdict == "inconclusive"


def test_a_printed_rival_of_a_score_that_should_be_high():
    table = {"age": log_values(log(5.9), 0.02)}
    won, lost = (
        judge(order("age", {"printed": printed}, metric="IS"), scores(FID, IS=table)) for printed in ("4.36", "8.0")
    )
    assert (won.verdict, lost.verdict) == ("reproduced", "contradicted")
    assert "age has the higher IS: its own is 1.35 times the printed 4.36" in won.sentence
    assert "the printed 8.0 is the higher IS: it is 1.36 times age's" in lost.sentence


TRANSFER = {"cage": [4.0, 6.0, 5.0], "blind": [0.5, -1.0, 0.2], "against": [-4.0, -6.0, -5.0]}


def transfer(row: str, **more: Any) -> Verdict:
    given = scores({}, is_paper=False, **{"Colour transfer": TRANSFER})
    return judge(order(row, {"number": 0}, metric="Colour transfer", **more), given)


def test_a_number_of_no_paper_is_compared_on_a_stand_in_too_worked_by_hand():
    verdict = transfer("cage")
    assert (verdict.verdict, verdict.scope, verdict.paper) == ("reproduced", "stand-in", None)
    reach = float(stdtrit(2, 0.975)) / sqrt(3)  # of the mean of 4, 5, 6: no further run's noise
    assert verdict.interval == pytest.approx((5 - reach, 5 + reach))
    assert verdict.sentence == (
        "cage has a Colour transfer above 0: by 5.00 [2.52, 7.48] over 3 seeds, so the claim is reproduced."
    )


def test_a_number_of_no_paper_can_be_missed_or_the_other_way_round():
    assert transfer("blind").verdict == "inconclusive"
    against = transfer("against")
    assert against.verdict == "contradicted"
    assert "against has a Colour transfer below 0: by 5.00 [2.52, 7.48]" in against.sentence
    assert transfer("cage", at_least=2).verdict == "reproduced"


def test_a_number_of_no_paper_on_a_scale_of_ratios():
    verdict = judge(order("pagan", {"number": 60}), scores(FID))
    assert verdict.verdict == "reproduced"
    assert "pagan has a FID below 60: 60 is 1.81 times as high [" in verdict.sentence


def test_a_value_far_from_the_printed_one_is_contradicted():
    verdict = judge({**VALUE, "row": "pagan-l1"}, scores(FID))
    assert verdict.verdict == "contradicted"
    assert "outside the allowed [0.80, 1.25]: contradicted" in verdict.sentence
    low = judge({**VALUE, "paper": 76.73}, scores(FID))
    assert low.verdict == "contradicted"
    assert low.theta == pytest.approx(33.215 / 76.73, abs=1e-4)


def test_the_digits_printed_widen_the_region():
    claim = {"id": "L", "kind": "value", "metric": "LPIPS", "row": "pagan", "paper": "0.07", "within": 0.15}
    verdict = judge(claim, scores(FID, LPIPS={"pagan": [0.0745] * 3}))
    printed = reading.printed_number(claim, "paper", "0.07")
    assert printed.rounding == pytest.approx(0.005)
    region = [0.07 * exp(end) for end in kinds_rows.region_around(printed, 0.15, Scale(logarithmic=True))]
    assert region == pytest.approx([0.0565, 0.0863], abs=6e-5)
    assert verdict.verdict == "reproduced"
    assert "inside the allowed [0.81, 1.23]" in verdict.sentence
    finer = judge({**claim, "paper": "0.0700", "within": 0.1}, scores(FID, LPIPS={"pagan": [0.0745] * 3}))
    assert finer.verdict == "inconclusive"  # 0.0745 / 0.07 + one more run reaches 1.12, beyond 1.10
    assert judge({**claim, "within": 0.1}, scores(FID, LPIPS={"pagan": [0.0745] * 3})).verdict == "reproduced"


@pytest.mark.parametrize(
    ("printed", "rounding"), [(32.84, 0.005), ("6.70", 0.005), (6.7, 0.05), (111.151, 5e-4), (87, 0.5)]
)
def test_rounding_is_half_a_unit_of_the_last_digit(printed: Any, rounding: float):
    assert reading.printed_number(VALUE, "paper", printed).rounding == pytest.approx(rounding)


def test_a_margin_below_twice_the_spread_is_not_decidable_by_any_number_of_seeds():
    # pagan's spread is 0.0471: log(1.095) = 0.0908 < 0.0943 < 0.0953 = log(1.10)
    assert judge({**VALUE, "within": 0.095}, scores(FID)).reason == "not decidable: one printed run"
    assert "no number of seeds could settle it" in judge({**VALUE, "within": 0.095}, scores(FID)).sentence
    decidable = judge({**VALUE, "within": 0.10}, scores(FID))
    assert (decidable.verdict, decidable.reason) == ("inconclusive", "")
    assert "3 seeds could settle margins above 19 %" in decidable.sentence
    assert judge({**VALUE, "within": 0.095, "paper": 90}, scores(FID)).verdict == "contradicted"


def test_a_value_claim_without_a_margin_takes_the_usual_one():
    assert "the allowed [0.80, 1.25]" in judge({**VALUE, "within": 0.25}, scores(FID)).sentence
    usual = {key: VALUE[key] for key in VALUE if key != "within"}
    assert judge(usual, scores(FID)) == judge(VALUE, scores(FID))
    with pytest.raises(UserError, match=r"claim P7v: within is missing, and MSE has no usual margin"):
        judge({**usual, "metric": "MSE"}, scores(FID))


def test_a_value_hangs_on_a_failed_seed_too():
    verdict = judge(VALUE, scores(with_seeds("pagan", [31.9, 34.6, 33.2, None]), n=4))
    assert verdict.reason == "hangs on a failed seed"
    assert verdict.paper == "32.84"


# Model-free rows.


def model_free(values: Any, n: int = 5, **more: Any) -> Verdict:
    return judge({**MODEL_FREE, **more}, scores(FID, RID={"aug": values}, model_free=("aug",), n=n))


def test_a_model_free_value_worked_by_hand():
    values = [1.56, 1.57, 1.58, 1.57, 1.57]
    logs = np.log(values)
    verdict = model_free(values)
    # own spread, no pool, no floor; 4 degrees of freedom; one more resampling
    assert verdict.spreads["aug"]["used"] == pytest.approx(logs.std(ddof=1), rel=1e-9)
    assert log(verdict.half_width) == pytest.approx(2.776 * logs.std(ddof=1) * sqrt(1 + 1 / 5), rel=1e-3)
    assert (verdict.verdict, verdict.df, verdict.note) == ("reproduced", pytest.approx(4), "")
    assert "inside the allowed [0.98, 1.02]" in verdict.sentence
    assert model_free([value * 1.1 for value in values]).verdict == "contradicted"


def test_four_resamplings_are_too_few():
    verdict = model_free([1.57, 1.58, 1.57, 1.56], n=4)
    assert (verdict.verdict, verdict.reason) == ("inconclusive", "too few seeds")
    assert verdict.sentence == "Undecided, as there are too few seeds: aug has 4 of 5."


def test_resamplings_that_agree_exactly_divide_by_nothing():
    verdict = model_free([1.57] * 5)
    assert (verdict.verdict, verdict.p_rep, verdict.p_con, verdict.df) == ("reproduced", 0.0, 1.0, None)
    assert verdict.interval == pytest.approx((1, 1))
    json.dumps(verdict.to_record(), allow_nan=False)
    rows = {"aug": [2.0] * 5, "real": [2.0] * 5}
    tied = judge(order("aug", "real", metric="RID"), scores(FID, RID=rows, model_free=("aug", "real"), n=5))
    assert (tied.verdict, tied.p_rep, tied.p_con) == ("inconclusive", 0.5, 0.5)


def test_a_deterministic_row_needs_one_value():
    inside = model_free([1.58], n=3, deterministic=True)
    assert (inside.verdict, inside.p_rep, inside.n) == ("reproduced", 0.0, {"aug": 1})
    assert inside.failed == {}
    assert inside.interval == pytest.approx((1.58 / 1.57, 1.58 / 1.57))
    outside = model_free([1.7, 1.7, 1.7], n=3, deterministic=True)
    assert (outside.verdict, outside.p_con, outside.n) == ("contradicted", 0.0, {"aug": 1})
    assert outside.sentence == (
        "Ours is 1.08 times the printed 1.57; every run gives the same, outside the allowed [0.98, 1.02]: contradicted."
    )
    assert model_free([None], n=1, deterministic=True).reason == "row failed to train"
    assert model_free([], deterministic=True).verdict == "not run"


def test_an_order_between_a_model_free_row_and_a_trained_one():
    table = {"aug": [1.57, 1.58, 1.56, 1.57, 1.57], "vae": [44.0, 45.0, 46.0, 44.5, 45.5]}
    verdict = judge(order("aug", "vae", metric="RID", at_least=2), scores(FID, RID=table, model_free=("aug",), n=5))
    assert (verdict.verdict, verdict.note) == ("reproduced", "fewer than 4 rows in the pool: Welch")
    assert verdict.spreads["aug"]["used"] < 0.01 < verdict.spreads["vae"]["used"]


def test_a_failed_resampling_takes_the_place_of_something_worse():
    table = {"aug": [1.57, 1.58, 1.56, 1.57, 1.57, None]}
    verdict = judge(order("aug", {"printed": 3.0}, metric="RID"), scores(FID, RID=table, model_free=("aug",), n=6))
    assert "the table's worst value (1.58)" in verdict.note  # no trained row has an RID here
    assert verdict.verdict == "reproduced"


# All of several parts.


def parts(theta: dict[str, float], sd: float = 0.05) -> Scores:
    """Two rows, a and b; b's logs are higher by theta, for a metric each."""
    tables = {metric: {"a": log_values(0, sd), "b": log_values(gap, sd)} for metric, gap in theta.items()}
    return scores({}, **tables)


def three(metrics: tuple[str, ...] = ("RID", "RMSE", "LPIPS")) -> dict[str, Any]:
    return all_of(*(order("a", "b", metric=metric) for metric in metrics))


def gap_of(p: float) -> float:
    """The gap at which two rows of three seeds with spread 0.05 (4 degrees of freedom) have this p."""
    return float(stdtrit(4, 1 - p)) * 0.05 * sqrt(2 / 3)


def test_a_conjunction_holds_at_the_weakest_part_without_correction():
    verdict = judge(three(), parts({"RID": 1.0, "RMSE": gap_of(0.024), "LPIPS": 2.0}))
    assert (verdict.verdict, verdict.p_rep) == ("reproduced", pytest.approx(0.024))
    assert [part.verdict for part in verdict.parts] == ["reproduced"] * 3
    assert verdict.sentence.startswith("3 of 3 parts hold; decided by RMSE: a has the lower RMSE: ")
    assert (verdict.theta, verdict.interval, verdict.n) == (None, None, {"a": 3, "b": 3})


def test_one_undecided_part_leaves_it_open():
    verdict = judge(three(), parts({"RID": 1.0, "RMSE": gap_of(0.026), "LPIPS": 2.0}))
    assert verdict.verdict == "inconclusive"
    assert verdict.sentence.startswith("2 of 3 parts hold; decided by RMSE: Undecided: ")


@pytest.mark.parametrize(("p", "expected"), [(0.02, "inconclusive"), (0.008, "contradicted")])
def test_one_of_three_parts_contradicts_at_a_third_of_the_level(p: float, expected: str):
    verdict = judge(three(), parts({"RID": 1.0, "RMSE": -gap_of(p), "LPIPS": 2.0}))
    assert verdict.parts[1].verdict == "contradicted"
    assert (verdict.verdict, verdict.p_con) == (expected, pytest.approx(3 * p))
    assert "decided by RMSE: The other way round" in verdict.sentence
    assert ("Among 3 parts its p of 0.02 is too weak" in verdict.sentence) == (expected == "inconclusive")


def test_three_times_a_p_is_never_more_than_one():
    assert judge(three(), parts({"RID": 1.0, "RMSE": 1.0, "LPIPS": 1.0})).p_con == 1.0


def test_a_part_that_is_not_run_forbids_reproduced_but_not_contradicted():
    claim = three(("RID", "RMSE", "IS"))
    open_still = judge(claim, parts({"RID": 1.0, "RMSE": 1.0}))
    assert (open_still.verdict, open_still.reason, open_still.p_rep) == ("inconclusive", "1 of 3 parts not run", 1.0)
    assert open_still.sentence.startswith("2 of 3 parts hold; decided by IS: Not run: ")
    lost = judge(claim, parts({"RID": 1.0, "RMSE": -gap_of(0.008)}))
    assert (lost.verdict, lost.p_con) == ("contradicted", pytest.approx(0.024))  # three parts, run or not


def test_a_conjunction_of_which_nothing_ran_is_not_run():
    verdict = judge(all_of(order("gone", "pagan"), order("pagan", "gone"), VALUE), scores(FID, is_paper=False))
    assert (verdict.verdict, verdict.p_rep) == ("not run", None)
    assert verdict.reason == "no run of gone; needs CIFAR-10"
    assert verdict.sentence.count("no run of gone") == 1


def test_a_part_with_too_few_seeds_speaks_for_neither_side():
    verdict = judge(all_of(order("pagan", "age"), order("pagan", "pagan-l1")), scores(with_seeds("age", {0: 38.0})))
    assert (verdict.verdict, verdict.reason) == ("inconclusive", "too few seeds")
    assert (verdict.p_rep, verdict.failed) == (1.0, {"age": [1, 2]})
    assert verdict.p_con == 1.0


def test_conjunctions_nest():
    inner = {key: value for key, value in three(("RID", "RMSE")).items() if key != "id"}
    verdict = judge(all_of(inner, order("a", "b", metric="LPIPS")), parts({"RID": 1, "RMSE": gap_of(0.01), "LPIPS": 1}))
    assert (verdict.verdict, verdict.p_rep) == ("reproduced", pytest.approx(0.01))
    assert [part.verdict for part in verdict.parts[0].parts] == ["reproduced", "reproduced"]
    assert verdict.sentence.startswith("2 of 2 parts hold; decided by part 1: 2 of 2 parts hold; decided by RMSE: ")


# What a claim may not say.


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ({"kind": "order"}, "a claim of kind 'order' has no id"),
        ({"id": "P1", "kind": "bset"}, "claim P1: kind is 'bset'; choose one of order, all, any, best, value, same"),
        ({"id": "P1"}, "claim P1: kind is None; choose one of"),
        ({"id": "P1", "kind": ["order"]}, r"claim P1: kind is \['order'\]"),
        ({"id": "P1", "kind": "order", "metric": "FID", "better": "a"}, "claim P1: than is missing; kind order needs"),
        (order("pagan", "age", within=0.1), "claim P7: within is not a key of kind order; choose of .*at_least"),
        (order("pagan", "age", at_least=1), "claim P7: at_least is 1; give a number above 1"),
        (order("pagan", "age", at_least=True), "claim P7: at_least is True"),
        (order("pagan", "age", at_least="2"), "claim P7: at_least is '2'"),
        (order("pagan", "pagan"), "claim P7: than is 'pagan'; give another row"),
        (order("pagan", {"print": 3}), "claim P7: than is {'print': 3}; give the name of a row, {printed: .*number"),
        (order("pagan", {"printed": "low"}), "claim P7: than is .*; give a number"),
        (order("pagan", {"number": 0}), "claim P7: than is {'number': 0}; give a number above 0, which is compared as"),
        (order("pagan", {"number": "0"}, metric="Diversity"), "claim P7: than is .*; give a number"),
        (order("pagan", {"number": 1}, nearest="real"), "nearest is 'real'; leave it out"),
        (order(None, "age"), "claim P7: better is None"),
        ({**VALUE, "within": 0}, "claim P7v: within is 0; give a number above 0"),
        ({**VALUE, "within": float("nan")}, "claim P7v: within is nan"),
        ({**VALUE, "paper": None}, "claim P7v: paper is None; give a number"),
        ({**VALUE, "paper": True}, "claim P7v: paper is True; give a number"),
        ({**VALUE, "paper": float("nan")}, "claim P7v: paper is nan; give a number"),
        ({**VALUE, "paper": "0.0"}, "claim P7v: paper is '0.0'; give a number that does not round to 0"),
        ({**VALUE, "paper": -3.0}, "claim P7v: paper is -3.0; give a number that does not round to 0"),
        ({**VALUE, "model_free": "yes"}, "claim P7v: model_free is 'yes'; choose true or false"),
        ({**VALUE, "model_free": True}, "claim P7v: model_free is True, but row pagan is trained"),
        ({**VALUE, "deterministic": True}, "claim P7v: deterministic is True; it needs model_free"),
        ({**VALUE, "metric": "RID", "row": "aug"}, "claim P7v: model_free is False, but row aug is model-free"),
        ({**MODEL_FREE, "deterministic": True}, "claim P4: deterministic is True; but aug varies from 1.5 to 1.6"),
        ({"id": "P8", "kind": "all", "parts": []}, r"claim P8: parts is \[\]; give a list"),
        ({"id": "P8", "kind": "all", "parts": ["order"]}, "claim P8: parts is"),
        (all_of(order("pagan", "age"), {"kind": "odrer"}), "claim P7, part 2: kind is 'odrer'"),
    ],
)
def test_a_wrong_claim_is_told_in_one_line(claim: dict[str, Any], message: str):
    with pytest.raises(UserError, match=message) as error:
        judge(claim, scores(FID, RID={"aug": [1.5, 1.6, 1.5]}, model_free=("aug",)))
    assert "\n" not in str(error.value)


def test_the_claims_of_the_papers_are_all_understood():
    nothing = scores({}, is_paper=False)
    claims = [
        claim
        for path in sorted((Path(__file__).parents[2] / "papers").glob("*.yaml"))
        for claim in yaml.safe_load(path.read_text(encoding="utf-8"))["claims"]
    ]
    assert claims
    assert {judge(claim, nothing).verdict for claim in claims} == {"not run"}


def test_a_record_is_json_and_holds_everything():
    verdict = judge(all_of(order("pagan", "age"), VALUE, order("pagan", "gone")), scores(FID))
    told = json.loads(record.canonical(verdict.to_record()))
    assert told == verdict.to_record()
    assert set(told) == set(Verdict.__dataclass_fields__)
    assert told["parts"][0]["interval"] == list(verdict.parts[0].interval)
    assert told["parts"][2]["theta"] is None
    assert told["verdict"] in WORDS
