"""dvc.yaml is what the rooms say. That its deps are what stages import is seen in end_to_end/test_repro.py."""

from pathlib import Path

import pytest
import yaml

from stages import params, pipeline
from stages.door import UserError

ROOT = Path(__file__).parent.parent


@pytest.fixture
def stages():
    return yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]


def test_dvc_yaml_is_current():
    text = pipeline.render(params.load(ROOT / "params.yaml"))
    assert (ROOT / "dvc.yaml").read_text() == text, "run `make pipeline`"


def test_every_stage_can_enter_the_run_cache(stages):
    for stage in stages.values():
        assert stage["deps"]
        assert all(isinstance(out, str) for out in stage["outs"])  # no persist, no cache: false


def test_no_stage_that_trains_or_scores_depends_on_provenance(stages):
    for name, stage in stages.items():
        if name.split("-")[0] in ("judge", "train", "generate", "evaluate"):
            assert not [dep for dep in stage["deps"] if "provenance" in dep or dep == "runs"]


def test_only_rows_that_follow_lambda_depend_on_it():
    assert (
        "lambda"
        in pipeline.row_stages("pagan", "pagan", "${use[0]}", {"lambda": params.TOP_LEVEL})["train-pagan"]["params"]
    )
    assert "lambda" not in pipeline.row_stages("pagan", "pagan", "${use[0]}", {"width": 64})["train-pagan"]["params"]


def test_a_suite_key_with_a_dataset_reads_that_dataset():
    stage = pipeline.row_stages("pagan-celeba", "pagan", "celeba", {})["train-pagan-celeba"]
    assert "data/celeba" in stage["deps"]
    assert "--data data/celeba" in stage["cmd"]


def test_the_door_writes_the_file(tmp_path):
    pipeline.main(["--params", str(ROOT / "params.yaml"), "--out", str(tmp_path / "dvc.yaml")])
    assert (tmp_path / "dvc.yaml").read_text() == (ROOT / "dvc.yaml").read_text()


def test_bad_params_write_nothing(tmp_path):
    (tmp_path / "params.yaml").write_text("profile: quick\n")
    with pytest.raises(UserError, match="is missing"):
        pipeline.main(["--params", str(tmp_path / "params.yaml"), "--out", str(tmp_path / "dvc.yaml")])
    assert not (tmp_path / "dvc.yaml").exists()
