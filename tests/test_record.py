"""Records: whole or not there, the same bytes for the same facts, and errors that a user can mend."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from stages import record
from stages.door import UserError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write_half(path: Path) -> None:
    path.write_text("half of")
    raise RuntimeError("in the middle")


def test_a_new_file_takes_its_place_only_when_the_block_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "card.json"
    with record.new_file(path) as temporary:
        temporary.write_text("new")
        assert not path.exists()
    assert path.read_text() == "new"
    assert names(path.parent) == ["card.json"]


def test_a_failing_block_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="in the middle"), record.new_file(path) as temporary:
        write_half(temporary)
    assert path.read_text() == "old"
    assert names(tmp_path) == ["card.json"]


def test_a_new_folder_replaces_the_old_one_whole(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "stale.npy").write_text("old")
    with record.new_folder(folder) as temporary:
        (temporary / "fresh.npy").write_text("new")
        assert names(folder) == ["stale.npy"]
    assert names(folder) == ["fresh.npy"]
    assert names(tmp_path) == ["model"]


def test_a_failing_block_leaves_the_old_folder_and_nothing_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "weights").write_text("old")
    with pytest.raises(RuntimeError, match="in the middle"), record.new_folder(folder) as temporary:
        write_half(temporary / "weights")
    assert (folder / "weights").read_text() == "old"
    assert names(tmp_path) == ["model"]


def test_a_failing_block_leaves_no_folder_where_none_was(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match="in the middle"),
        record.new_folder(tmp_path / "runs" / "model") as temporary,
    ):
        write_half(temporary / "weights")
    assert names(tmp_path / "runs") == []


def test_of_two_processes_that_end_at_once_the_last_ones_folder_stays_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, move, others = tmp_path / "data", os.replace, [1, 2]

    def as_another_does_the_same(source: Path, target: Path) -> None:
        if target == folder and others:
            folder.mkdir()
            (folder / f"of-another-{others.pop()}").touch()
        move(source, target)

    with record.new_folder(folder) as temporary:
        (temporary / "ours").touch()
        monkeypatch.setattr(os, "replace", as_another_does_the_same)
    assert names(folder) == ["ours"]
    assert names(tmp_path) == ["data"]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_does_not_have_are_refused(number: float, tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    with pytest.raises(ValueError, match="not JSON compliant"):
        record.write(path, {"FID": {"value": number}})
    assert names(tmp_path) == []


def test_equal_facts_are_equal_bytes(tmp_path: Path) -> None:
    record.write(tmp_path / "a.json", {"λ": 0.3, "rows": ["pagan", {"b": 1, "a": None}]})
    record.write(tmp_path / "b.json", {"rows": ("pagan", {"a": None, "b": 1}), "λ": 0.3})
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert "λ" in (tmp_path / "a.json").read_text(encoding="utf-8")


def test_what_was_written_is_what_is_read(tmp_path: Path) -> None:
    facts = {"value": 1 / 3, "name": "ẑ", "none": None, "list": [1, 2.0, True]}
    record.write(tmp_path / "facts.json", facts)
    assert record.read(tmp_path / "facts.json") == facts


def test_a_digest_depends_on_the_facts_and_not_on_their_order() -> None:
    assert record.digest({"a": 1, "b": 2}) == record.digest({"b": 2, "a": 1})
    assert record.digest({"a": 1, "b": 2}) != record.digest({"a": 2, "b": 1})
    assert re.fullmatch("[0-9a-f]{64}", record.digest({}))


def test_the_digest_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    # The example of FIPS 180-2.
    assert record.file_digest(tmp_path / "x") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_missing_record_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"card\.json is missing"):
        record.read(tmp_path / "card.json")


@pytest.mark.parametrize("content", [b'{"half": ', b"\xff\xfe\x00", b""], ids=["truncated", "not-utf-8", "empty"])
def test_a_broken_record_is_named(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "card.json").write_bytes(content)
    with pytest.raises(UserError, match=r"card\.json is not JSON .*delete it"):
        record.read(tmp_path / "card.json")


def test_provenance_tells_of_the_stage_and_its_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    record.Provenance("train", {"width": 32}, "dvc repro train").write(tmp_path / "provenance.json", seed=7)
    told = json.loads((tmp_path / "provenance.json").read_text(encoding="utf-8"))
    assert (told["stage"], told["command"], told["params"], told["seed"]) == (
        "train",
        "dvc repro train",
        {"width": 32},
        7,
    )
    assert told["params_sha256"] == record.digest({"width": 32})
    assert told["wall_seconds"] >= 0
    assert set(told["libraries"]) == {"python", *record.LIBRARIES}


def test_a_commit_is_told_with_whether_tracked_files_differ_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert record.commit() == "not in a git repository"
    (tmp_path / "code.py").write_text("1")
    who = ["-c", "user.name=Tester", "-c", "user.email=tester@localhost"]
    for words in (["init", "-q"], ["add", "code.py"], [*who, "commit", "-q", "-m", "One"]):
        subprocess.run(["git", *words], check=True)
    assert re.fullmatch("[0-9a-f]{40}", record.commit())
    (tmp_path / "untracked.txt").write_text("x")
    assert re.fullmatch("[0-9a-f]{40}", record.commit())
    (tmp_path / "code.py").write_text("2")
    assert re.fullmatch(r"[0-9a-f]{40}\+changes", record.commit())


def test_what_a_killed_process_left_is_swept_away(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    (tmp_path / f".out.{ended.pid}.tmp").mkdir()
    (tmp_path / ".out.1.tmp").mkdir()  # process 1 is alive
    with record.new_folder(tmp_path / "out"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [".out.1.tmp", "out"]


def test_what_an_earlier_process_of_the_same_number_left_is_swept_away(tmp_path: Path) -> None:
    left = tmp_path / f".out.{os.getpid()}.tmp"  # in a container, a stage often has the number of the one before
    left.mkdir()
    (left / "stale").touch()
    with record.new_folder(tmp_path / "out") as temporary:
        (temporary / "fresh").touch()
    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["fresh"]
