"""Stages at workers that clone the commit: submitit's local jobs here, a Ray cluster in test_ray.py."""

import hashlib
import threading

import pytest
import submitit

from tests.repro.small import HEAD, SLEEP, sleeping, stage

pytestmark = pytest.mark.filterwarnings("ignore:_NoneStep.value:DeprecationWarning")  # DVC's, of its own library


def slurm(project, **settings) -> list[str]:
    """Words that send stages to jobs on this machine."""
    return ["--engine", "slurm", "--settings", project.settings({"cluster": "local"} | settings)]


def submitted(project) -> int:
    return len(list((project.path / ".dvc/tmp/repro/jobs").glob("*_submitted.pkl")))


DIAMOND = {
    "first": stage("first", meta={"here": True}),
    "left": stage("left", "first"),
    "right": stage("right", "first"),
    "both": stage("both", "left", "right"),
}
SIDE = {"aside": stage("aside", "left")}


def test_it_gives_what_dvc_repro_gives_and_a_second_call_submits_nothing(at_hand):
    one = at_hand(DIAMOND | {"last": stage("last", "aside")}, SIDE)
    serial, later = one.clone("serial"), one.clone("later")
    serial.serial()
    told = one.repro(*slurm(one), "--jobs", "3")
    assert "6 stages had to run" in told
    assert one.ran() == ["first"]  # the others' words are in workers' clones
    assert submitted(one) == 5
    assert one.locks() == serial.locks()
    assert one.outs() == serial.outs()
    assert one.unchanged()

    assert "0 of 6 stages have changed" in one.repro(*slurm(one))
    assert submitted(one) == 5
    told = later.repro(*slurm(later))  # which knows nothing but the remote
    assert told.count("restored from the run-cache") == 5
    assert submitted(later) == 0
    assert later.locks() == serial.locks()


def test_two_heads_at_once_corrupt_nothing(at_hand, tmp_path):
    one = at_hand(DIAMOND)
    other = one.clone("other")
    at_once = other.start(*HEAD, *slurm(other), "--jobs", "2")
    one.repro(*slurm(one), "--jobs", "2")
    said, _ = at_once.communicate(timeout=120)
    assert at_once.returncode == 0, said
    assert one.locks() == other.locks()
    assert one.unchanged()
    assert other.unchanged()
    for path in (tmp_path / "remote/files/md5").glob("*/*"):
        assert hashlib.md5(path.read_bytes()).hexdigest() == path.parent.name + path.name.removesuffix(".dir")


def test_a_killed_worker_costs_its_stage_only_and_is_retried(at_hand, monkeypatch, tmp_path, until):
    monkeypatch.setattr(submitit.Job, "_results_timeout_s", 1)  # a killed job's file is waited for as long
    once = f"(mkdir {tmp_path}/started 2> /dev/null && {' '.join(SLEEP)}; true)"
    one = at_hand({"a": stage("a", command=once), "b": stage("b"), "c": stage("c", "a", "b")})

    def kill() -> None:
        (command,) = until(sleeping)
        (worker,) = [above for above in command.parents() if "submitit.core._submit" in above.cmdline()]
        worker.kill()
        until(lambda: not command.is_running())  # nothing goes on without its worker

    killer = threading.Thread(target=kill)
    killer.start()
    told = one.repro(*slurm(one), "--jobs", "2")
    killer.join()
    assert "3 stages had to run" in told
    assert submitted(one) == 4
    assert set(one.outs()) == {"a.out", "b.out", "c.out"}


def test_what_fails_at_a_worker_is_named_with_its_words(at_hand):
    one = at_hand({"bad": stage("bad", command="echo what is wrong; exit 3"), "after": stage("after", "bad")})
    lines = one.repro(*slurm(one), status=1).splitlines()
    assert "    what is wrong" in lines
    assert "failed: bad; its words are in .dvc/tmp/repro/logs/bad.log" in lines
    assert "skipped because of bad: after" in lines
    assert submitted(one) == 1


def test_it_stops_cleanly(at_hand, tmp_path, until, ending):
    one = at_hand({"a": stage("a", command=f"touch {tmp_path}/here && {' '.join(SLEEP)}"), "b": stage("b", "a")})
    head = one.start(*HEAD, *slurm(one))
    until((tmp_path / "here").exists)
    head.send_signal(ending)
    said, _ = head.communicate(timeout=60)
    assert head.returncode == 130, said
    until(lambda: not sleeping())
    assert not one.outs()
    one.commit({"dvc.yaml": (one.path / "dvc.yaml").read_text().replace(" ".join(SLEEP), "true")})
    assert "2 stages had to run" in one.repro(*slurm(one))


def test_a_stage_labelled_so_asks_for_a_gpu_if_the_settings_say_how(at_hand):
    def telling(name: str) -> dict:
        """Writes what submitit sets for its jobs."""
        return {"cmd": f'echo "[$CUDA_VISIBLE_DEVICES]" > {name}.out', "deps": ["source.txt"], "outs": [f"{name}.out"]}

    one = at_hand({"a": telling("a") | {"meta": {"gpu": True}}, "b": telling("b")})
    one.repro(*slurm(one, gpu={"gpus_per_node": 1}), "--jobs", "1")
    assert one.outs() == {"a.out": b"[0]\n", "b.out": b"[]\n"}


def test_a_worker_keeps_its_clone_for_the_next_stage_and_sweeps_those_of_other_commits(at_hand, tmp_path):
    one = at_hand({"a": stage("a"), "b": stage("b", "a")})
    one.repro(*slurm(one), "--jobs", "1")
    (before,) = tmp_path.glob("scratch/*/*/[0-9]")
    one.commit({"source.txt": "another line\n"})
    one.repro(*slurm(one), "--jobs", "1")
    (after,) = tmp_path.glob("scratch/*/*/[0-9]")
    assert after != before


def refused(project, *words: str) -> str:
    told = project.repro(*words, status=2)
    assert len(told.splitlines()) == 1
    assert not submitted(project)
    assert not project.ran()
    return told


def test_what_is_wrong_is_one_line_before_any_job_starts(at_hand, tmp_path, monkeypatch):
    one = at_hand({"a": stage("a", meta={"here": True})})
    assert "ENGINE is 'dask'; choose local, slurm or ray" in refused(one, "--engine", "dask")
    assert "JOBS is '0'" in refused(one, *slurm(one), "--jobs", "0")
    assert "Parameter 'tim' need to be prefixed" in refused(one, *slurm(one, all={"tim": 3}))
    assert "is not a known key; choose address, all, cluster" in refused(one, *slurm(one, gpus=1))
    assert "none.yaml cannot be read" in refused(one, "--engine", "slurm", "--settings", "none.yaml")
    assert "ENGINE=slurm cannot start: " in refused(one, "--engine", "slurm")  # no sbatch here

    (one.path / "source.txt").write_text("a line that no worker would see\n")
    assert "source.txt is not committed" in refused(one, *slurm(one))
    one.run("git", "checkout", "-q", "source.txt")
    (one.path / "stages").mkdir()
    (one.path / "stages/new.py").write_text("")
    assert "stages/new.py is not committed" in refused(one, *slurm(one))
    (one.path / "stages/new.py").unlink()

    bare = one.clone("bare")
    bare.commit({"more.txt": ""})
    assert f"no branch of {one.path} ends at " in refused(bare, *slurm(bare, source=str(one.path)))

    (tmp_path / "remote").rmdir()
    assert f"remote ours is gone: {tmp_path}/remote is no folder" in refused(one, *slurm(one))
    (tmp_path / "remote").write_text("")
    assert "is gone" in refused(one, *slurm(one))
    one.commit({".dvc/config": "[core]\n    remote = ours\n['remote \"ours\"']\n    url = http://localhost/remote\n"})
    assert "plain HTTP" in refused(one, *slurm(one))
    one.commit({".dvc/config": "[core]\n    analytics = false\n"})
    assert "no DVC remote is set" in refused(one, *slurm(one))
    one.commit({".dvc/config": "[core]\n    remote = ours\n['remote \"ours\"']\n    url = /proc\n"})
    assert "remote ours at /proc takes no files" in refused(one, *slurm(one))
    one.commit({".dvc/config": "[core]\n    remote = ours\n['remote \"ours\"']\n    url = gs://ours\n"})
    assert "the DVC remote cannot be used: gs is supported, but requires" in refused(one, *slurm(one))


def test_a_missing_library_is_one_line_that_names_its_mend(at_hand, tmp_path, monkeypatch):
    one = at_hand({"a": stage("a")})
    for name, engine in (("submitit", "slurm"), ("ray", "ray")):
        monkeypatch.setitem(__import__("sys").modules, name, None)
        monkeypatch.delitem(__import__("sys").modules, f"stages.repro.engines.{engine}", raising=False)
        told = refused(one, *slurm(one), "--engine", engine)
        assert f"ENGINE={engine} needs {name}, which is not installed; `make setup ENGINE={engine}` installs it" in told
