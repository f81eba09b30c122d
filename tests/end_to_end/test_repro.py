"""`dvc repro` for real: what runs, what does not, and that the list of each stage's code is what it imports."""

import json
import re
import shutil

import pytest

pytestmark = pytest.mark.slow


def changed(clone) -> set[str]:
    """The stages that `dvc repro` would start with."""
    return {name.split(":")[-1] for name in json.loads(clone.run("dvc", "status", "--json") or "{}")}


def test_every_stage_says_what_it_made(clone):
    for line in ("data/digits: scikit-learn digits, 1,500 train, 297 test images", "reports/index.html: "):
        assert line in clone.first
    assert clone.first.count("Running stage") == 42


def test_a_second_run_runs_nothing(clone):
    told = clone.run("dvc", "repro")
    assert "Running stage" not in told
    assert "up to date" in told


def test_the_list_of_each_stage_s_code_is_what_it_imports(clone):
    stages = clone.lock()
    told = [json.loads(path.read_text()) for path in clone.trace.glob("*.json")]
    ours = str(clone.path) + "/"

    def files(one) -> set[str]:
        inside = {file.removeprefix(ours) for file in one["files"] if file.startswith(ours + "stages/")}
        return {file for file in inside if not file.endswith("__init__.py")}

    kernels = set().union(*(files(one) for one in told if any("ipykernel" in word for word in one["command"])))
    assert "stages/render/report.py" in kernels
    for name, stage in stages.items():
        lists = [dep["path"] for dep in stage["deps"] if dep["path"].startswith("code/")]
        if name == "code":
            continue
        assert len(lists) == 1, name
        words = stage["cmd"].split()[1:]
        imported = set().union(*(files(one) for one in told if one["command"] == words))
        if name.startswith("render"):
            imported |= kernels
        listed = {line.split()[1] for line in (clone.path / lists[0]).read_text().splitlines()}
        # Which network judges is a param: whoever looks through a judge depends on all of them.
        by_name = {path for path in listed if path.startswith("stages/judge/networks/")}
        assert imported <= listed, name
        # Without a weight file no network is loaded, and on tinted digits there is no row to time.
        if not name.startswith(("published", "cost@digits-tinted")):
            assert listed <= imported | by_name, name


def test_editing_a_metric_retrains_nothing(clone):
    path = clone.path / "stages/evaluate/metrics/rid.py"
    before = path.read_text()
    path.write_text(before + "# a comment\n")
    assert changed(clone) == {"code"}
    clone.run("dvc", "repro", "code")
    systems = {"real", "aug", "pagan", "ijae"}
    # and PAGAN's Fig. 3, which is about that metric, is drawn again, and what its ledger shows by it
    wanted = (
        {f"evaluate-{system}" for system in systems}
        | {"evaluate-ijae-lambda"}
        | {"study-contradictions", "study-pagan-figure3"}
    )
    assert {stage.split("@")[0] for stage in changed(clone)} == wanted
    path.write_text(before)
    clone.run("dvc", "repro", "code")
    assert not changed(clone)


def test_editing_a_rows_params_retrains_that_row_alone(clone):
    clone.set("pagan-noaug: {system: pagan, latent: null", "pagan-noaug: {system: pagan, latent: 6")
    assert {stage for stage in changed(clone) if stage.startswith("train")} == {"train-pagan@pagan-noaug-0"}
    clone.set("pagan-noaug: {system: pagan, latent: 6", "pagan-noaug: {system: pagan, latent: null")
    assert not changed(clone)


def test_lambda_retrains_the_rows_that_follow_it_alone(clone):
    clone.set("lambda: 0.3", "lambda: 0.5")
    assert changed(clone) == {"train-ijae@ijae-0", "tabulate"}  # and neither of the sweep's points
    clone.set("lambda: 0.5", "lambda: 0.3")
    assert not changed(clone)


def test_editing_another_profile_changes_nothing(clone):
    clone.set("iterations: 800", "iterations: 801")
    assert not changed(clone)
    clone.set("iterations: 801", "iterations: 800")


def test_an_unrelated_systems_file_changes_no_other_stage(clone):
    path = clone.path / "stages/train/systems/other.py"
    path.write_text('"""Another system."""\n# a comment\n')
    clone.run("dvc", "repro", "code")
    assert not changed(clone)
    path.unlink()
    clone.run("dvc", "repro", "code")


def test_the_environment_is_no_dep(clone):
    assert not changed(clone)
    assert "SUITE_" not in (clone.path / "dvc.yaml").read_text()


def test_one_dataset_is_fetched_by_its_name(clone):
    clone.set("use: [digits, digits-tinted]", "use: [digits, digits-tinted, ring]")
    told = clone.run("dvc", "repro", "fetch@ring")
    assert re.findall("Running stage '(.*)'", told) == ["fetch@ring"]
    assert "10,000 train, 2,000 test" in told
    clone.set("use: [digits, digits-tinted, ring]", "use: [digits, digits-tinted]")
    clone.run("git", "checkout", "-q", "--", "dvc.lock")
    shutil.rmtree(clone.path / "data/ring")
    assert not changed(clone)


def test_training_again_gives_the_same_bytes(clone):
    stage = "pipeline/pagan/dvc.yaml:train-pagan@pagan-0"
    outs = {out["path"]: out["md5"] for out in clone.lock()["train-pagan@pagan-0"]["outs"]}
    clone.run("dvc", "repro", "--single-item", "--force", "--no-run-cache", stage)
    again = clone.lock()["train-pagan@pagan-0"]["outs"]
    assert len(again) == len(outs) == 3
    for out in again:
        if "provenance" not in out["path"]:
            assert out["md5"] == outs[out["path"]]
    clone.run("git", "checkout", "-q", "--", "pipeline")
    clone.run("dvc", "checkout")


def test_bad_params_stop_a_stage_before_it_writes(clone):
    clone.set("lambda: 0.3", "lambda: 1.3")
    told = clone.run("dvc", "repro", "--force", "--single-item", "tabulate", check=False)
    assert "error: params.yaml: lambda is 1.3; " in told
    assert "2" in told.split("exited with")[-1]
    clone.set("lambda: 1.3", "lambda: 0.3")
    clone.run("dvc", "checkout")
