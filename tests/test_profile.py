"""What `make repro PROFILE=...` turns: the profile, its datasets, and the rows that it adds."""

import shlex
import shutil
from pathlib import Path

import pytest
import yaml
from dvc.utils.hydra import apply_overrides

from stages import params
from stages.door import UserError
from stages.profile import knobs, main

ROOT = Path(__file__).parent.parent


def turned(suite, name) -> dict[str, str]:
    words = knobs(params.check(suite), name)
    assert words[::2] == ["-S"] * (len(words) // 2)
    return dict(word.split("=", 1) for word in words[1::2])


def test_the_paper_s_profile_adds_the_rows_on_the_papers_other_datasets(suite):
    told = turned(suite, "paper")
    assert told["profile"] == "paper"
    assert told["use"].startswith("[cifar10,")
    assert told["suite.pagan-celeba"] == "[pagan-celeba]"
    assert (told["suite.cage-stanford-cars"], told["suite.cage-digits-tinted"]) == ("[cage]", "[]")
    assert told["suite.pagan"] == f"[{','.join(suite['suite']['pagan'])}]"


def after(suite, name):
    """params.yaml when that has been turned."""
    told = {knob: yaml.safe_load(value) for knob, value in turned(suite, name).items()}
    rows = {knob.removeprefix("suite."): value for knob, value in told.items() if knob.startswith("suite.")}
    return suite | {"profile": told["profile"], "use": told["use"], "suite": rows}


def test_another_profile_takes_them_out_again(suite):
    told = turned(after(suite, "paper"), "quick")
    assert told["use"] == "[digits,digits-tinted]"
    assert told["suite.cage-digits-tinted"] == "[cage-digits-tinted]"
    assert told["suite.pagan-celeba"] == told["suite.cage-stanford-cars"] == "[]"
    assert after(after(suite, "paper"), "quick") == suite


def test_what_is_turned_is_a_suite_that_passes_every_check(suite):
    checked = params.check(after(suite, "paper"))
    assert "ijae-tiny-imagenet" in checked.suite_rows()
    assert {checked.dataset_of(row) for row in checked.suite_rows()} <= set(checked.use)


def test_no_sweep_runs_until_it_is_asked_for(suite):
    assert not [name for name, sweep in suite["sweeps"].items() if sweep["points"]]


def test_a_profile_turns_on_the_sweeps_on_its_datasets(suite):
    told = turned(suite, "quick")
    points = {name: told[f"sweeps.{name}.points"].strip("[]") for name in suite["sweeps"]}
    assert {name: len(listed.split(",")) for name, listed in points.items() if listed} == {
        "ijae-lambda": 6,
        "began-gamma": 2,
        "alpha-gan-dcgan": 3,
        "alpha-gan-wgan-gp": 3,
        "alpha-gan-alpha-gan": 8,
        "alpha-gan-age": 4,
    }


def test_the_paper_s_profile_runs_whole_grids_without_what_is_a_row(suite):
    told = turned(suite, "paper")
    assert told["sweeps.began-gamma.points"] == "['began+gamma=0','began+gamma=0.3','began+gamma=0.7','began+gamma=1']"
    sizes = {"alpha-gan": 32, "dcgan": 9, "wgan-gp": 9, "age": 12}  # α-GAN, app. H: the full products
    for system, jobs in sizes.items():
        for dataset, latents in (("", 1), ("-celeba", 1), ("-colormnist", 3)):
            points = told[f"sweeps.alpha-gan-{system}{dataset}.points"].strip("[]").split(",")
            assert len(set(points)) == jobs * latents - 1, (system, dataset)  # one is a row of the table


@pytest.mark.parametrize("name", ["paper", "tiny"])
def test_dvc_takes_what_is_turned(suite, tmp_path, name):
    shutil.copy(ROOT / "params.yaml", tmp_path)
    apply_overrides(tmp_path / "params.yaml", knobs(params.check(suite), name)[1::2])
    turned = params.load(tmp_path / "params.yaml")
    assert turned.profile == name
    for sweep in turned.sweeps.values():
        used = turned.rows[sweep.rows[0]].dataset in (None, *turned.use)
        assert sweep.points == (turned.points_of(sweep) if used else [])


ON_DEMAND = ["wpagan-independent"]  # rows that a claim names and no table has


def test_every_row_runs_somewhere(suite):
    listed = [row for rows in suite["suite"].values() for row in rows]
    listed += [row for rows in suite["profiles"]["paper"]["suite"].values() for row in rows]
    assert sorted(listed + ON_DEMAND) == sorted(suite["rows"])


def test_the_door_prints_words_for_a_shell(capsys):
    main(["--params", str(ROOT / "params.yaml"), "--name", "tiny"])
    assert "use=[digits,digits-tinted]" in shlex.split(capsys.readouterr().out)


def test_an_unknown_profile_is_named(suite):
    with pytest.raises(UserError, match="PROFILE is 'huge'; choose paper, quick or tiny"):
        knobs(params.check(suite), "huge")


def test_a_profile_s_own_row_wants_its_dataset(suite):
    suite["profiles"]["paper"]["use"] = ["cifar10"]
    with pytest.raises(UserError, match=r"runs on '.*'; add it to use"):
        params.check(suite)
