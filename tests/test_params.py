"""params.yaml: one wrong key is named in one line, before any stage works; and which of several values a knob takes."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stages import params
from stages.door import UserError

GONE = object()
Edit = dict[str, Any]  # {"path/of/keys": new value, or GONE}

# What is wrong: the edit, and what its message must name: the key, the value and what is allowed.
WRONG: dict[str, tuple[Edit, list[str]]] = {
    "unknown top-level key": (
        {"tempo": 3},
        [
            "tempo is not a known key",
            "choose choices, classifiers, datasets, lambda, profile, profiles, published, resamplings, rows, seeds",
        ],
    ),
    "a sweep over two systems": (
        {"sweeps/ijae-lambda/rows": ["ijae", "age"]},
        ["sweeps.ijae-lambda.rows holds 'age', of another system or dataset than 'ijae'; sweep it apart"],
    ),
    "a sweep over no knob of its system": (
        {"sweeps/ijae-lambda/grid": {"gamma": [0.1]}},
        ["sweeps.ijae-lambda.grid.gamma is not a known key", "choose batch"],
    ),
    "a sweep out of range": (
        {"sweeps/ijae-lambda/grid": {"lambda": [0.1, 1.1]}},
        ["sweeps.ijae-lambda.grid.lambda is 1.1; give a number in [0, 1]"],
    ),
    "a point of another row": (
        {"sweeps/ijae-lambda/points": ["age+lambda=0.1"]},
        ["sweeps.ijae-lambda.points holds 'age+lambda=0.1'; write a point as 'ijae+lambda=0.1'"],
    ),
    "a point without its knob": (
        {"sweeps/ijae-lambda/points": ["ijae"]},
        ["sweeps.ijae-lambda.points holds 'ijae'; write a point as 'ijae+lambda=0.1'"],
    ),
    "a point that is no number": (
        {"sweeps/ijae-lambda/points": ["ijae+lambda=low"]},
        ["ijae+lambda=low.lambda is 'low'; give a number in [0, 1]"],
    ),
    "a point twice": (
        {"sweeps/ijae-lambda/points": ["ijae+lambda=0.1", "ijae+lambda=0.1"]},
        ["sweeps.ijae-lambda.points lists one twice; give each point once"],
    ),
    "a point on a dataset that is not in use": (
        {"sweeps/began-gamma-celeba/points": ["began-celeba+gamma=1"]},
        ["sweeps.began-gamma-celeba runs on 'celeba'; add it to use"],
    ),
    "no such part of a sweep": (
        {"profiles/tiny/sweeps": "some"},
        ["profiles.tiny.sweeps is 'some'; give corners or grid"],
    ),
    "unknown key of a dataset": (
        {"datasets/digits/sise": 16},
        ["datasets.digits.sise is not a known key", "choose judges, size or source"],
    ),
    "unknown key deep in a profile": (
        {"profiles/tiny/judge/cnn/epoch": 1},
        ["profiles.tiny.judge.cnn.epoch is not a known key", "choose batch, epochs, learning_rate or width"],
    ),
    "missing top-level key": ({"lambda": GONE}, ["lambda is missing; add it"]),
    "missing key of a dataset": ({"datasets/digits/size": GONE}, ["datasets.digits.size is missing; add it"]),
    "row without a system": ({"rows/pagan/system": GONE}, ["rows.pagan.system is missing; add it"]),
    "number for a word": ({"profile": 3}, ["profile is 3", "give a word"]),
    "word for a count": (
        {"profiles/tiny/generate/samples": "many"},
        ["profiles.tiny.generate.samples is 'many'", "give a whole number"],
    ),
    "text for a list": ({"seeds": "0, 1"}, ["seeds is '0, 1'", "give a list"]),
    "nothing for a row": ({"rows/pagan": None}, ["rows.pagan is None", "give a mapping"]),
    "lambda above 1": ({"lambda": 1.5}, ["lambda is 1.5", "give a number in [0, 1]"]),
    "lambda below 0": ({"lambda": -0.1}, ["lambda is -0.1", "give a number in [0, 1]"]),
    "lambda a word": ({"lambda": "x"}, ["lambda is 'x'", "number"]),
    "lambda a truth": ({"lambda": True}, ["lambda is True", "number"]),
    "lambda not a number": ({"lambda": float("nan")}, ["lambda is nan", "give a number in [0, 1]"]),
    "no iterations in a row": (
        {"rows/pagan/iterations": 0},
        ["rows.pagan.iterations is 0", "whole number of at least 1"],
    ),
    "no iterations in a system": ({"systems/pagan/iterations": 0}, ["systems.pagan.iterations is 0", "at least 1"]),
    "no iterations in a profile": (
        {"profiles/tiny/settings/iterations": 0},
        ["profiles.tiny.settings.iterations is 0", "at least 1"],
    ),
    "half an iteration": ({"rows/pagan/iterations": 2.5}, ["rows.pagan.iterations is 2.5", "give a whole number"]),
    "a truth for a count": ({"rows/pagan/width": True}, ["rows.pagan.width is True", "give a whole number"]),
    "a list for a number": ({"rows/pagan/pad_share": [1]}, ["rows.pagan.pad_share is [1]", "give a number"]),
    "rate without a dot, which YAML reads as text": (
        {"rows/pagan/learning_rate": "3e-4"},
        ["rows.pagan.learning_rate is '3e-4'", "give a number"],
    ),
    "negative rate": ({"rows/pagan/learning_rate": -1.0}, ["rows.pagan.learning_rate is -1.0", "at least 0"]),
    "infinite rate": ({"rows/pagan/learning_rate": float("inf")}, ["rows.pagan.learning_rate is inf", "give a number"]),
    "beta1 of 1": ({"rows/pagan/beta1": 1}, ["rows.pagan.beta1 is 1", "give a number in [0, 1)"]),
    "beta2 of 1": ({"systems/pagan/beta2": 1.0}, ["systems.pagan.beta2 is 1.0", "give a number in [0, 1)"]),
    "the likelihood of an unknown row": (
        {"profiles/tiny/likelihood/rows": ["pagna"]},
        ["profiles.tiny.likelihood.rows is 'pagna'", "choose ", "pagan-noaug"],
    ),
    "features of an unknown row": (
        {"profiles/tiny/generate/features": {"pagna": 10}},
        ["profiles.tiny.generate.features: a key is 'pagna'", "choose ", "pagan-noaug"],
    ),
    "unknown row in the suite": (
        {"suite/pagan": ["pagna"]},
        ["suite.pagan is 'pagna'", "choose ", "pagan-noaug"],
    ),
    "row under another system's key": (
        {"suite/pagan": ["pagan", "real"]},
        ["suite.pagan lists 'real'", "belongs under suite.real"],
    ),
    "row of a named dataset under its system's key": (
        {"rows/aug/dataset": "digits"},
        ["suite.aug lists 'aug'", "belongs under suite.aug-digits"],
    ),
    "row listed twice": ({"suite/pagan": ["pagan", "pagan"]}, ["suite lists 'pagan' twice", "list a row once"]),
    "unknown system of a row": (
        {"rows/pagan/system": "pagna"},
        ["rows.pagan.system is 'pagna'", "choose ", "pagan"],
    ),
    "system without a file": ({"systems/foo": {}}, ["systems: a key is 'foo'", "choose ", "pagan"]),
    "system that a profile leaves out": (
        {"profiles/tiny/systems/aug": GONE},
        ["profiles.tiny.systems.aug is missing; add it"],
    ),
    "unknown system in a profile": (
        {"profiles/tiny/systems/foo": {}},
        ["profiles.tiny.systems: a key is 'foo'", "choose ", "pagan"],
    ),
    "unknown dataset to use": ({"use": ["letters"]}, ["use is 'letters'", "choose ", "digits"]),
    "dataset used twice": ({"use": ["digits", "digits"]}, ["use is ['digits', 'digits']", "each dataset once"]),
    "no dataset to use": ({"use": []}, ["use is []", "at least 1"]),
    "unknown dataset of a row": (
        {"rows/pagan/dataset": "letters"},
        ["rows.pagan.dataset is 'letters'", "choose ", "digits"],
    ),
    "dataset without a file": (
        {"datasets/letters": {"source": "bundled", "size": 16, "judges": ["cnn"]}},
        ["datasets: a key is 'letters'", "choose ", "digits"],
    ),
    "unknown judge": (
        {"datasets/digits/judges": ["eye"]},
        ["datasets.digits.judges is 'eye'", "choose cnn, inception or vgg"],
    ),
    "trunk of LPIPS for a judge": (
        {"datasets/digits/judges": ["lpips-alex"]},
        ["datasets.digits.judges is 'lpips-alex'", "choose cnn, inception or vgg"],
    ),
    "one judge that is not in a list": ({"datasets/digits/judges": "cnn"}, ["datasets.digits.judges is 'cnn'", "list"]),
    "classifier without a file": ({"classifiers/eye": {}}, ["classifiers: a key is 'eye'", "choose cnn or vgg"]),
    "unknown classifier in a profile": (
        {"profiles/tiny/judge/eye": {}},
        ["profiles.tiny.judge: a key is 'eye'", "choose cnn or vgg"],
    ),
    "word not among a classifier's choices": (
        {"profiles/tiny/judge/vgg": {"strides": "mended"}},
        ["profiles.tiny.judge.vgg.strides is 'mended'", "choose repaired or printed"],
    ),
    "no steps of a classifier": ({"classifiers/vgg/steps": 0}, ["classifiers.vgg.steps is 0", "at least 1"]),
    "momentum of 1": ({"classifiers/vgg/momentum": 1.0}, ["classifiers.vgg.momentum is 1.0", "number in [0, 1)"]),
    "unknown published network": (
        {"published/clip": {"file": "clip.pth", "sha256": "0" * 64, "url": "https://localhost/clip.pth"}},
        ["published: a key is 'clip'", "choose inception, lpips-alex"],
    ),
    "sha256 cut short": (
        {"published/inception/sha256": "6726825d"},
        ["published.inception.sha256 is '6726825d'", "give a sha256, 64 digits"],
    ),
    "address without its beginning": (
        {"published/inception/url": "github.com/toshas"},
        ["published.inception.url is 'github.com/toshas'", "give an address that starts with https://"],
    ),
    "published network without a file": (
        {"published/inception/file": GONE},
        ["published.inception.file is missing; add it"],
    ),
    "unknown profile": ({"profile": "fast"}, ["profile is 'fast'", "choose ", "tiny"]),
    "word not among a row's choices": (
        {"rows/pagan/reconstruction": "l3"},
        ["rows.pagan.reconstruction is 'l3'", "choose adversarial"],
    ),
    "word not among a system's choices": (
        {"systems/pagan/code": "mode"},
        ["systems.pagan.code is 'mode'", "sampled or mean"],
    ),
    "word not among a profile's choices": (
        {"profiles/tiny/settings/networks": "wide"},
        ["profiles.tiny.settings.networks is 'wide'", "choose dcgan"],
    ),
    "word without a list of choices": (
        {"choices/code": GONE},
        ["choices.code is missing", "systems.pagan.code", "add it"],
    ),
    "seed given twice": ({"seeds": [0, 1, 0]}, ["seeds is [0, 1, 0]", "give each seed once"]),
    "resampling given twice": ({"resamplings": [0, 0]}, ["resamplings is [0, 0]", "give each seed once"]),
    "no seeds": ({"seeds": []}, ["seeds is []", "at least 1"]),
    "negative seed": ({"seeds": [0, -1]}, ["seeds.1 is -1", "give a whole number of at least 0"]),
    "seed that is no whole number": ({"seeds": [0.5]}, ["seeds.0 is 0.5", "give a whole number"]),
    "unknown knob of a row": ({"rows/pagan/latnet": 3}, ["rows.pagan.latnet is not a known key", "latent", "width"]),
    "unknown knob of a row, left null": (
        {"rows/pagan/latnet": None},
        ["rows.pagan.latnet is not a known key", "latent", "width"],
    ),
    "unknown knob of a system in a profile": (
        {"profiles/tiny/systems/pagan": {"widht": 1}},
        ["profiles.tiny.systems.pagan.widht is not a known key", "latent", "width"],
    ),
    "knob that no system has": (
        {"profiles/tiny/settings/widht": 3},
        ["profiles.tiny.settings.widht is no system's knob", "latent", "width"],
    ),
}


def edited(raw: dict[str, Any], edit: Edit) -> dict[str, Any]:
    for path, value in edit.items():
        *way, last = path.split("/")
        at = raw
        for key in way:
            at = at[key]
        if value is GONE:
            del at[last]
        else:
            at[last] = value
    return raw


def test_the_suite_as_it_is_kept_is_right(suite: dict[str, Any]) -> None:
    checked = params.check(suite)
    assert checked.suite_rows() == [row for rows in suite["suite"].values() for row in rows]
    assert {"real", "aug", "pagan", "pagan-l1", "pagan-noaug"} <= set(checked.suite_rows())
    assert checked.dataset_of("pagan") == suite["use"][0]


@pytest.mark.parametrize("profile", ["quick", "paper", "tiny"])
def test_every_row_has_settings_in_every_profile(profile: str, suite: dict[str, Any]) -> None:
    checked = params.check(suite | {"profile": profile})
    for name, row in checked.rows.items():
        assert checked.settings(name).keys() == checked.systems[row.system].keys()


@pytest.mark.parametrize("wrong", WRONG)
def test_one_line_names_the_key_the_value_and_what_is_allowed(
    wrong: str, suite: dict[str, Any], write_params: Callable[[Any], Path]
) -> None:
    edit, told = WRONG[wrong]
    path = write_params(edited(suite, edit))
    with pytest.raises(UserError) as error:
        params.load(path)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    for words in told:
        assert words in message


def test_a_profile_is_offered_only_the_knobs_that_it_may_set(suite: dict[str, Any]) -> None:
    suite["profiles"]["tiny"]["systems"]["aug"] = {"padshare": 0.2}
    with pytest.raises(
        UserError, match=r"profiles\.tiny\.systems\.aug\.padshare is not a known key; choose pad_share$"
    ):
        params.check(suite)


@pytest.mark.parametrize("content", ["rows: [1, 2", "a: b: c", "\tseeds: [0]"])
def test_what_is_not_yaml_is_told(content: str, tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text(content)
    with pytest.raises(UserError, match=r"params\.yaml is not YAML"):
        params.load(tmp_path / "params.yaml")


def test_what_is_not_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_bytes(b"\x93NUMPY\xff\xfe")
    with pytest.raises(UserError, match=r"params\.yaml is not YAML"):
        params.load(tmp_path / "params.yaml")


@pytest.mark.parametrize("content", ["", "- 1\n", "quick\n"], ids=["empty", "list", "word"])
def test_a_file_without_keys_is_told(content: str, tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text(content)
    with pytest.raises(UserError, match=r"the file is .*; give a mapping"):
        params.load(tmp_path / "params.yaml")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"params\.yaml is missing; run from the project's root or give --params"):
        params.load(tmp_path / "params.yaml")


@pytest.mark.parametrize("wrong", ["unknown top-level key", "lambda above 1", "word not among a row's choices"])
def test_a_door_refuses_in_one_line_and_writes_nothing(
    wrong: str,
    suite: dict[str, Any],
    write_params: Callable[[Any], Path],
    refusal: Callable[..., str],
    tmp_path: Path,
) -> None:
    from stages.fetch.__main__ import main

    path = write_params(edited(suite, WRONG[wrong][0]))
    line = refusal(main, "--params", path, "--dataset", "digits", "--out", tmp_path / "digits")
    assert all(words in line for words in WRONG[wrong][1])
    assert [entry.name for entry in tmp_path.iterdir()] == ["params.yaml"]


def test_a_yaml_error_of_many_lines_is_one_line_at_the_door(tmp_path: Path, refusal: Callable[..., str]) -> None:
    from stages.fetch.__main__ import main

    (tmp_path / "params.yaml").write_text("rows: [1,\nseeds: {\n")
    line = refusal(main, "--params", tmp_path / "params.yaml", "--dataset", "digits", "--out", tmp_path / "digits")
    assert "is not YAML" in line
    assert [entry.name for entry in tmp_path.iterdir()] == ["params.yaml"]


def test_a_row_stands_above_its_system_in_the_profile_above_the_profile_above_the_paper(suite: dict[str, Any]) -> None:
    def width() -> Any:
        return params.check(copy.deepcopy(suite)).settings("pagan")["width"]

    suite["profiles"]["quick"]["settings"].pop("width")
    assert width() == suite["systems"]["pagan"]["width"] == 64
    suite["profiles"]["quick"]["settings"]["width"] = 11
    assert width() == 11
    suite["profiles"]["quick"]["systems"]["pagan"] = {"width": 12}
    assert width() == 12
    suite["rows"]["pagan"]["width"] = 13
    assert width() == 13
    suite["rows"]["pagan"]["width"] = None  # written out so that -S can reach it
    assert width() == 12


def test_another_profile_and_another_row_have_no_say(suite: dict[str, Any]) -> None:
    before = params.check(copy.deepcopy(suite)).settings("pagan")
    suite["profiles"]["tiny"]["settings"]["width"] = 11
    suite["rows"]["pagan-l1"]["width"] = 13
    assert params.check(suite).settings("pagan") == before


def test_a_profile_s_settings_reach_only_the_systems_that_have_the_knob(suite: dict[str, Any]) -> None:
    suite["profiles"]["quick"]["settings"]["pad_share"] = 0.25
    checked = params.check(suite)
    assert checked.settings("aug") == {"pad_share": 0.25}
    assert checked.settings("real") == {}


def with_lambda(suite: dict[str, Any]) -> dict[str, Any]:
    """The suite with a system that has λ among its knobs."""
    suite["systems"]["pagan"]["lambda"] = params.TOP_LEVEL
    return suite


def test_a_knob_that_follows_lambda_has_the_value_at_the_top(suite: dict[str, Any]) -> None:
    with_lambda(suite)["lambda"] = 0.7
    assert params.check(suite).settings("pagan")["lambda"] == 0.7
    assert params.check(suite | {"lambda": 1}).settings("pagan-l1")["lambda"] == 1


def test_a_row_may_fix_lambda_for_itself(suite: dict[str, Any]) -> None:
    with_lambda(suite)["rows"]["pagan"]["lambda"] = 0.25
    checked = params.check(suite)
    assert checked.settings("pagan")["lambda"] == 0.25
    assert checked.settings("pagan-l1")["lambda"] == suite["lambda"]


@pytest.mark.parametrize("value", [1.5, -0.1, "x", True, float("nan")])
def test_a_row_s_lambda_keeps_the_range(value: Any, suite: dict[str, Any]) -> None:
    with_lambda(suite)["rows"]["pagan"]["lambda"] = value
    with pytest.raises(UserError, match=r"rows\.pagan\.lambda is .*; give a number in \[0, 1\]"):
        params.check(suite)


def test_asking_for_an_unknown_row_lists_the_known_ones(suite: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=r"the row asked for is 'pagna'; choose .*pagan-l1"):
        params.check(suite).settings("pagna")


@pytest.mark.parametrize(("words", "said"), [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")])
def test_choices_are_said_as_a_sentence(words: list[str], said: str) -> None:
    assert params.or_list(words) == said


def test_systems_are_found_by_listing_the_rooms() -> None:
    assert "pagan" in params.trained_systems()
    assert {"aug", "real"} <= set(params.modelfree_systems())
    assert not set(params.trained_systems()) & set(params.modelfree_systems())


def test_a_stage_is_named_with_the_file_that_holds_it(suite: dict[str, Any]) -> None:
    checked = params.check(suite)
    assert checked.stage("train", "pagan-l1", 2) == "pipeline/pagan/dvc.yaml:train-pagan@pagan-l1-2"
    assert (
        checked.stage("evaluate", "pagan-celeba", 0) == "pipeline/pagan/dvc.yaml:evaluate-pagan-celeba@pagan-celeba-0"
    )


def test_the_first_classifier_that_a_dataset_lists_is_its_own(suite: dict[str, Any]) -> None:
    suite["datasets"]["digits"]["judges"] = ["inception", "vgg", "cnn"]
    suite["datasets"]["mnist"]["judges"] = ["inception"]
    checked = params.check(suite)
    assert checked.own_judge("digits") == "vgg"
    assert checked.own_judge("mnist") is None


def test_a_profile_scales_a_classifier_down_and_the_paper_s_does_not(suite: dict[str, Any]) -> None:
    suite["profiles"]["quick"]["judge"]["vgg"] = {"steps": 7, "strides": "printed"}
    told = params.check(copy.deepcopy(suite)).classifier("vgg")
    assert told == suite["classifiers"]["vgg"] | {"steps": 7, "strides": "printed"}
    paper = params.check(suite | {"profile": "paper"}).classifier("vgg")
    assert paper == suite["classifiers"]["vgg"]
    assert (paper["steps"], paper["batch"], paper["learning_rate"]) == (80_000, 256, 0.1)


def test_the_readme_of_the_weights_tells_of_every_published_file(suite: dict[str, Any]) -> None:
    readme = (Path(__file__).parent.parent / "weights" / "README.md").read_text(encoding="utf-8")
    for name, told in suite["published"].items():
        folder, _, file = told["file"].partition("/")
        assert folder == "weights"
        assert f"| `{name}` | `{file}` |" in readme
        assert f"| `{file}` | `{told['sha256']}` |" in readme
        assert told["url"].endswith(f"/{file}")
