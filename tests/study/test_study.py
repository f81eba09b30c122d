"""The door: each study by its name, at the tiny profile's sizes, into the same bytes every time."""

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from stages import code, params, pipeline, record
from stages.door import UserError
from stages.study.__main__ import main

ROOT = Path(__file__).parents[2]
NAMES = params.studies()
Run = Callable[..., Path]


@pytest.fixture
def run(tiny_params: Path, digits: Path, judge: Path, tmp_path: Path) -> Run:
    def run(name: str, *arguments: str, out: str = "out.json") -> Path:
        folders = ["--data", str(digits), "--judge", str(judge), "--papers", str(ROOT / "papers")]
        main(["--params", str(tiny_params), "--name", name, *folders, "--out", str(tmp_path / out), *arguments])
        return tmp_path / out

    return run


def test_the_studies_are_those_of_the_folder() -> None:
    assert NAMES == [
        "age-theory",
        "alpha-gan-noise",
        "began-control",
        "contradictions",
        "ijae-figure1",
        "pagan-figure3",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_study_gives_the_same_bytes_twice(run: Run, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    once = run(name, out="once.json")
    line = capsys.readouterr().out
    assert line.startswith(f"{once}: ")
    assert line.count("\n") == 1
    assert once.read_bytes() == run(name, out="twice.json").read_bytes()


def test_figure_1_has_an_entry_a_divergence(run: Run) -> None:
    told = record.read(run("ijae-figure1"))
    assert set(told) == {"jeffreys", "forward-kl", "reverse-kl", "jsd"}
    for entry in told.values():
        first_mean, _, second_mean, _ = entry["theta"]
        assert first_mean <= second_mean
        assert entry["value"] > 0
        assert len(entry["estimates"]) == 4


def test_provenance_tells_the_sizes_and_the_command(run: Run, declared: dict[str, Any], tmp_path: Path) -> None:
    run("age-theory", "--provenance", str(tmp_path / "where.json"))
    told = record.read(tmp_path / "where.json")
    assert told["stage"] == "study"
    assert told["params"] == declared["profiles"]["tiny"]["studies"]["age-theory"]
    assert told["command"] == "dvc repro study-age-theory"


def test_results_tell_nothing_of_when_and_where(run: Run, tmp_path: Path) -> None:
    text = run("pagan-figure3").read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    assert "wall_seconds" not in text


def test_an_unknown_study_is_answered_with_the_known_ones(
    refusal: Callable[..., str], tiny_params: Path, tmp_path: Path
) -> None:
    line = refusal(main, "--params", tiny_params, "--name", "figure-2", "--out", tmp_path / "out.json")
    assert f"--name is 'figure-2'; choose {', '.join(NAMES[:-1])} or {NAMES[-1]}" in line


@pytest.mark.parametrize(("name", "need"), [("began-control", "data"), ("pagan-figure3", "data")])
def test_a_study_says_which_folder_it_needs(
    refusal: Callable[..., str], tiny_params: Path, tmp_path: Path, name: str, need: str
) -> None:
    line = refusal(main, "--params", tiny_params, "--name", name, "--out", tmp_path / "out.json")
    assert f"--{need} is missing: {name} needs a folder that fetch made" in line
    assert not (tmp_path / "out.json").exists()


def test_a_missing_judge_is_told(refusal: Callable[..., str], tiny_params: Path, digits: Path, tmp_path: Path) -> None:
    where = ["--params", tiny_params, "--data", digits, "--out", tmp_path / "out.json"]
    line = refusal(main, "--name", "pagan-figure3", *where)
    assert "--judge is missing: pagan-figure3 needs a folder that judge made" in line
    assert "--papers is missing: contradictions needs the folder papers" in refusal(
        main, "--name", "contradictions", *where
    )


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ({"tempo": 3}, r"profiles\.tiny\.studies\.age-theory\.tempo is not a known key; choose batch, latent"),
        ({"batch": None}, r"profiles\.tiny\.studies\.age-theory\.batch is missing; add it"),
        ({"batch": 0}, r"profiles\.tiny\.studies\.age-theory\.batch is 0; give a whole number of at least 1"),
    ],
)
def test_a_wrong_size_is_named(
    tiny: dict[str, Any],
    write_params: Callable[[Any], Path],
    tmp_path: Path,
    edit: dict[str, Any],
    told: str,
) -> None:
    sizes = tiny["profiles"]["tiny"]["studies"]["age-theory"] | edit
    tiny["profiles"]["tiny"]["studies"]["age-theory"] = {key: size for key, size in sizes.items() if size is not None}
    path = write_params(tiny)
    with pytest.raises(UserError, match=told):
        main(["--params", str(path), "--name", "age-theory", "--out", str(tmp_path / "out.json")])


def test_a_profile_has_the_sizes_of_every_study_and_of_no_other(suite: dict[str, Any]) -> None:
    sizes = suite["profiles"]["tiny"]["studies"]
    kept = sizes.pop("ijae-figure1")
    with pytest.raises(UserError, match=r"profiles\.tiny\.studies\.ijae-figure1 is missing; add it"):
        params.check(suite)
    sizes |= {"ijae-figure1": kept, "figure-2": {}}
    with pytest.raises(UserError, match=r"profiles\.tiny\.studies: a key is 'figure-2'; choose age-theory"):
        params.check(suite)


@pytest.mark.parametrize("name", NAMES)
def test_quick_and_paper_have_the_same_scale_and_tiny_no_more(declared: dict[str, Any], name: str) -> None:
    quick, paper, tiny = (declared["profiles"][profile]["studies"][name] for profile in ("quick", "paper", "tiny"))
    assert quick == paper
    assert quick.keys() == tiny.keys()
    assert all(tiny[key] < quick[key] for key in quick)


def test_figure_1_is_at_the_paper_s_scale(declared: dict[str, Any]) -> None:
    sizes = declared["profiles"]["quick"]["studies"]["ijae-figure1"]
    assert sizes == {"restarts": 50, "steps": 10_000, "batch": 1_000, "last_batch": 100_000}


@pytest.mark.parametrize("name", NAMES)
def test_a_stage_reads_what_its_study_needs_and_no_more(name: str) -> None:
    stage = pipeline.studies()[f"study-{name}"]
    needs = import_module(f"stages.study.studies.{name.replace('-', '_')}").NEEDS
    folders = {"data": "data/${use[0]}", "judge": "judges/${use[0]}", "papers": "papers"}
    given = [folders[need] for need in needs if need in folders]
    assert stage["deps"] == [*given, f"code/study-{name}.sha256"]
    for need, folder in folders.items():
        assert (f" --{need} {folder}" in stage["cmd"]) == (need in needs)
    listed = code.files(*code.kinds()[f"study-{name}"])
    studies = [path for path in listed if path.startswith("stages/study/studies/")]
    assert studies == [f"stages/study/studies/{name.replace('-', '_')}.py"]
    assert stage["outs"] == [f"studies/{name}.json", f"studies/provenance/{name}.json"]
    assert f"profiles.${{profile}}.studies.{name}" in stage["params"]
    assert ("systems" in stage["params"]) == ("suite" in needs)


def test_results_are_read_back_as_json(run: Run) -> None:
    assert json.loads(run("began-control").read_text(encoding="utf-8"))["facts"]["trace_D_delay"] == 666
