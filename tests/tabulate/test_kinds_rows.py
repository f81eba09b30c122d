"""Claims that compare the means of rows beyond plain orders: any, best, same, linear scales, pairs, chosen jobs."""

import json
from math import exp, log, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtr, stdtrit

from stages.door import UserError
from stages.tabulate.evidence import Scores, Verdict
from stages.tabulate.verdicts import judge
from tests.tabulate.made import FID, Rows, all_of, log_values, order, scores, sweep, swept, with_seeds


def best(row: str, of: list[str], **more: Any) -> dict[str, Any]:
    return {"id": "P1", "kind": "best", "metric": "FID", "row": row, "of": of, **more}


def same(*rows: str, metrics: tuple[str, ...] = ("FID",), **more: Any) -> dict[str, Any]:
    return {"id": "P11", "kind": "same", "metrics": list(metrics), "rows": list(rows), **more}


# Best.


def test_the_best_is_better_than_each_and_names_the_undecided_rival():
    verdict = judge(best("pagan", ["pd-wgan", "age", "wpagan"]), scores(FID))
    assert verdict.verdict == "inconclusive"
    assert [part.verdict for part in verdict.parts] == ["inconclusive", "reproduced", "reproduced"]
    assert [part.name for part in verdict.parts] == [f"the order against {one}" for one in ("pd-wgan", "age", "wpagan")]
    assert verdict.sentence == (
        "2 of 3 parts hold; decided by the order against pd-wgan: Undecided: 1.02 [0.92, 1.12] includes 1;"
        " 3 seeds could settle gaps above 10 %."
    )
    assert judge(best("pagan", ["age", "wpagan"]), scores(FID)).verdict == "reproduced"


def test_one_rival_that_is_better_contradicts_at_a_share_of_the_level():
    verdict = judge(best("wpagan", ["pagan", "pagan-l1", "pagan-noaug"]), scores(FID))
    assert verdict.verdict == "contradicted"
    assert verdict.p_con == pytest.approx(3 * verdict.parts[0].p_con)


def test_an_absent_rival_leaves_it_open_and_an_absent_row_leaves_nothing():
    verdict = judge(best("pagan", ["age", "gone"]), scores(FID))
    assert (verdict.verdict, verdict.reason) == ("inconclusive", "rival absent")
    assert judge(best("wpagan", ["pagan", "gone"]), scores(FID)).verdict == "contradicted"
    assert judge(best("gone", ["pagan", "age"]), scores(FID)).verdict == "not run"


# Any of several parts.


def test_one_part_is_enough_at_a_share_of_the_level():
    claim = all_of(order("pagan", "pd-wgan"), order("pagan", "age"), kind="any")
    verdict = judge(claim, scores(FID))
    assert verdict.verdict == "reproduced"
    assert verdict.p_rep == pytest.approx(2 * verdict.parts[1].p_rep)
    assert verdict.sentence.startswith("1 of 2 parts hold, one is enough; decided by part 2: pagan has the lower FID")
    assert (verdict.p_con, verdict.theta) == (pytest.approx(verdict.parts[1].p_con), None)


def test_an_alternative_is_contradicted_only_where_every_part_is():
    beaten, open_ = order("pagan-l1", "pagan"), order("pagan", "pd-wgan")
    assert judge(all_of(beaten, order("age", "pagan"), kind="any"), scores(FID)).verdict == "contradicted"
    assert judge(all_of(beaten, open_, kind="any"), scores(FID)).verdict == "inconclusive"
    assert judge(all_of(beaten, order("pagan", "gone"), kind="any"), scores(FID)).verdict == "inconclusive"


def test_a_part_too_weak_for_the_whole_is_said_to_be():
    table = {"a": log_values(0, 0.05), "b": log_values(float(stdtrit(4, 0.98)) * 0.05 * sqrt(2 / 3), 0.05)}
    claim = all_of(order("a", "b", metric="RID"), order("pagan", "pd-wgan"), kind="any")
    verdict = judge(claim, scores(FID, RID=table))
    assert verdict.parts[0].p_rep == pytest.approx(0.02)
    assert (verdict.verdict, verdict.p_rep) == ("inconclusive", pytest.approx(0.04))
    assert verdict.sentence.endswith("Among 2 parts its p of 0.02 is too weak to confirm the whole.")


def test_at_least_as_good_is_better_or_about_the_same():
    def at_least_as_good(one: str, other: str) -> str:
        return judge(all_of(order(one, other), same(one, other), kind="any"), scores(FID)).verdict

    assert at_least_as_good("pagan", "pd-wgan") == "reproduced"  # the same
    assert at_least_as_good("pagan", "age") == "reproduced"  # better
    assert at_least_as_good("pagan-l1", "age") == "contradicted"  # worse, and by more than a quarter


# Same.


def test_two_rows_that_differ_little_are_the_same():
    verdict = judge(same("pagan", "pd-wgan"), scores(FID))
    # pagan v pd-wgan: 1.02 [0.92, 1.12], within 25 %
    assert verdict.verdict == "reproduced"
    assert verdict.sentence == "pagan and pd-wgan differ in FID by at most 12 %, allowed 25 %: reproduced."
    error = log(verdict.half_width) / stdtrit(verdict.df, 0.975)
    to_the_edge = (log(1.25) - abs(log(verdict.theta))) / error
    assert verdict.p_rep == pytest.approx(float(stdtr(verdict.df, -to_the_edge)), abs=1e-9)


def test_two_rows_that_differ_much_are_not_the_same():
    verdict = judge(same("pagan", "wpagan", within=0.1), scores(FID))
    assert verdict.verdict == "contradicted"
    assert verdict.sentence == "pagan and wpagan differ in FID by at least 43 %, allowed 10 %: contradicted."


def test_a_difference_across_the_margin_is_perhaps_too_small_to_matter():
    # an interval of about [0.01, 0.15] in logs, and a margin of 10 %
    table = {"a": log_values(0.08, 0.07 / 2.776 / sqrt(2 / 3)), "b": log_values(0, 0.07 / 2.776 / sqrt(2 / 3))}
    verdict = judge(same("a", "b", metrics=("RID",), within=0.1), scores({}, RID=table))
    assert [log(end) for end in verdict.interval] == pytest.approx([0.01, 0.15], abs=1e-4)
    assert (verdict.verdict, verdict.reason) == ("inconclusive", "a difference, perhaps too small to matter")
    assert "excludes 1, yet reaches into the allowed [0.91, 1.10]" in verdict.sentence


def test_seeds_that_differ_too_much_do_not_show_that_rows_are_the_same():
    verdict = judge(same("pagan", "pd-wgan", within=0.05), scores(FID))
    assert (verdict.verdict, verdict.reason) == ("inconclusive", "")
    assert verdict.sentence.endswith(
        "is not all inside the allowed [0.95, 1.05]; 3 seeds could settle margins above 10 %."
    )


def test_several_metrics_must_all_be_the_same():
    table = {"pagan": log_values(0, 0.01), "pd-wgan": log_values(0.5, 0.01)}
    verdict = judge(same("pagan", "pd-wgan", metrics=("FID", "RID")), scores(FID, RID=table))
    assert [part.verdict for part in verdict.parts] == ["reproduced", "contradicted"]
    assert (verdict.verdict, verdict.sentence[:35]) == ("contradicted", "1 of 2 parts hold; decided by RID: ")


# Values that are compared by their differences.


def diversity(rows: Rows, claim: dict[str, Any], **more: Any) -> Verdict:
    return judge(claim, scores({}, Diversity=rows, **more))


def test_diversity_is_compared_by_differences():
    rows = {"a": [0.60, 0.62, 0.61], "b": [0.50, 0.53, 0.51]}
    verdict = diversity(rows, order("a", "b", metric="Diversity"))
    spread = [float(np.std(values, ddof=1)) for values in rows.values()]
    error = sqrt(sum(one**2 / 3 for one in spread))
    assert (verdict.gaps, verdict.theta) == ("difference", pytest.approx(0.61 - 0.5133333))
    assert verdict.half_width == pytest.approx(float(stdtrit(verdict.df, 0.975)) * error)
    assert verdict.verdict == "reproduced"
    assert verdict.sentence.startswith("a has the higher Diversity: by 0.0967 [0.0655, 0.13]")
    mirrored = diversity(rows, order("b", "a", metric="Diversity"))
    assert (mirrored.verdict, mirrored.theta) == ("contradicted", -verdict.theta)
    assert mirrored.sentence.startswith("The other way round: a has the higher Diversity: by 0.0967 [0.0655, 0.13]")


def test_values_below_nothing_have_not_failed_where_they_may_be_so():
    rows = {"a": [-0.1, 0.0, 0.1], "b": [-5.0, -5.1, -4.9], "c": [-4.0, None, -4.1]}
    verdict = judge(order("a", "b", metric="critic"), scores({}, critic=rows))
    assert (verdict.verdict, verdict.failed) == ("reproduced", {})
    assert judge(order("a", "c", metric="critic"), scores({}, critic=rows)).failed == {"c": [1]}


def test_the_floor_of_differences_is_a_hundredth_of_the_pool_s_median():
    rows = {"a": [0.6] * 3, "b": [0.5] * 3, "c": [0.8] * 3}
    verdict = diversity(rows, order("a", "b", metric="Diversity"))
    assert verdict.spreads["a"] == {"own": 0, "used": pytest.approx(0.006)}  # the median of the nine is 0.6
    assert diversity({"a": [0.0] * 3, "b": [0.0] * 3}, order("a", "b", metric="Diversity")).p_rep == 0.5


def test_at_least_a_difference():
    rows = {"a": [0.60, 0.62, 0.61], "b": [0.50, 0.53, 0.51]}
    assert diversity(rows, order("a", "b", metric="Diversity", at_least=0.05)).sentence.endswith(
        "over 3 + 3 seeds, at least 0.05, so the claim is reproduced."
    )
    lost = diversity(rows, order("a", "b", metric="Diversity", at_least=0.15))
    assert (lost.verdict, "a is not 0.15 ahead" in lost.sentence) == ("contradicted", True)
    assert lost.sentence.endswith("; the order holds.")


def test_the_nearer_to_a_row_is_the_better():
    rows = {"real": [0.621] * 5, "far": [0.70, 0.71, 0.69], "near": [0.615, 0.625, 0.62]}
    claim = order("near", "far", metric="Diversity", nearest="real")
    verdict = judge(claim, ready(rows))
    distances = [np.mean([abs(value - 0.621) for value in rows[row]]) for row in ("far", "near")]
    assert verdict.theta == pytest.approx(distances[0] - distances[1])
    assert verdict.sentence.startswith("near is nearer to real in Diversity: by 0.0753 [")
    assert judge({**claim, "better": "far", "than": "near"}, ready(rows)).verdict == "contradicted"
    assert judge(claim, ready({"far": rows["far"], "near": rows["near"]})).reason == "no run of real"
    close = same("near", "far", metrics=("Diversity",), nearest="real", within=0.02)
    assert "differ in Diversity's distance from real's by at least" in judge(close, ready(rows)).sentence


def ready(rows: Rows) -> Scores:
    """Diversity, three seeds a trained row; `real` is model-free."""
    return scores({}, Diversity=rows, model_free=("real",))


def test_a_printed_value_of_a_difference():
    rows = {"real": [0.6215, 0.6205, 0.622, 0.621, 0.62]}
    claim = {"id": "a15", "kind": "value", "metric": "Diversity", "row": "real", "paper": 0.621, "model_free": True}
    verdict = judge(claim, scores({}, Diversity=rows, model_free=("real",), n=5))
    assert verdict.verdict == "reproduced"
    # 0.6205 / 1.02 to 0.6215 * 1.02, less 0.621
    assert "inside the allowed [-0.0127, 0.0129]: reproduced" in verdict.sentence
    other = judge({**claim, "paper": 0.7}, scores({}, Diversity=rows, model_free=("real",), n=5))
    assert (other.verdict, other.sentence[:37]) == ("contradicted", "Ours is 0.079 below the printed 0.7; ")


# KID, which may be 0 or less.


def kid(rows: Rows, c: float = 0.002) -> Scores:
    return scores({}, KID=rows, known={"offsets": {"KID": c}})


KID = {"a": [0.001, -0.0005, 0.002], "b": [0.05, 0.06, 0.055]}


def test_a_kid_below_nothing_is_no_failed_seed():
    verdict = judge(order("a", "b", metric="KID"), kid(KID))
    assert (verdict.verdict, verdict.failed) == ("reproduced", {})
    logs = [np.mean(np.log(np.maximum(values, 0) + 0.002)) for values in KID.values()]
    assert log(verdict.theta) == pytest.approx(logs[1] - logs[0])
    assert verdict.note == "compared as KID + 0.002; fewer than 4 rows in the pool: Welch"


def test_the_unit_of_kid_changes_nothing_if_its_constant_goes_with_it():
    sevenfold = {row: [7 * value for value in values] for row, values in KID.items()}
    one, other = (
        judge(order("a", "b", metric="KID"), kid(KID)),
        judge(order("a", "b", metric="KID"), kid(sevenfold, 0.014)),
    )
    assert (other.p_rep, other.p_con, other.theta) == pytest.approx((one.p_rep, one.p_con, one.theta))


def test_kid_without_its_constant_is_not_compared():
    verdict = judge(order("a", "b", metric="KID"), scores({}, KID=KID))
    assert (verdict.verdict, verdict.reason) == ("not run", "a and b without KID")


# Whose judge.


def test_the_own_classifier_stands_in_where_the_published_one_gave_nothing():
    verdict = judge(order("pagan", "age"), scores({}, FID_own=FID))
    assert (verdict.verdict, verdict.scope, verdict.metric) == ("reproduced", "stand-in", "FID-own")
    assert "pagan has the lower FID-own" in verdict.sentence
    asked_for = judge(order("pagan", "age", metric="FID-own"), scores({}, FID_own=FID))
    assert asked_for.scope == "paper"


def test_a_printed_number_is_not_compared_with_another_judge_s():
    value = {"id": "P7v", "kind": "value", "metric": "FID", "row": "pagan", "paper": 32.84}
    verdict = judge(value, scores({}, FID_own=FID))
    assert (verdict.verdict, verdict.reason) == ("not run", "needs the paper's judge")
    assert judge(order("pagan", {"printed": 50.0}), scores({}, FID_own=FID)).verdict == "not run"
    assert judge({**value, "metric": "FID-own"}, scores({}, FID_own=FID)).verdict == "reproduced"
    missing = {"not_computed": {"FID": "needs weights/a.pth (sha256 0123abcd…)"}}
    told = judge(value, scores({}, FID_own=FID, known=missing)).sentence
    assert told == (
        "Not run: the printed number needs the paper's judge, which needs weights/a.pth (sha256 0123abcd…)."
    )


# Pairs within a run.


def paired(rows: Rows, models: dict[str, dict[int, str]] | None = None) -> Scores:
    one_model = {row: dict.fromkeys(range(4), "abc") for row in rows}
    return scores({}, RMSE=rows, n=len(next(iter(rows.values()))), known={"models": models or one_model})


PAIRED = order("mean", "drawn", metric="RMSE", paired="run")


def test_two_values_of_one_model_are_compared_run_by_run():
    rows = {"drawn": [5.0, 8.0, 12.0], "mean": [4.8, 7.7, 11.4]}
    verdict = judge(PAIRED, paired(rows))
    gaps = np.log(rows["drawn"]) - np.log(rows["mean"])
    assert (log(verdict.theta), verdict.df) == (pytest.approx(gaps.mean()), pytest.approx(2))
    assert log(verdict.half_width) == pytest.approx(4.3027 * gaps.std(ddof=1) / sqrt(3), rel=1e-4)
    assert verdict.verdict == "reproduced"
    assert judge({key: PAIRED[key] for key in PAIRED if key != "paired"}, paired(rows)).verdict == "inconclusive"


def test_a_failed_run_of_a_pair_counts_twice():
    rows = {"drawn": [5.0, 8.0, 12.0, 7.0], "mean": [4.8, 7.7, 11.4, None]}
    verdict = judge(PAIRED, paired(rows))
    assert (verdict.verdict, verdict.reason) == ("inconclusive", "hangs on a failed seed")
    assert verdict.failed == {"mean and drawn": [3]}


def test_values_of_two_models_cannot_be_paired():
    rows = {"drawn": [5.0, 8.0, 12.0], "mean": [4.8, 7.7, 11.4]}
    with pytest.raises(UserError, match="paired is 'run', but the models of mean and drawn, seed 1, are not one file"):
        judge(PAIRED, paired(rows, {"drawn": {0: "a", 1: "b", 2: "c"}, "mean": {0: "a", 1: "x", 2: "c"}}))
    with pytest.raises(UserError, match="seed 0, are not one file"):
        judge(PAIRED, paired(rows, {"drawn": {}, "mean": {}}))


# The best of a sweep, and points of one.


def chosen() -> Scores:
    """Two sweeps of four seeds: of the first, the job that is best by seed 0 is not the best by the rest."""
    ours = sweep("a", "x", FID={1: [10.0, 40.0, 41.0, 42.0], 2: [30.0, 20.0, 21.0, 22.0]})
    theirs = sweep("b", "x", FID={1: [50.0, 30.0, 31.0, 32.0]})
    return swept(("a-sweep", ours), ("b-sweep", theirs), n=4)


def test_the_best_job_is_chosen_on_seed_0_and_judged_on_the_others():
    verdict = judge(order("a-sweep", "b-sweep", select="best"), chosen())
    assert verdict.n == {"a x=1": 3, "b x=1": 3}
    assert verdict.theta == pytest.approx(exp(np.log([30, 31, 32]).mean() - np.log([40, 41, 42]).mean()))
    assert verdict.verdict == "contradicted"
    assert judge(best("b-sweep", ["a-sweep"], select="best"), chosen()).verdict == "reproduced"


def test_two_fresh_seeds_are_too_few():
    three = swept(*chosen().jobs.items(), n=3)
    assert judge(order("a-sweep", "b-sweep", select="best"), three).reason == "too few seeds"


def test_a_row_of_which_only_an_epoch_was_timed_has_not_run():
    timed = scores(FID, **{"epoch seconds": {"gone": [0.2, 0.2, 0.2]}})
    assert judge(order("pagan", "gone"), timed).sentence == judge(order("pagan", "gone"), scores(FID)).sentence
    assert "no run of gone" in judge(order("pagan", "gone"), timed).sentence


def test_a_sweep_that_is_not_there_is_named_with_its_command():
    verdict = judge(order("a-sweep", "z-sweep", select="best"), chosen())
    assert verdict.sentence == "Not run: needs sweep z-sweep."


def test_points_of_one_sweep_are_rows():
    jobs = sweep("ijae", "lambda", LPIPS={0.1: [0.30, 0.31, 0.29], 0.3: [0.20, 0.21, 0.19], 0.9: [0.1, 0.1, 0.1]})
    at = {"row": "ijae", "over": "lambda"}
    claim = order({**at, "at": 0.3}, {**at, "at": "least"}, metric="LPIPS")  # type: ignore[arg-type]
    verdict = judge(claim, swept(("ijae-lambda", jobs)))
    assert verdict.verdict == "reproduced"
    assert "ijae lambda=0.1's is 1.50 times as high" in verdict.sentence
    most = judge({**claim, "than": {**at, "at": "most"}}, swept(("ijae-lambda", jobs)))
    assert most.verdict == "contradicted"
    gone = judge({**claim, "better": {**at, "at": 0.4}}, swept(("ijae-lambda", jobs)))
    assert gone.reason == "no run of ijae at lambda 0.4"
    never = judge(claim, scores({}, known={"systems": {"ijae": "ijae_l"}}))
    assert never.sentence == "Not run: needs sweep ijae-l-lambda."


# What holds of all of these.

values = st.lists(st.floats(1.0, 100.0), min_size=3, max_size=5)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(one=values, other=values, margin=st.floats(0.05, 1.0))
def test_what_is_the_same_is_so_both_ways_and_in_any_order_of_seeds(one, other, margin):
    claim = same("a", "b", within=margin)
    forth = judge(claim, scores({"a": one, "b": other}, n=5))
    back = judge({**claim, "rows": ["b", "a"]}, scores({"a": one[::-1], "b": other}, n=5))
    if len(one) == 5:
        assert (back.verdict, back.p_rep, back.p_con) == (forth.verdict, forth.p_rep, forth.p_con)
    json.dumps(forth.to_record(), allow_nan=False)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(one=values, other=values)
def test_an_alternative_of_what_is_denied_is_the_denial_of_all(one, other):
    """Not (A and B) is (not A or not B): swapping rows and kind swaps the p-values."""
    made = scores({"a": one, "b": other}, RMSE={"a": other, "b": one}, n=3)
    forth = judge(all_of(order("a", "b"), order("a", "b", metric="RMSE")), made)
    back = judge(all_of(order("b", "a"), order("b", "a", metric="RMSE"), kind="any"), made)
    if forth.p_rep is not None:
        assert (back.p_rep, back.p_con) == (forth.p_con, forth.p_rep)


def test_a_seed_lost_in_one_part_is_told_by_the_whole():
    claim = all_of(order("pagan", "age"), same("pagan", "pd-wgan"), kind="any")
    verdict = judge(claim, scores(with_seeds("age", [38.0, None, 40.1])))
    assert verdict.failed == {"age": [1]}


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        (best("pagan", []), r"of is \[\]; give 1 or more different names"),
        (best("pagan", ["age", "age"]), "of is .*; give 1 or more different names"),
        (best("pagan", ["pagan"]), "leave out `row` itself"),
        (best("pagan", ["age"], select="worst"), "select is 'worst'; choose best"),
        (same("pagan"), "rows is .*; give 2 different names"),
        (same("pagan", "age", metrics=("FIT",)), "metrics is .*; choose Best of K, Colour transfer"),
        (same("pagan", "age", metrics=("Diversity",)), "within is missing, and Diversity has no usual margin"),
        (same("pagan", "age", nearest="real"), "within is None; give how far two distances may differ"),
        (order("pagan", "age", paired="seed"), "paired is 'seed'; choose run"),
        (order("pagan", {"printed": 3}, paired="run"), "paired is 'run'; leave it out"),
        (order("pagan", {"printed": 3}, nearest="real"), "nearest is 'real'; leave it out"),
        (order("pagan", "age", metric="Diversity", at_least=0), "at_least is 0; give a number above 0"),
        (order({"row": "a", "over": "x"}, "age"), "better is .*; give the name of a row, or {row, over, at}"),  # type: ignore[arg-type]
        (all_of(order("pagan", "age", metric="FIT"), kind="any"), "claim P7, part 1: metric is 'FIT'; choose"),
    ],
)
def test_a_wrong_claim_is_told_in_one_line(claim: dict[str, Any], message: str):
    with pytest.raises(UserError, match=message) as error:
        judge(claim, scores(FID))
    assert "\n" not in str(error.value)
