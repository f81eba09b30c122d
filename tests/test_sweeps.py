"""Sweeps in params.yaml: what a point is, and the name of its stage."""

import shlex
from pathlib import Path

import pytest

from stages import params
from stages.door import UserError
from stages.sweeps import main

ROOT = Path(__file__).parent.parent


def test_a_point_is_its_row_with_knobs_of_its_own(suite):
    checked = params.check(suite)
    row, point = checked.settings("ijae"), checked.settings("ijae+lambda=0.9")
    assert point == row | {"lambda": 0.9}
    assert isinstance(checked.settings("began+gamma=1")["gamma"], float)
    assert checked.dataset_of("ijae-tiny-imagenet+lambda=0.9") == "tiny-imagenet"


def test_a_point_s_knob_wins_over_the_profile_s(suite):
    assert suite["profiles"]["quick"]["systems"]["began"]["gamma"] == 0.7
    assert params.check(suite).settings("began+gamma=0.3")["gamma"] == 0.3


def test_a_point_does_not_follow_lambda(suite):
    suite["lambda"] = 0.6
    checked = params.check(suite)
    assert checked.settings("ijae+lambda=0.9")["lambda"] == 0.9
    assert checked.settings("ijae")["lambda"] == 0.6


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("ijaf+lambda=0.1", "the row asked for is 'ijaf'; choose"),
        ("ijae+gamma=0.1", "ijae+gamma=0.1.gamma is not a known key; choose"),
        ("ijae+lambda=2", r"ijae\+lambda=2.lambda is 2; give a number in \[0, 1\]"),
        ("ijae+lambda", r"ijae\+lambda.lambda is ''; give a number in"),
    ],
)
def test_a_wrong_point_is_told_in_one_line(suite, row, told):
    with pytest.raises(UserError, match=told.replace("jaf+", r"jaf\+").replace("ijae+gamma", r"ijae\+gamma")):
        params.check(suite).row(row)


def test_what_is_a_row_of_the_table_is_no_point(suite):
    suite["profiles"]["quick"]["sweeps"] = "grid"
    checked = params.check(suite)
    sweep = checked.sweeps["ijae-lambda"]
    assert checked.on_grid(sweep, "ijae") == {"lambda": 0.3}
    whole = checked.points_of(sweep)
    assert len(whole) == 3 * 5
    assert not [point for point in whole if point.endswith("=0.3")]
    suite["lambda"] = 0.25
    assert len(params.check(suite).points_of(sweep)) == 3 * 6


def test_corners_are_the_ends_of_each_knob(suite):
    checked = params.check(suite)
    assert checked.points_of(checked.sweeps["began-gamma"]) == ["began+gamma=0", "began+gamma=1"]
    assert len(checked.points_of(checked.sweeps["alpha-gan-alpha-gan"])) == 2**3


def test_a_point_s_stage_has_the_sweep_s_name(suite):
    suite["sweeps"]["began-gamma"]["points"] = ["began+gamma=1"]
    checked = params.check(suite)
    assert checked.stage("train", "began+gamma=1", 1) == "pipeline/began/dvc.yaml:train-began-gamma@began+gamma=1-1"


def test_the_door_prints_words_for_a_shell(capsys):
    main(["--params", str(ROOT / "params.yaml"), "--name", "began-gamma"])
    words = shlex.split(capsys.readouterr().out)
    listed = "sweeps.began-gamma.points=['began+gamma=0','began+gamma=1']"
    assert words == ["-S", listed, "pipeline/began/dvc.yaml:evaluate-began-gamma"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("lambda", "error: NAME is 'lambda'; choose alpha-gan-age, "),
        ("began-gamma-celeba", "runs on 'celeba'; add it to use"),
    ],
)
def test_an_unknown_sweep_and_one_without_its_dataset_are_named(refusal, name, told):
    assert told in refusal(main, "--params", ROOT / "params.yaml", "--name", name)
