"""Clones at a worker: one for each that works, kept for the next, swept with their commit."""

import json
import os
import subprocess

import pytest
from dvc.fs import localfs
from dvc.rwlock import rwlock

from stages.repro.errand import a_clone, environment


@pytest.fixture
def one(project):
    return project({})


@pytest.fixture
def errand(one, tmp_path):
    return {"source": str(one.path), "scratch": str(tmp_path / "scratch"), "commit": head(one)}


def head(project) -> str:
    return project.run("git", "rev-parse", "HEAD").strip()


def test_two_at_once_have_a_clone_each_and_the_next_has_the_first_again(errand):
    with a_clone(errand) as (first, _), a_clone(errand) as (other, _):
        assert first != other
        assert (first / "source.txt").read_text() == (other / "source.txt").read_text() == "a line\n"
        (first / "kept").touch()
    with a_clone(errand) as (again, _):
        assert again == first
        assert (again / "kept").exists()


def test_a_clone_is_taken_as_long_as_any_process_works_in_it(errand):
    with a_clone(errand) as (first, held):
        left = subprocess.Popen(["sleep", "60"], pass_fds=[held])
    with a_clone(errand) as (other, _):
        assert other != first
    left.kill()
    left.wait()
    with a_clone(errand) as (again, _):
        assert again == first


def test_what_a_killed_worker_kept_from_others_is_free_again(errand):
    killed = subprocess.Popen(["sleep", "60"])
    with a_clone(errand) as (first, _):
        out, kept = str(first / "a.out"), {"pid": killed.pid, "cmd": "a worker"}
        (first / ".dvc/tmp").mkdir(exist_ok=True)
        (first / ".dvc/tmp/rwlock").write_text(json.dumps({"write": {out: kept}}))
    killed.kill()
    os.waitid(os.P_PID, killed.pid, os.WEXITED | os.WNOWAIT)  # dead, yet DVC sees a process of that number
    with a_clone(errand) as (again, _), rwlock(str(again / ".dvc/tmp"), localfs, "another worker", [], [out], False):
        assert again == first
    killed.wait()


def test_half_a_clone_is_made_anew(errand):
    with a_clone(errand) as (first, _):
        pass
    half = first.rename(first.with_suffix(".new"))  # as a worker leaves it that was killed while it cloned
    (half / "source.txt").unlink()
    with a_clone(errand) as (again, _):
        assert (again / "source.txt").exists()
    assert not half.exists()


def test_clones_of_other_commits_are_swept_but_for_those_at_work(errand, one):
    with a_clone(errand) as (old, _):
        one.commit({"source.txt": "another line\n"})
        later = errand | {"commit": head(one)}
        with a_clone(later):
            assert old.exists()
    with a_clone(later) as (new, _):
        assert not old.exists()
        assert (new / "source.txt").read_text() == "another line\n"


def test_a_commit_that_is_not_there_is_named(errand):
    with pytest.raises(RuntimeError, match="git -C failed"), a_clone(errand | {"commit": "0" * 40}):
        pass


def test_the_head_s_number_of_threads_is_the_stage_s(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert environment("2")["OMP_NUM_THREADS"] == "2"
    assert "OMP_NUM_THREADS" not in environment(None)
    assert environment(None)["PATH"].endswith(os.environ["PATH"])
