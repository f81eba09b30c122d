"""The whole tiny suite with many stages at once, here and on both kinds of cluster, against the serial run's bytes.

A lock file holds the digest of every out, provenance too, whose clock the clone has stopped; that the outs are what it
says, `dvc status` tells.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.repro.nodes import two_nodes

pytestmark = pytest.mark.slow
HEAD = (sys.executable, "-m", "stages.repro")
HERE = 5  # stages that no engine sends away: code, two datasets and the two published judges


@pytest.fixture
def fresh(clone, tmp_path):
    """The clone's first commit, where nothing has run; workers keep their clones in a folder of the test's own."""
    path = tmp_path / "fresh"
    subprocess.run(["git", "clone", "-q", clone.path, path], check=True)
    made = type(clone)(path)
    made.trace = clone.trace
    made.run("git", "checkout", "-q", "HEAD~1")
    made.run("dvc", "remote", "add", "--local", "-d", "ours", str(tmp_path / "remote"))
    (tmp_path / "remote").mkdir()
    return made


def same_as_serial(fresh, clone) -> None:
    names = clone.run("git", "ls-files", "--", "dvc.lock", "pipeline/*/dvc.lock").split()
    assert len(names) == 5  # the frame's, and one a system of the suite
    assert {name: (fresh.path / name).read_text() for name in names} == {
        name: clone.run("git", "show", f"HEAD:{name}") for name in names
    }
    assert "up to date" in fresh.run("dvc", "status")


def settings(tmp_path: Path, **given: str) -> str:
    path = tmp_path / "settings.yaml"
    path.write_text("".join(f"{key}: {value}\n" for key, value in given.items()))
    return str(path)


def test_two_stages_at_once(fresh, clone):
    told = fresh.run(*HEAD, "--jobs", "2")
    assert f"{clone.first.count('Running stage')} stages had to run" in told
    same_as_serial(fresh, clone)


def test_three_jobs_of_submitit(fresh, clone, tmp_path):
    given = settings(tmp_path, cluster="local", scratch=str(tmp_path / "scratch"))
    fresh.run(*HEAD, "--engine", "slurm", "--jobs", "3", "--settings", given)
    same_as_serial(fresh, clone)
    jobs = list((fresh.path / ".dvc/tmp/repro/jobs").glob("*_submitted.pkl"))
    assert len(jobs) == clone.first.count("Running stage") - HERE
    assert len(list((tmp_path / "scratch").glob("*/*/[0-9]"))) == 3


def test_two_nodes_of_ray(fresh, clone, tmp_path):
    with two_nodes() as cluster:
        given = settings(tmp_path, address=cluster.address, scratch=str(tmp_path / "scratch"))
        fresh.run(*HEAD, "--engine", "ray", "--settings", given)
    same_as_serial(fresh, clone)
    assert len(list((tmp_path / "scratch").glob("*/*/[0-9]"))) == 2
