"""The commands of the README's 'Changing a knob', on a copy of the finished clone."""

import csv
import io
import json
import shutil
import time

import pytest
import yaml

pytestmark = pytest.mark.slow
PATIENCE = 600  # seconds


@pytest.fixture(scope="module")
def workspace(clone, tmp_path_factory):
    path = tmp_path_factory.mktemp("experiments") / "clone"
    shutil.copytree(clone.path, path, symlinks=True)
    other = type(clone)(path)
    other.trace = clone.trace
    knobs = ["profile=tiny", "seeds=[7]", "rows.pagan.latent=6", "suite.pagan=[pagan]"]
    knobs += [f"suite.{system}=[]" for system in ("real", "aug", "ijae")] + ["sweeps.ijae-lambda.points=[]"]
    other.told = other.run("dvc", "exp", "run", "-n", "sixty-four", *(word for knob in knobs for word in ("-S", knob)))
    return other


def test_exp_run_trains_what_the_knobs_ask_for(workspace):
    assert "train-pagan@pagan-7'" in workspace.told
    assert "Running stage 'fetch" not in workspace.told
    card = json.loads((workspace.path / "runs/pagan/7/model/card.json").read_text())
    assert (card["seed"], card["settings"]["latent"]) == (7, 6)


def test_exp_show_lists_it_with_its_params_and_metrics(workspace):
    table = list(csv.DictReader(io.StringIO(workspace.run("dvc", "exp", "show", "--csv"))))
    (line,) = [line for line in table if "sixty-four" in line.values()]
    assert line["rows.pagan.latent"] == "6.0" or line["rows.pagan.latent"] == "6"
    assert float(line["pagan.IS-own.mean"]) >= 1


def test_metrics_diff_compares_with_the_last_commit(workspace):
    told = json.loads(workspace.run("dvc", "metrics", "diff", "--json"))
    assert {"old", "new"} <= set(told["tables/summary.json"]["pagan.IS-own.mean"])


def test_plots_show_writes_a_page(workspace):
    workspace.run("dvc", "plots", "show", "--out", "plots")
    page = (workspace.path / "plots/index.html").read_text()
    assert "Inception Score" in page
    assert "generator" in page


def test_plots_diff_draws_both_commits(workspace):
    workspace.run("dvc", "plots", "diff", "HEAD", "--out", "difference")
    page = (workspace.path / "difference/index.html").read_text()
    assert "HEAD" in page
    assert "workspace" in page


@pytest.fixture(scope="module")
def queued(clone, tmp_path_factory):
    """After two experiments that stood in the queue and ran at once."""
    path = tmp_path_factory.mktemp("queue") / "clone"
    shutil.copytree(clone.path, path, symlinks=True)
    other = type(clone)(path)
    other.trace = clone.trace
    other.run("dvc", "exp", "run", "--queue", "-S", "lambda=0.1,0.5", "tabulate")
    other.run("dvc", "queue", "start", "-j", "2")
    begun = time.monotonic()
    while other.run("dvc", "queue", "status").count("Success") < 2:
        assert time.monotonic() - begun < PATIENCE, other.run("dvc", "queue", "status")
        time.sleep(2)
    return other


def test_queued_experiments_run_beside_each_other(queued):
    table = list(csv.DictReader(io.StringIO(queued.run("dvc", "exp", "show", "--csv"))))
    found = {line["lambda"]: line["ijae.FID-own.mean"] for line in table if line["Experiment"]}
    assert set(found) == {"0.1", "0.5"}
    assert len(set(found.values())) == 2


def test_one_seed_is_too_few_for_a_verdict(workspace):
    told = json.loads((workspace.path / "tables/verdicts.json").read_text())["pagan"]
    exact = [claim for claim in told if any(part.get("kind") == "check" for part in [claim, *claim["parts"]])]
    assert {claim["verdict"] for claim in told if claim not in exact} <= {"inconclusive", "not run"}


def test_a_wrong_value_ends_in_one_line(workspace):
    told = workspace.run("dvc", "exp", "run", "-S", "rows.pagan.latent=0", check=False)
    assert "error: params.yaml: rows.pagan.latent is 0; give a whole number of at least 1" in told


def test_the_readme_shows_these_commands(workspace):
    readme = (workspace.path / "README.md").read_text()
    for words in (
        "-S profile=tiny",
        "-S 'seeds=[7]'",
        "-S rows.pagan.latent=64",
        "exp show",
        "metrics diff",
        "plots show",
        "plots diff",
        "--queue -S 'lambda=0.1,0.3,0.5'",
        "queue start -j 2",
    ):
        assert words in readme


def test_each_knob_of_the_readmes_table_is_in_params(workspace):
    known = yaml.safe_load((workspace.path / "params.yaml").read_text())
    told = {"profile", "use", "seeds", "resamplings", "suite", "rows", "sweeps", "systems", "choices", "lambda"}
    assert told <= set(known)
