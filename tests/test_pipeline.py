"""dvc.yaml is what the rooms say. That its deps are what stages import is seen in end_to_end/test_repro.py."""

from pathlib import Path

import pytest
import yaml

from stages import params, pipeline
from stages.door import UserError

ROOT = Path(__file__).parent.parent


FILES = [ROOT / "dvc.yaml", *sorted((ROOT / "pipeline").rglob("*.yaml"))]


@pytest.fixture
def stages():
    return {name: stage for path in FILES for name, stage in yaml.safe_load(path.read_text())["stages"].items()}


def test_every_dvc_yaml_is_current():
    files = pipeline.render(params.load(ROOT / "params.yaml"))
    assert {path.relative_to(ROOT).as_posix() for path in FILES} == set(files), "a system has gone: delete its file"
    for name, text in files.items():
        assert (ROOT / name).read_text() == text, "run `make pipeline`"


def test_a_row_s_stages_work_from_the_root():
    for path in FILES[1:]:
        content = yaml.safe_load(path.read_text())
        assert content["vars"] == ["../../params.yaml"]
        assert {stage["wdir"] for stage in content["stages"].values()} == {"../.."}


def test_every_stage_can_enter_the_run_cache(stages):
    for stage in stages.values():
        assert stage["deps"]
        assert all(isinstance(out, str) for out in stage["outs"])  # no persist, no cache: false


def test_no_stage_that_trains_or_scores_depends_on_provenance(stages):
    for name, stage in stages.items():
        if name.split("-")[0] in ("judge", "train", "generate", "evaluate", "likelihood"):
            assert not [dep for dep in stage["deps"] if "provenance" in dep or dep == "runs"]


def test_only_rows_that_follow_lambda_depend_on_it():
    suite = params.load(ROOT / "params.yaml")
    assert "lambda" in pipeline.of_suite("ijae", "ijae", suite).params
    assert "lambda" not in pipeline.of_suite("pagan", "pagan", suite).params


def test_rows_without_a_model_are_resampled_as_often_as_a_verdict_wants(stages):
    assert stages["evaluate-real"]["matrix"]["seed"] == "${resamplings}"
    assert stages["evaluate-vae"]["matrix"]["seed"] == "${seeds}"
    assert len(params.load(ROOT / "params.yaml").resamplings) >= 5


def test_those_are_the_rows_of_ijae(stages):
    following = {name: stage for name, stage in stages.items() if "lambda" in stage.get("params", [])}
    assert following.pop("tabulate")  # λ says whether a row is a point of a sweep
    assert {name: stage["matrix"]["row"] for name, stage in following.items()} == {
        "train-ijae": "${suite.ijae}",
        "train-ijae-tiny-imagenet": "${suite.ijae-tiny-imagenet}",
    }
    rows = yaml.safe_load((ROOT / "params.yaml").read_text())["suite"]["ijae"]
    assert rows == ["ijae", "ijae-l1", "ijae-l2"]


def test_a_suite_key_with_a_dataset_reads_that_dataset():
    suite = params.load(ROOT / "params.yaml")
    stages = pipeline.row_stages(pipeline.of_suite("pagan-celeba", "pagan", suite), "pagan", "celeba")
    stage = stages["train-pagan-celeba"]
    assert "data/celeba" in stage["deps"]
    assert "--data data/celeba" in stage["cmd"]


def test_a_key_has_a_likelihood_where_some_profile_asks_for_one_of_its_rows(stages):
    keys = {name.removeprefix("likelihood-") for name in stages if name.startswith("likelihood-")}
    systems = ["age", "ali", "vae", "dcgan"]
    assert keys == {*systems, *(f"{system}-mnist" for system in systems)}
    stage = stages["likelihood-age-mnist"]
    assert stage["matrix"]["row"] == "${suite.age-mnist}"  # so that a row which does not run has none
    assert {"data/mnist", "code/likelihood-age.sha256"} <= set(stage["deps"])
    assert "profiles.${profile}.likelihood" in stage["params"]


def test_a_sweep_has_a_stage_instance_a_point_and_does_not_follow_lambda(stages):
    stage = stages["train-ijae-lambda"]
    assert stage["matrix"] == {"row": "${sweeps.ijae-lambda.points}", "seed": "${sweeps.ijae-lambda.seeds}"}
    assert {"rows.ijae", "rows.ijae-l1", "rows.ijae-l2", "systems.ijae"} <= set(stage["params"])
    assert "lambda" not in stage["params"]
    assert "data/celeba" in stages["evaluate-began-gamma-celeba"]["deps"]


def test_the_door_writes_the_files(tmp_path):
    pipeline.main(["--params", str(ROOT / "params.yaml"), "--out", str(tmp_path)])
    for path in FILES:
        assert (tmp_path / path.relative_to(ROOT)).read_text() == path.read_text()


def test_bad_params_write_nothing(tmp_path):
    (tmp_path / "params.yaml").write_text("profile: quick\n")
    with pytest.raises(UserError, match="is missing"):
        pipeline.main(["--params", str(tmp_path / "params.yaml"), "--out", str(tmp_path)])
    assert [path.name for path in tmp_path.iterdir()] == ["params.yaml"]
