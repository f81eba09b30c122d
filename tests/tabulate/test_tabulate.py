"""Tabulate as a whole: made-up runs on disk in, tables and verdicts out."""

import json
import shutil
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from stages import record
from stages.door import UserError
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


def score(
    folder: Path, row: str, seed: int, metrics: dict[str, object], diverged: object = None, dataset: str = "digits"
) -> None:
    facts = {"row": row, "seed": seed, "dataset": dataset, "stand_in": True, "profile": "quick", "protocol": {}}
    status = "diverged" if diverged else "scored"
    facts |= {"metrics": metrics, "status": status, "diverged": diverged, "not_computed": {}}
    record.write(folder / "metrics.json", facts)


def tabulate(workspace: Path, paper: str = "pagan") -> dict[str, dict[str, Any]]:
    folders = {name: str(workspace / name) for name in ("runs", "papers", "data", "studies", "costs")}
    arguments = [word for name, path in folders.items() for word in (f"--{name}", path)]
    main([*arguments, "--params", str(workspace / "params.yaml"), "--out", str(workspace / "tables")])
    return {claim["id"]: claim for claim in json.loads((workspace / "tables/verdicts.json").read_text())[paper]}


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
    text = path.read_text().replace("profile: quick", "profile: paper", 1)
    path.write_text(text.replace("use: [digits, ", "use: [cifar10, ", 1))
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


def test_a_claim_s_own_number_and_its_label_are_told(workspace):
    part = tabulate(workspace)["P7"]["parts"][0]
    assert (part["metric"], part["kind"], part["better"], part["gaps"]) == ("FID", "order", "pagan", "ratio")
    assert tabulate(workspace)["P9"]["parts"][0]["metric"] == "RID"


def test_the_own_classifier_s_scores_stand_in_for_those_that_a_claim_names(workspace):
    for path in (workspace / "runs").rglob("metrics.json"):
        facts = record.read(path)
        own = {f"{label}-own": told for label, told in facts["metrics"].items()}
        record.write(path, facts | {"metrics": own})
    part = tabulate(workspace)["P7"]["parts"][0]
    assert (part["verdict"], part["metric"], part["scope"]) == ("reproduced", "FID-own", "stand-in")


def test_a_claim_on_another_dataset_is_judged_there_once_it_is_in_use(workspace):
    def scope_and_rows() -> tuple[str, list[str]]:
        judged = tabulate(workspace, "other")["C1"]
        return judged["scope"], sorted(judged["n"])

    paper = yaml.safe_load((workspace / "papers/pagan.yaml").read_text())
    claim = {"kind": "order", "metric": "FID", "better": "age", "than": "dcgan", "dataset": "celeba"}
    claims = [{"id": "C1", "says": "so", "artifact": "Table 1", **claim}]
    other = paper | {"id": "other", "claims": claims, "ledger": []}
    (workspace / "papers/other.yaml").write_text(yaml.safe_dump(other))
    score(workspace / "runs/age/0", "age", 0, {"FID": metric(30.0)})
    score(workspace / "runs/dcgan/0", "dcgan", 0, {"FID": metric(50.0)})
    assert scope_and_rows() == ("stand-in", ["age", "dcgan"])

    params = (workspace / "params.yaml").read_text()
    params = params.replace("profile: quick", "profile: paper", 1)
    params = params.replace("use: [digits, ", "use: [cifar10, celeba, ", 1)
    params = params.replace("dcgan-celeba: []", "dcgan-celeba: [dcgan-celeba]", 1)
    (workspace / "params.yaml").write_text(params.replace("age-celeba: []", "age-celeba: [age-celeba]", 1))
    for name in ("cifar10", "celeba"):
        record.write(
            workspace / f"data/{name}/card.json", {"name": name, "title": name, "stand_in": False, "whole": True}
        )
    assert tabulate(workspace, "other")["C1"]["verdict"] == "not run"
    for row in ("age-celeba", "dcgan-celeba"):
        for seed in range(3):
            score(workspace / f"runs/{row}/{seed}", row, seed, {"FID": metric(30.0 + seed)}, dataset="celeba")
    assert scope_and_rows() == ("paper", ["age", "dcgan"])
    table = pd.read_csv(workspace / "tables/other-table-1.csv")
    assert set(table["dataset"]) == {"CIFAR-10"}


def test_claims_of_a_set_that_is_not_in_use_are_judged_on_what_stands_in_for_it(workspace):
    card = {"name": "digits-tinted", "title": "tinted digits", "stand_in": True, "whole": True}
    record.write(workspace / "data/digits-tinted/card.json", card)
    variance = {"cage-digits-tinted": [310.0, 305, 320], "pix2pix-digits-tinted": [0.0, 0, 2]}
    for row, values in variance.items():
        for seed, value in enumerate(values):
            metrics = {"Colour variance": metric(value, "higher"), "Best of K": metric(3 + seed / 10 + (value < 9))}
            metrics["Colour transfer"] = metric(20.0 + seed, "higher")
            score(workspace / f"runs/{row}/{seed}", row, seed, metrics, dataset="digits-tinted")
    told = tabulate(workspace, "age")
    assert told["A9"]["parts"][0]["n"] == {"cage": 3, "pix2pix": 3}
    assert told["A9"]["parts"][0]["verdict"] == told["A10"]["verdict"] == "reproduced"
    assert {told[claim]["scope"] for claim in ("A9", "A10")} == {"stand-in"}
    assert (told["A10"]["judged_on"], told["A7"]["judged_on"]) == ("tinted digits", "digits")
    run = json.loads((workspace / "tables/run.json").read_text())
    assert run["elsewhere"] == dict.fromkeys(variance, "tinted digits")


def test_studies_are_facts(workspace):
    facts = {
        name: {"times_augmentation": 3.0} for name in ("gaussian-noise", "gaussian-blur", "brightness", "contrast")
    }
    facts |= {name: {"times_augmentation": 1.5} for name in ("salt-and-pepper", "pixel-dropout", "patch")}
    assert tabulate(workspace)["P6"]["verdict"] == "not run"
    record.write(workspace / "studies/pagan-figure3.json", {"distortions": facts, "judge": None})
    told = tabulate(workspace)["P6"]
    assert (told["verdict"], told["p_rep"]) == ("contradicted", None)
    assert [part["verdict"] for part in told["parts"]].count("reproduced") == 4


def test_what_is_logged_along_a_run_can_be_claimed(workspace):
    paper = yaml.safe_load((workspace / "papers/pagan.yaml").read_text())
    claim = {"kind": "correlation", "unit": "run", "row": "pagan", "metrics": ["iteration", "convergence"]}
    claims = [{"id": "B1", "says": "so", "artifact": "Table 1", "between": [-1, 0], **claim}]
    (workspace / "papers/other.yaml").write_text(
        yaml.safe_dump(paper | {"id": "other", "claims": claims, "ledger": []})
    )
    for seed in range(3):
        lines = [f"{step},{100 / step + seed}" for step in range(50, 500, 50)]
        path = workspace / f"runs/pagan/{seed}/losses.csv"
        path.write_text("\n".join(["iteration,convergence", *lines]) + "\n")
    assert tabulate(workspace, "other")["B1"]["verdict"] == "reproduced"


def log(workspace: Path, row: str, seed: int, columns: dict[str, list[float]]) -> None:
    lines = [",".join(map(str, line)) for line in zip(*columns.values(), strict=True)]
    (workspace / f"runs/{row}/{seed}/losses.csv").write_text("\n".join([",".join(columns), *lines]) + "\n")


def test_of_what_training_logs_of_the_pair_game_the_last_fifth_counts(workspace):
    steps = list(range(50, 501, 50))
    for seed, (row, gradient, accuracy) in product(range(3), [("pagan", 0.4, 0.7), ("pagan-noaug", 0.1, 0.99)]):
        logged = {"pair gradient": gradient, "pair accuracy": accuracy}
        columns = {name: [5.0] * 8 + [value * (1 + seed / 50)] * 2 for name, value in logged.items()}
        log(workspace, row, seed, {"iteration": steps, **columns})
    parts = tabulate(workspace)["P10"]["parts"]
    assert [(part["metric"], part["verdict"]) for part in parts] == [
        ("pair gradient", "reproduced"),
        ("pair accuracy", "reproduced"),
    ]
    assert parts[0]["theta"] == pytest.approx(4)
    # and a run that was lost has failed, also where it logged nothing
    score(workspace / "runs/pagan/2", "pagan", 2, {}, {"iteration": 7, "player": "pair", "loss": "nan"})
    (workspace / "runs/pagan/2/losses.csv").write_text("iteration\n")
    assert tabulate(workspace)["P10"]["parts"][0]["failed"] == {"pagan": [2]}


def test_a_logged_number_and_a_score_correlate_at_the_moments_that_have_both(workspace):
    steps = list(range(50, 501, 50))
    for seed in range(3):
        fid = metric(30.0) | {"along": {str(step): 1000 / step + seed for step in steps[1::2]}}
        score(workspace / f"runs/began/{seed}", "began", seed, {"FID-own": fid})
        log(workspace, "began", seed, {"iteration": steps, "convergence": [1 / step for step in steps]})
    told = tabulate(workspace, "began")["B3"]
    assert (told["verdict"], told["scope"], told["n"]) == ("reproduced", "stand-in", {"began": 3})
    assert "convergence and FID-own correlate by" in told["sentence"]
    for seed in range(3):
        log(workspace, "began", seed, {"iteration": steps, "convergence": [float(step) for step in steps]})
    assert tabulate(workspace, "began")["B3"]["verdict"] == "contradicted"


def test_the_likelihood_is_read_beside_the_metrics(workspace):
    for seed in range(3):
        told = {"metrics": {"log-likelihood": metric(700.0 + seed, "higher")}}
        record.write(workspace / f"runs/pagan/{seed}/likelihood.json", told)
    tabulate(workspace)
    scores = pd.read_csv(workspace / "tables/scores.csv")
    assert scores[scores["metric"] == "log-likelihood"]["value"].tolist() == [700.0, 701.0, 702.0]


def test_what_an_epoch_costs_is_judged_and_stands_in_no_table_of_metrics(workspace):
    def claimed(age: list[float], ali: list[float]) -> tuple[str, float]:
        rows = {"age": age, "ali": ali, "vae": [0.1, 0.1, 0.1]}
        told = {row: {"epoch_seconds": {str(seed): one for seed, one in enumerate(all_)}} for row, all_ in rows.items()}
        record.write(workspace / "costs/digits.json", {"rows": told})
        judged = tabulate(workspace, "age")["A6"]
        return judged["verdict"], judged["theta"]

    assert tabulate(workspace, "age")["A6"]["verdict"] == "not run"
    assert claimed([1.0, 1.0, 1.0], [3.0, 3.0, 3.0]) == ("reproduced", pytest.approx(3))  # three times, by at least two
    assert claimed([1.0, 1.0, 1.0], [1.5, 1.5, 1.5]) == ("contradicted", pytest.approx(1.5))
    assert tabulate(workspace, "began")["B13"]["verdict"] == "reproduced"  # which asks for no more than less
    assert "epoch seconds" not in set(pd.read_csv(workspace / "tables/scores.csv")["metric"])


def test_the_index_is_told_what_chance_alone_would_give(workspace):
    claims = tabulate(workspace)
    told = json.loads((workspace / "tables/run.json").read_text())
    chance = told["chance"]["stand-in"]
    assert chance["tested"] == sum(
        claim["p_rep"] is not None
        for claims in json.loads((workspace / "tables/verdicts.json").read_text()).values()
        for claim in claims
    )
    assert chance["by_chance"] == pytest.approx(0.025 * chance["tested"])
    assert {claim["firm"] for claim in claims.values()} <= {True, False}
    assert told["papers"]["pagan"]["ledger"][0]["reading"]


def test_a_wrong_claim_writes_no_tables(workspace):
    path = workspace / "papers/pagan.yaml"
    path.write_text(path.read_text().replace("kind: all", "kind: every"))
    with pytest.raises(UserError, match="every"):
        tabulate(workspace)
    assert not (workspace / "tables").exists()


def swept(workspace: Path, values: dict[str, list[float]], seeds: range = range(2)) -> None:
    """Runs of some rows and of points of ijae-lambda, the first sweep of params.yaml."""
    path = workspace / "params.yaml"
    points = ", ".join(point for point in values if "+" in point)
    path.write_text(path.read_text().replace("    points: []", f"    points: [{points}]", 1))
    for point, found in values.items():
        for seed, value in zip(seeds, found, strict=False):
            score(workspace / "runs" / point / str(seed), point, seed, {"IS": metric(value, "higher")})


LAMBDA = {"ijae+lambda=0.1": [7.9, 8.0], "ijae+lambda=0.9": [5.1, 5.0], "ijae": [7.0, 7.1, 1.0]}


def test_the_points_of_a_sweep_and_the_row_on_its_grid_are_judged_together(workspace):
    swept(workspace, LAMBDA, range(3))
    part = tabulate(workspace, "ijae")["J5"]["parts"][0]
    assert part["verdict"] == "reproduced"  # IS falls with λ
    assert part["n"] == {
        "ijae+lambda=0.1": 2,
        "ijae": 2,
        "ijae+lambda=0.9": 2,
    }  # the row's third seed is none of a job's


def test_a_sweep_that_did_not_run_is_told_with_its_command(workspace):
    swept(workspace, {"ijae": [7.0, 7.1]})
    part = tabulate(workspace, "ijae")["J5"]["parts"][0]
    assert part["sentence"] == "Not run: needs sweep ijae-lambda (make sweep NAME=ijae-lambda)."


def test_a_row_turned_onto_a_point_counts_once(workspace):
    path = workspace / "params.yaml"
    path.write_text(path.read_text().replace("lambda: 0.3 ", "lambda: 0.9 ", 1))
    swept(workspace, LAMBDA)
    tabulate(workspace)
    jobs = pd.read_csv(workspace / "tables/sweeps.csv")
    assert set(jobs["point"]) == {"ijae+lambda=0.1", "ijae+lambda=0.9"}


def test_jobs_are_listed_with_their_knobs(workspace):
    swept(workspace, LAMBDA, range(3))
    tabulate(workspace)
    jobs = pd.read_csv(workspace / "tables/sweeps.csv")
    assert set(zip(jobs["point"], jobs["lambda"], strict=True)) == {
        ("ijae", 0.3),
        ("ijae+lambda=0.1", 0.1),
        ("ijae+lambda=0.9", 0.9),
    }
    assert set(jobs["sweep"]) == {"ijae-lambda"}
    assert set(jobs["seed"]) == {0, 1}


def test_a_claim_about_a_sweep_that_is_not_there_is_refused(workspace):
    path = workspace / "papers/alpha-gan.yaml"
    path.write_text(path.read_text().replace("wider: alpha-gan-alpha-gan", "wider: alpha-gan-alpha"))
    with pytest.raises(UserError, match="claim a2: a sweep is 'alpha-gan-alpha'; choose alpha-gan-age, "):
        tabulate(workspace)
