"""Many stages at once on this machine give what `dvc repro` gives, whatever happens on the way."""

import os
import pty
import termios

import psutil
import pytest
import yaml

from tests.repro.small import HEAD, stage

pytestmark = pytest.mark.filterwarnings("ignore:_NoneStep.value:DeprecationWarning")  # DVC's, of its own library


def meeting(name: str, other: str) -> str:
    """A command that ends well only when `other` has started too."""
    wait = f"for i in $(seq 300); do test -e {other}.here && break; sleep 0.1; done"
    return f"touch {name}.here; {wait}; test -e {other}.here"


# In the order of the plan, the first stage of each file is the last to end.
DIAMOND = {
    "slow": stage("slow", command="sleep 1.5"),
    "quick": stage("quick"),
    "both": stage("both", "slow", "quick", "left", "right"),
}
SIDE = {"left": stage("left", "quick", command="sleep 1"), "right": stage("right", "quick")}


def test_it_gives_the_lock_files_and_outs_of_dvc_repro(project):
    one = project(DIAMOND, SIDE)
    other = one.clone("serial")
    told = one.repro("--jobs", "3")
    other.serial()
    assert "5 stages had to run" in told
    assert one.ran() != other.ran()  # else their order would be no test
    assert one.ran()[-1] == "both"
    assert set(one.locks()) == {"dvc.lock", "pipeline/side/dvc.lock"}
    assert one.locks() == other.locks()
    assert one.outs() == other.outs()
    assert one.unchanged()
    told = one.repro("--jobs", "3")
    assert told.startswith("0 of 5 stages have changed")
    assert len(one.ran()) == 5


def test_a_lock_file_that_was_there_keeps_its_order(project):
    one = project({"z": stage("z")})
    one.repro()
    stages = {"a": stage("a", command="sleep 0.5"), "b": stage("b"), "z": stage("z")}
    one.commit(
        {"dvc.yaml": yaml.safe_dump({"stages": stages}, sort_keys=False, width=1000), "source.txt": "another line\n"}
    )
    other = one.clone("serial")
    one.repro("--jobs", "3")
    other.serial()
    assert list(yaml.safe_load(one.locks()["dvc.lock"])["stages"]) == ["z", "a", "b"]
    assert one.locks() == other.locks()


def test_stages_run_at_the_same_time_and_no_more_than_asked(project):
    three = {name: stage(name, command=meeting(name, other)) for name, other in ("ab", "ba")}
    three["c"] = stage("c", command="test ! -e a.here -o -e a.out -o -e b.out")
    one = project(three)
    assert "3 stages had to run" in one.repro("--jobs", "2")


def test_what_ran_elsewhere_comes_from_the_run_cache(project):
    one = project(DIAMOND, SIDE)
    one.repro("--jobs", "3")
    for path in [*one.path.glob("*.out"), *one.path.rglob("dvc.lock")]:
        path.unlink()
    told = one.repro("--jobs", "3")
    assert "0 stages had to run" in told
    assert told.count("restored from the run-cache") == 5
    assert len(one.outs()) == 5


FAILING = {
    "bad": stage("bad", command="echo what is wrong; exit 3"),
    "after": stage("after", "bad"),
    "last": stage("last", "after", "good"),
    "good": stage("good", command="sleep 0.5"),
    "better": stage("better", "good"),
}


def test_what_failed_and_what_was_skipped_is_named_and_all_else_runs(project):
    one = project(FAILING)
    told = one.repro("--jobs", "2", status=1)
    assert one.ran() == ["good", "better"]
    lines = told.splitlines()
    assert "    what is wrong" in lines
    assert "failed: bad; its words are in .dvc/tmp/repro/logs/bad.log" in lines
    assert "skipped because of bad: after, last" in lines
    one.mend("exit 3", "true")
    assert "3 stages had to run" in one.repro("--jobs", "2")
    assert one.ran() == ["good", "better", "bad", "after", "last"]
    assert one.unchanged()


def half_written(name: str) -> dict:
    """Writes half its out, its temporary file too, then has a child that does not end by itself."""
    return stage(
        name, command=f"echo half > {name}.out && mkdir -p .{name}.out.1.tmp && touch {name}.here && sleep 1000"
    )


def children_of(project) -> list[psutil.Process]:
    return [process for process in psutil.process_iter(["cwd"]) if process.info["cwd"] == str(project.path)]


def test_it_stops_cleanly_and_goes_on_afterwards(project, until, ending):
    one = project({"done": stage("done"), "a": half_written("a"), "b": half_written("b"), "c": stage("c", "a")})
    head = one.start(*HEAD, "--jobs", "3")
    until(lambda: one.ran() and (one.path / "a.here").exists() and (one.path / "b.here").exists())
    head.send_signal(ending)
    said, _ = head.communicate(timeout=60)
    assert head.returncode == 130, said
    assert "Traceback" not in said
    assert not children_of(one)
    assert not [path.name for path in one.path.iterdir() if path.name.startswith((".a", ".b", "a.out", "b.out"))]
    assert (one.path / ".dvc/tmp/rwlock").read_text() in ("{}", '{"write": {}}', '{"read": {}}')
    assert set(one.outs()) == {"done.out"}
    assert b"  done:" in one.locks()["dvc.lock"]
    one.mend("sleep 1000", "true")
    assert "3 stages had to run" in one.repro("--jobs", "3")


def test_what_a_killed_run_had_done_is_not_done_again(project, until, tmp_path):
    one = project({"done": stage("done"), "next": half_written("next")})
    with (tmp_path / "told.txt").open("w") as told:
        head = one.start(*HEAD, "--jobs", "2", stdout=told)
    until(lambda: (one.path / "next.here").exists() and "done: ran" in (tmp_path / "told.txt").read_text())
    head.kill()
    head.wait()
    for process in children_of(one):
        process.kill()
    assert not one.locks()
    one.mend("sleep 1000", "true")
    told = one.repro("--jobs", "2")
    assert "done: restored from the run-cache" in told
    assert "1 stage had to run" in told
    assert one.unchanged()


def test_a_second_head_in_the_folder_is_refused(project, until):
    one = project({"long": stage("long", command="touch here && sleep 1000")})
    head = one.start(*HEAD)
    until((one.path / "here").exists)
    assert one.repro(status=2) == "error: another run of many stages is at work in this folder; wait for its end\n"
    head.terminate()
    head.communicate(timeout=60)


@pytest.mark.parametrize("jobs", ["0", "-1", "two", "1.5"])
def test_a_bad_number_of_jobs_is_one_line(project, jobs):
    one = project({"a": stage("a")})
    assert one.repro(f"--jobs={jobs}", status=2) == f"error: JOBS is '{jobs}'; give a whole number of at least 1\n"
    assert not one.ran()


def test_a_bad_pipeline_is_one_line(project):
    one = project({"a": stage("a", "b"), "b": stage("b", "a")})
    told = one.repro(status=2)
    assert told.startswith("error: ")
    assert len(told.splitlines()) == 1


def test_the_longest_way_goes_first_by_what_was_recorded(project):
    stages = {"a": stage("a"), "b": stage("b"), "c": stage("c", command="sleep 4")}
    one = project(stages)
    one.repro("--jobs", "1")
    one.commit({"source.txt": "another line\n"})
    (one.path / "ran.txt").unlink()
    one.repro("--jobs", "1")
    assert one.ran()[0] == "c"  # of the others one has paid for what the first command of a process imports


def test_a_terminal_shows_how_far_it_is_and_when_it_ends(project):
    one = project({"a": stage("a", command="sleep 1.5"), "b": stage("b")})
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 120))
    head = one.start(*HEAD, "--jobs", "2", stdout=theirs, stderr=theirs, stdin=theirs)
    os.close(theirs)
    shown = ""
    while head.poll() is None:
        try:
            shown += os.read(ours, 65536).decode()
        except OSError:  # how Linux says that nobody writes any more
            break
    os.close(ours)
    assert head.wait() == 0
    assert "\r" in shown
    assert "1 of 2 |" in shown
    assert "s to go, running a " in shown
