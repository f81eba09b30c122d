"""Claims about a row at several levels of a knob, about all jobs of a sweep, and about the points of runs."""

import json
from math import atanh, exp, log, sqrt, tanh
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from stages.door import UserError
from stages.tabulate import kinds_jobs
from stages.tabulate.evidence import Job, Scores
from stages.tabulate.kinds_correlation import correlation
from stages.tabulate.rule import LEVEL
from stages.tabulate.verdicts import judge
from tests.tabulate.made import log_values, scores, sweep, swept

Claim = dict[str, Any]


def jobs_of(name: str, values: dict[str, Any], row: str = "a") -> dict[str, Job]:
    """{job: Job} with one seed each, by metric and in order of the jobs."""
    n = len(next(iter(values.values())))
    made = {}
    for place in range(n):
        one = {metric: {0: float(found[place])} for metric, found in values.items()}
        made[f"{name} {place:03d}"] = Job(row, {"x": place}, one)  # type: ignore[arg-type]
    return made


# Trend.


def trend(**more: Any) -> Claim:
    return {"id": "J5a", "kind": "trend", "metric": "IS", "row": "ijae", "over": "lambda", "direction": "down", **more}


def levels(means: list[float], sd: float = 0.02) -> Scores:
    found = {(place + 1) / 10: log_values(mean, sd) for place, mean in enumerate(means)}
    return swept(("ijae-lambda", sweep("ijae", "lambda", IS=found)))


def test_a_slope_worked_by_hand():
    verdict = judge(trend(), levels([0.3, 0.2, 0.1, 0.0]))
    # ranks -1.5 to 1.5: slope -0.1 a rank, times the range of 3
    assert log(verdict.theta) == pytest.approx(0.3)
    # weights 3 * (1.5, 0.5, ...) / 5; four levels are a pool whose typical variance is 0.0004 / 0.693: a third of it
    used = sqrt((0.0004 / 0.6931 + 2 * 0.0004) / 3)
    error = used * sqrt((2 * 0.9**2 + 2 * 0.3**2) / 3)
    assert log(verdict.half_width) == pytest.approx(float(stats.t.ppf(0.975, verdict.df)) * error, rel=1e-3)
    assert verdict.verdict == "reproduced"
    assert verdict.sentence == (
        "IS falls with lambda, by 1.35 times [1.30, 1.40] from ijae lambda=0.1 to ijae lambda=0.4,"
        " so the claim is reproduced."
    )


def test_the_other_direction_mirrors():
    down, up = (judge(trend(direction=way), levels([0.3, 0.2, 0.1, 0.0])) for way in ("down", "up"))
    assert (up.verdict, up.p_rep, up.p_con) == ("contradicted", down.p_con, down.p_rep)
    assert up.sentence.startswith("The other way round: IS falls with lambda, by 1.35 times [1.30, 1.40] from ijae")


def test_a_flat_line_is_undecided():
    verdict = judge(trend(), levels([0.0, 0.001, -0.001, 0.0]))
    assert verdict.verdict == "inconclusive"
    assert "which includes 1; 3 seeds could settle changes above 4 %." in verdict.sentence


def test_a_hump_is_a_trend_only_where_it_need_not_be_strict():
    hump = levels([0.5, 0.7, 0.4, 0.2, 0.0])
    assert judge(trend(), hump).verdict == "reproduced"
    verdict = judge(trend(strict=True), hump)
    assert (verdict.verdict, verdict.p_rep) == ("contradicted", 1.0)
    turn = "but it turns between ijae lambda=0.1 and ijae lambda=0.2, so the claim is contradicted."
    assert verdict.sentence.endswith(turn)
    slight = levels([0.5, 0.55, 0.3, 0.2, 0.0], sd=0.03)
    strict, loose = judge(trend(strict=True), slight), judge(trend(), slight)
    assert (strict.verdict, strict.p_rep) == ("reproduced", loose.p_rep)


def test_two_levels_or_one_seed_make_no_trend():
    assert judge(trend(), levels([0.3, 0.0])).reason == "too few levels"
    one_seed = swept(("ijae-lambda", sweep("ijae", "lambda", IS={0.1: [3.0], 0.2: [2.0], 0.3: [1.0]})))
    assert judge(trend(), one_seed).reason == "too few seeds"
    two = swept(("ijae-lambda", sweep("ijae", "lambda", IS={0.1: [3.0, 3.1], 0.2: [2.0, 2.1], 0.3: [1.0, 1.1]})))
    assert judge(trend(), two).verdict == "reproduced"


def test_a_sweep_may_have_fewer_seeds_than_the_table():
    two = sweep("ijae", "lambda", IS={0.1: [3.0, 3.1], 0.2: [2.0, 2.1], 0.3: [1.0, 1.1]})
    made = swept(("ijae-lambda", two), n=5)
    assert judge(trend(), made).failed == {}
    hole = dict(two) | sweep("ijae", "lambda", IS={0.4: [0.5]})
    assert judge(trend(), swept(("ijae-lambda", hole), n=5)).failed == {"ijae lambda=0.4": [1]}


def test_the_pool_of_a_sweep_is_its_jobs_and_the_rows():
    alone = judge(trend(), levels([0.3, 0.2, 0.1]))
    assert alone.note == "fewer than 4 rows in the pool: Welch"
    jobs = {"ijae-lambda": sweep("ijae", "lambda", IS={one: log_values(one, 0.02) for one in (0.1, 0.2, 0.3)})}
    assert judge(trend(), scores({}, IS={"age": log_values(1, 0.1)}, known={"jobs": jobs})).note == ""


def test_a_sweep_that_did_not_run_is_told_with_its_command():
    verdict = judge(trend(), scores({}))
    assert verdict.sentence == "Not run: needs sweep ijae-lambda."
    without = swept(("ijae-lambda", sweep("ijae", "lambda", FID={0.1: [1.0], 0.2: [1.0], 0.3: [1.0]})))
    assert judge(trend(), without).verdict == "not run"


# Pareto.


def pareto() -> Claim:
    points = {name: {"row": row, "over": "lambda"} for name, row in (("better", "ijae"), ("than", "ijae-l1"))}
    return {"id": "J4a", "kind": "pareto", "metrics": ["IS", "LPIPS"], **points}


def fronts(ours: list[tuple[float, float]], theirs: list[tuple[float, float]], n: int = 3, sd: float = 0.02) -> Scores:
    """Points are (IS, LPIPS)."""

    def front(row: str, points: list[tuple[float, float]]) -> dict[str, Job]:
        found = {"IS": {}, "LPIPS": {}}
        for place, point in enumerate(points):
            for metric, value in zip(found, point, strict=True):
                found[metric][(place + 1) / 10] = log_values(log(value), sd)[:n]
        return sweep(row, "lambda", **found)

    return swept(("ijae-lambda", front("ijae", ours) | front("ijae-l1", theirs)))


def test_a_front_outdoes_another_where_each_of_its_points_is_beaten_by_one():
    verdict = judge(pareto(), fronts([(8.0, 0.10), (6.0, 0.05)], [(6.5, 0.15), (5.0, 0.07)]))
    assert verdict.verdict == "reproduced"
    assert [part.verdict for part in verdict.parts] == ["reproduced", "reproduced"]
    assert all(part.parts == () for part in verdict.parts)
    assert verdict.sentence.startswith("2 of 2 parts hold; decided by ijae-l1 lambda=")


def test_a_point_that_escapes_contradicts():
    verdict = judge(pareto(), fronts([(8.0, 0.10), (6.0, 0.05)], [(6.5, 0.15), (9.0, 0.04)]))
    assert verdict.verdict == "contradicted"
    assert [part.verdict for part in verdict.parts] == ["reproduced", "contradicted"]
    assert verdict.p_con == pytest.approx(2 * verdict.parts[1].p_con)


def test_the_same_front_is_undecided():
    points = [(8.0, 0.10), (6.0, 0.05)]
    assert judge(pareto(), fronts(points, points)).verdict == "inconclusive"


def test_two_seeds_do_where_there_are_ten_points():
    ours, theirs = [(8.0, 0.05)] * 5, [(5.0, 0.15)] * 5
    verdict = judge(pareto(), fronts(ours, theirs, n=2))
    assert (verdict.verdict, "weak: two seeds a point" in verdict.note) == ("reproduced", True)
    assert judge(pareto(), fronts(ours, theirs[:4], n=2)).verdict == "inconclusive"


# Correlation.


def correlated(**more: Any) -> Claim:
    return {
        "id": "a11",
        "kind": "correlation",
        "metrics": ["critic", "Diversity"],
        "over": "alpha-gan-sweep",
        "between": [0.5, 0.95],
        **more,
    }


def pairs(n: int, rho: float, seed: int = 1) -> Scores:
    rng = np.random.default_rng(seed)
    one = rng.standard_normal(n)
    other = rho * one + sqrt(1 - rho**2) * rng.standard_normal(n)
    return swept(("alpha-gan-sweep", jobs_of("job", {"critic": one, "Diversity": other})))


@pytest.mark.parametrize("pearson", [False, True])
def test_a_correlation_is_scipy_s(pearson: bool):
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 8, (2, 20)).astype(float)  # with ties
    reference = (stats.pearsonr if pearson else stats.spearmanr)(one, other).statistic
    assert correlation(list(one), list(other), pearson) == pytest.approx(reference)
    assert correlation([1.0] * 5, [1.0, 2, 3, 4, 5], pearson) == 0
    assert correlation([1.0, 2, 3], [2.0, 4, 6], pearson) == 0.999


def test_the_interval_is_fisher_s():
    made = pairs(32, 0.8)
    verdict = judge(correlated(), made)
    jobs = made.jobs["alpha-gan-sweep"].values()
    r = stats.spearmanr(*([job.values[metric][0] for job in jobs] for metric in ("critic", "Diversity"))).statistic
    error = sqrt((1 + r**2 / 2) / 29)
    assert (verdict.theta, verdict.gaps, verdict.n) == (pytest.approx(r), "correlation", {"alpha-gan-sweep": 32})
    ends = [tanh(atanh(r) + side * 1.959964 * error) for side in (-1, 1)]
    assert verdict.interval == pytest.approx(ends, rel=1e-5)
    assert verdict.p_con == pytest.approx(float(stats.norm.sf((atanh(0.5) - atanh(r)) / error)), abs=1e-6)
    assert verdict.counted == "jobs"
    assert judge(correlated(method="pearson"), made).theta != verdict.theta


def test_a_correlation_may_hold_fail_or_stay_open():
    assert judge(correlated(), pairs(60, 0.8)).verdict == "reproduced"
    lost = judge(correlated(), pairs(60, 0.0))
    assert (lost.verdict, "outside the claimed [0.50, 0.95]: contradicted" in lost.sentence) == ("contradicted", True)
    assert judge(correlated(), pairs(60, 0.5)).verdict == "inconclusive"
    assert judge(correlated(between=[-1, 1]), pairs(12, 0.5)).verdict == "reproduced"


def test_eight_jobs_are_too_few():
    verdict = judge(correlated(), pairs(8, 0.9))
    assert (verdict.verdict, verdict.reason) == ("inconclusive", "too few jobs")
    assert verdict.sentence == "Undecided, as there are too few jobs: 8 of 10."


def test_a_job_s_failed_seeds_count_both_ways():
    made = pairs(12, 0.9)
    (name, job), *rest = made.jobs["alpha-gan-sweep"].items()
    broken = {name: Job(job.row, job.knobs, job.values | {"critic": {0: None}})} | dict(rest)
    verdict = judge(correlated(between=[0, 1]), swept(("alpha-gan-sweep", broken)))
    assert verdict.failed == {name: [0]}
    assert "1 seeds of 1 jobs failed: p is" in verdict.note


# Correlation along runs.


def along(series: dict[str, dict[int, list[float]]], n: int = 3) -> Scores:
    return scores({}, n=n, known={"series": {"began": series}})


def falling(seeds: int, slope: float = -1.0) -> dict[str, dict[int, list[float]]]:
    rng = np.random.default_rng(3)
    steps = [float(step) for step in range(30)]
    noisy = {seed: [slope * step + 8 * float(rng.standard_normal()) for step in steps] for seed in range(seeds)}
    return {"iteration": dict.fromkeys(range(seeds), steps), "convergence": noisy}


B1 = {"id": "B1", "kind": "correlation", "unit": "run", "row": "began", "metrics": ["iteration", "convergence"]}


def test_each_run_gives_one_z():
    found = falling(3)
    verdict = judge({**B1, "between": [-1, 0]}, along(found))
    z = [atanh(stats.spearmanr(range(30), found["convergence"][seed]).statistic) for seed in range(3)]
    assert verdict.theta == pytest.approx(tanh(np.mean(z)))
    assert (verdict.df, verdict.n) == (pytest.approx(2), {"began": 3})
    reach = 4.302653 * np.std(z, ddof=1) / sqrt(3)
    assert verdict.interval == pytest.approx((tanh(np.mean(z) - reach), tanh(np.mean(z) + reach)), rel=1e-4)
    assert verdict.verdict == "reproduced"
    assert judge({**B1, "between": [0, 1]}, along(found)).verdict == "contradicted"


def test_two_runs_are_too_few_and_a_broken_one_shows_no_correlation():
    assert judge({**B1, "between": [-1, 0]}, along(falling(2), n=2)).reason == "too few seeds"
    found = falling(5)
    found["convergence"][4] = [float("nan")] * 30
    verdict = judge({**B1, "between": [-1, 0]}, along(found, n=5))
    assert (verdict.failed, "with no correlation instead" in verdict.note) == ({"began": [4]}, True)
    assert judge({**B1, "between": [-1, 0]}, along({})).verdict == "not run"


# Spread.


def spreads(one: Any, other: Any, metric: str = "critic") -> Scores:
    wide, narrow = jobs_of("w", {metric: one}), jobs_of("n", {metric: other})
    return swept(("alpha-gan-sweep", wide), ("wgan-gp-sweep", narrow))


def wider(one: str = "alpha-gan-sweep", other: str = "wgan-gp-sweep", metric: str = "critic") -> Claim:
    return {"id": "a6b", "kind": "spread", "metric": metric, "wider": one, "than": other}


def normal(n: int, sd: float, seed: int) -> list[float]:
    return [float(one) for one in sd * np.random.default_rng(seed).standard_normal(n)]


def test_a_wider_sweep_is_found_and_swapping_mirrors_all():
    made = spreads(normal(32, 4.0, 0), normal(12, 1.0, 1))
    forth, back = judge(wider(), made), judge(wider("wgan-gp-sweep", "alpha-gan-sweep"), made)
    assert (forth.verdict, back.verdict) == ("reproduced", "contradicted")
    values = [[job.values["critic"][0] for job in jobs.values()] for jobs in made.jobs.values()]
    ranges = [float(stats.iqr(found)) for found in values]
    assert forth.theta == pytest.approx(ranges[0] / ranges[1])
    assert (back.p_rep, back.p_con) == (forth.p_con, forth.p_rep)
    assert back.interval == pytest.approx((1 / forth.interval[1], 1 / forth.interval[0]))
    assert judge(wider(), made) == forth  # the same draws each time


def test_equal_spreads_are_undecided_and_eight_jobs_too_few():
    assert judge(wider(), spreads(normal(20, 1, 0), normal(20, 1, 1))).verdict == "inconclusive"
    verdict = judge(wider(), spreads(normal(32, 4, 0), normal(8, 1, 1)))
    assert (verdict.reason, verdict.sentence) == ("too few jobs", "Undecided, as there are too few jobs: 8 of 9.")


def test_jobs_that_all_agree_have_a_spread_of_nothing_and_nothing_breaks():
    verdict = judge(wider(), spreads(normal(32, 4, 0), [1.0] * 9))
    assert verdict.verdict == "reproduced"
    json.dumps(verdict.to_record(), allow_nan=False)
    tied = judge(wider(), spreads([1.0] * 9, [2.0] * 9))
    assert (tied.verdict, tied.theta) == ("inconclusive", pytest.approx(1.0))


# Disagreement.


def ranked(n: int, k: int) -> Scores:
    """n jobs of which k are in the better half by IS and the worse by IS-own."""
    half = n // 2
    own = [float(n - place) for place in range(n)]
    for place in range(k):
        own[place], own[n - 1 - place] = own[n - 1 - place], own[place]
    jobs = jobs_of("job", {"IS": [float(n - place) for place in range(n)], "IS-own": own})
    assert k <= half
    return swept(("all", jobs))


A7 = {"id": "a7", "kind": "disagreement", "metrics": ["IS", "IS-own"], "over": "all", "between": [0.05, 0.25]}


@pytest.mark.parametrize(
    ("k", "verdict", "p_con"), [(0, "contradicted", 0.0085), (1, "inconclusive", 0.11), (10, "reproduced", None)]
)
def test_the_share_that_disagrees_has_exact_tails(k: int, verdict: str, p_con: float | None):
    found = judge(A7, ranked(62, k))
    assert (found.verdict, found.theta) == (verdict, pytest.approx(k / 62))
    if p_con is not None:
        assert found.p_con == pytest.approx(p_con, rel=0.02)
    low, high = found.interval
    odds = [(share / (0.5 - share)) ** 2 for share in (max(low, 1e-9), high)]
    above, below = (stats.nchypergeom_fisher(62, 31, 31, one) for one in odds)
    assert below.cdf(k) == pytest.approx(LEVEL, rel=1e-6)
    if k > 0:
        assert above.sf(k - 1) == pytest.approx(LEVEL, rel=1e-6)


def test_the_tails_are_scipy_s_and_mirror():
    for k, share in ((0, 0.05), (3, 0.1), (7, 0.25), (15, 0.4)):
        odds = (share / (0.5 - share)) ** 2
        reference = stats.nchypergeom_fisher(30, 15, 15, odds)
        assert kinds_jobs.tails(k, 15, share) == pytest.approx((reference.cdf(k), reference.sf(k - 1)))
        assert kinds_jobs.tails(15 - k, 15, 0.5 - share) == pytest.approx(kinds_jobs.tails(k, 15, share)[::-1])
    assert kinds_jobs.tails(0, 15, 0.0) == (1.0, 1.0)
    assert kinds_jobs.tails(1, 15, 0.0) == (1.0, 0.0)


def test_an_odd_job_is_left_out_and_few_jobs_are_too_few():
    assert judge(A7, ranked(63, 5)).n == {"all": 62}
    assert judge(A7, ranked(38, 5)).reason == "too few jobs"
    assert judge({**A7, "between": [0, 0.25]}, ranked(38, 0)).verdict == "reproduced"


def test_no_judge_stands_in_for_one_that_it_is_compared_with():
    only_own = swept(("all", jobs_of("job", {"IS-own": [float(place) for place in range(50)]})))
    assert judge(A7, only_own).verdict == "not run"


# Share.

A1 = {
    "id": "a1a",
    "kind": "share",
    "metric": "critic",
    "over": "alpha-gan-sweep",
    "beats": {"best_of": "dcgan-sweep"},
    "above": 0.5,
}


def beaten(k: int, n: int, seeds: int = 4) -> Scores:
    """k of n jobs have a better critic value than the best of three."""

    def job(row: str, place: int, value: float) -> Job:
        return Job(row, {"x": place}, {"critic": dict.fromkeys(range(seeds), value)})

    ours = {f"a {place:03d}": job("a", place, 1.0 if place < k else -1.0) for place in range(n)}
    theirs = {f"d {place}": job("d", place, -0.5 * place) for place in range(3)}
    return swept(("alpha-gan-sweep", ours), ("dcgan-sweep", theirs), n=seeds)


@pytest.mark.parametrize(("k", "verdict"), [(26, "reproduced"), (16, "inconclusive"), (6, "contradicted")])
def test_a_share_of_jobs_has_binomial_tails(k: int, verdict: str):
    found = judge(A1, beaten(k, 32))
    exact = stats.binomtest(k, 32, 0.5, alternative="greater")
    assert (found.verdict, found.theta, found.p_rep) == (verdict, k / 32, pytest.approx(exact.pvalue))
    assert found.p_con == pytest.approx(stats.binom.cdf(k, 32, 0.5))
    assert found.interval == pytest.approx(tuple(stats.binomtest(k, 32).proportion_ci(0.95)))


def test_a_share_needs_nine_jobs_and_seeds_that_did_not_choose():
    assert judge(A1, beaten(8, 8)).reason == "too few jobs"
    assert judge(A1, beaten(32, 32, seeds=3)).reason == "too few seeds"
    assert (judge(A1, beaten(0, 9)).verdict, judge(A1, beaten(9, 9)).verdict) == ("contradicted", "reproduced")


def test_the_best_of_a_share_is_chosen_on_seed_0_and_judged_on_the_others():
    made = beaten(32, 32)
    lucky = Job("d", {"x": 9}, {"critic": {0: 100.0, 1: -5.0, 2: -5.0, 3: -5.0}})
    jobs = {**made.jobs, "dcgan-sweep": {**made.jobs["dcgan-sweep"], "d lucky": lucky}}
    verdict = judge(A1, swept(*jobs.items(), n=4))
    assert "beat d lucky, the best of dcgan-sweep" in verdict.sentence
    assert verdict.verdict == "reproduced"  # by the seed that chose it, nothing would beat it


# Facts and pictures.


def known(**facts: Any) -> Scores:
    return scores({}, known={"facts": {name.replace("__", "."): fact for name, fact in facts.items()}})


def check(**more: Any) -> Claim:
    return {"id": "B9", "kind": "check", "fact": "began.k", **more}


@pytest.mark.parametrize(
    ("fact", "claim", "verdict"),
    [
        (0.0, {"equals": 0}, "reproduced"),
        (1e-12, {"equals": 0}, "reproduced"),
        (1e-3, {"equals": 0}, "contradicted"),
        (6436224, {"equals": 6436224}, "reproduced"),
        (True, {"equals": True}, "reproduced"),
        (1, {"equals": True}, "contradicted"),
        ("a", {"equals": "b"}, "contradicted"),
        (2.0, {"at_least": 2}, "reproduced"),
        (1.9, {"at_least": 2}, "contradicted"),
        (1.9, {"at_most": 2}, "reproduced"),
        (2.1, {"at_most": 2}, "contradicted"),
    ],
)
def test_a_fact_holds_or_does_not(fact: Any, claim: Claim, verdict: str):
    found = judge(check(**claim), known(began__k=fact))
    assert (found.verdict, found.p_rep, found.interval) == (verdict, None, None)
    assert found.sentence.endswith(f": {verdict}.")


def test_a_fact_about_images_of_another_set_is_a_stand_in_s():
    facts = (known(began__k=0, began__dataset_title=title) for title in ("CIFAR-10", "grey images"))
    assert [judge(check(equals=0), one).scope for one in facts] == ["paper", "stand-in"]
    assert judge(check(equals=0), known(began__k=0)).scope == "paper"  # a fact of no images


def test_a_ratio_of_two_facts():
    claim = check(per="began.other", at_least=2)
    assert judge(claim, known(began__k=4.0, began__other=1.5)).theta == pytest.approx(4 / 1.5)
    assert judge(claim, known(began__k=4.0, began__other=0.0)).verdict == "reproduced"
    assert judge(claim, known(began__k=4.0)).verdict == "not run"


def test_a_fact_that_is_not_there_names_its_study():
    commands = {"commands": {"began": "dvc repro study-began"}}
    assert judge(check(equals=0), Scores(**vars(scores({})) | commands)).sentence == (
        "Not run: needs the study began (dvc repro study-began)."
    )
    assert judge(check(equals=0), known(began__j=1)).sentence == "Not run: nothing tells began.k yet."


def test_facts_decide_within_a_larger_claim_and_are_not_counted_as_tests():
    def both(*facts: float) -> Any:
        parts = [{"kind": "check", "fact": f"began.{place}", "equals": 0} for place in range(len(facts))]
        found = {f"began.{place}": fact for place, fact in enumerate(facts)}
        return judge({"id": "B8", "kind": "all", "parts": parts}, scores({}, known={"facts": found}))

    assert (both(0, 0).verdict, both(0, 0).p_rep) == ("reproduced", None)
    assert (both(0, 1).verdict, both(0, 1).p_con) == ("contradicted", None)


def test_what_is_left_to_the_eye_is_never_judged():
    look = {"id": "A11", "kind": "look", "figure": "fig8"}
    verdict = judge(look, scores({}))
    assert (verdict.verdict, verdict.figure, verdict.sentence) == ("not run", "fig8", "Not run: judge by eye (fig8).")
    assert judge({**look, "figure": None}, scores({})).sentence == "Not run: no number was claimed."


# What may not be said, and what always holds.


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        (trend(direction="left"), "direction is 'left'; choose up or down"),
        (trend(strict=1), "strict is 1; choose true or false"),
        ({**pareto(), "metrics": ["IS"]}, "metrics is .*; give 2 or more different names"),
        ({**pareto(), "better": "ijae"}, "better is 'ijae'; give {row, over}"),
        ({**pareto(), "than": pareto()["better"]}, "give another sweep than that of `better`"),
        (correlated(between=[0.9, 0.5]), r"between is \[0.9, 0.5\]; give \[low, high\], from -1 to 1"),
        (correlated(between=0.5), "between is 0.5; give"),
        (correlated(method="kendall"), "method is 'kendall'; choose spearman or pearson"),
        (correlated(unit="run"), "unit is 'run'; give `over`, a sweep; or `row`"),
        ({**B1, "between": [0, 1], "over": "x"}, "unit is 'run'; give `over`"),
        ({**B1, "between": [0, 1], "metrics": ["iteration", "mood"]}, "metrics is .*; choose Best of K, .*convergence"),
        ({**B1, "between": [0, 1], "metrics": ["iteration"]}, "metrics is .*; give 2 different names"),
        (wider("a", "a"), "than is 'a'; give another sweep than that of `wider`"),
        ({**A7, "between": [0.05, 0.6]}, "between is .*; give .*, from 0 to 0.5"),
        ({**A7, "over": []}, r"over is \[\]; give 1 or more"),
        ({**A1, "beats": "dcgan"}, "beats is 'dcgan'; give {best_of: a sweep}"),
        ({**A1, "above": 1}, "above is 1; give a share below 1"),
        ({**A1, "above": 0}, "above is 0; give a number above 0"),
        (check(), "fact is 'began.k'; give one of equals, at_least, at_most with it"),
        (check(equals=0, at_most=1), "fact is 'began.k'; give one of equals"),
        (check(at_least="a"), "at_least is 'a'; give a number"),
        (check(equals=None), "equals is None; give a number, a word, true or false"),
        ({"id": "A11", "kind": "look", "figure": 8}, "figure is 8; give one name"),
    ],
)
def test_a_wrong_claim_is_told_in_one_line(claim: Claim, message: str):
    with pytest.raises(UserError, match=message) as error:
        judge(claim, scores({}))
    assert "\n" not in str(error.value)


numbers = st.lists(st.floats(-5, 5), min_size=12, max_size=12)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(one=numbers, other=numbers, order=st.permutations(range(12)))
def test_the_names_and_order_of_jobs_tell_nothing(one, other, order):
    jobs = jobs_of("job", {"critic": one, "Diversity": other})
    shuffled = dict(sorted(jobs.items(), key=lambda item: order[int(item[0][-3:])]))
    forth, back = (judge(correlated(), swept(("alpha-gan-sweep", found))) for found in (jobs, shuffled))
    assert repr(forth) == repr(back)
    swapped = judge(correlated(metrics=["Diversity", "critic"]), swept(("alpha-gan-sweep", jobs)))
    assert (swapped.p_rep, swapped.p_con) == pytest.approx((forth.p_rep, forth.p_con))


@settings(deadline=None, derandomize=True, max_examples=40)
@given(means=st.lists(st.floats(-1, 1), min_size=3, max_size=6))
def test_a_trend_up_is_a_trend_down_read_backwards(means):
    up, down = judge(trend(direction="up"), levels(means)), judge(trend(), levels(means[::-1]))
    assert (up.p_rep, up.p_con) == pytest.approx((down.p_rep, down.p_con), abs=1e-9)
    assert up.theta == pytest.approx(down.theta)
    assert exp(-12) < up.theta < exp(12)
