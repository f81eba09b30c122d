"""Stages at workers of a Ray cluster: two nodes, which are processes here."""

import threading
from collections.abc import Iterator

import pytest
from ray.cluster_utils import Cluster

from tests.repro.nodes import two_nodes
from tests.repro.small import HEAD, ROOT, SLEEP, sleeping, stage

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:_NoneStep.value:DeprecationWarning"),  # DVC's, of its own library
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))  # the clones of so small a project have no rooms
        with two_nodes() as made:
            yield made


def test_a_run_at_two_nodes_one_of_whose_workers_is_killed(at_hand, cluster, tmp_path, until):
    once = f"(mkdir {tmp_path}/started 2> /dev/null && {' '.join(SLEEP)}; true)"
    side = {"aside": stage("aside", "b")}
    one = at_hand({"a": stage("a", command=once), "b": stage("b"), "c": stage("c", "a", "aside")}, side)
    serial = one.clone("serial")
    (tmp_path / "started").mkdir()  # so that the serial run has nothing to wait for
    serial.serial()
    (tmp_path / "started").rmdir()
    words = [*HEAD, "--engine", "ray", "--settings", one.settings({"address": cluster.address})]

    def kill() -> None:
        (command,) = until(sleeping)
        (worker,) = [above for above in command.parents() if above.name().startswith("ray::")]
        worker.kill()
        until(lambda: not command.is_running())

    killer = threading.Thread(target=kill)
    killer.start()
    told = one.run(*words)
    killer.join()
    assert "4 stages had to run" in told
    assert not one.ran()  # the stages' words are in workers' clones
    assert one.locks() == serial.locks()
    assert one.outs() == serial.outs()
    assert one.unchanged()
    later = one.clone("later")
    assert "0 stages had to run" in later.run(*words)
    assert later.locks() == serial.locks()


def test_it_stops_cleanly(at_hand, cluster, until):
    one = at_hand({"a": stage("a", command=" ".join(SLEEP)), "b": stage("b", "a")})
    head = one.start(*HEAD, "--engine", "ray", "--settings", one.settings({"address": cluster.address}))
    until(sleeping)
    head.terminate()
    said, _ = head.communicate(timeout=60)
    assert head.returncode == 130, said
    until(lambda: not sleeping())
    assert not one.outs()


def test_no_cluster_is_one_line_before_any_job_starts(at_hand):
    one = at_hand({"a": stage("a")})
    head = one.start(*HEAD, "--engine", "ray", "--settings", one.settings({"address": "127.0.0.1:1"}))
    said, _ = head.communicate(timeout=120)
    assert head.returncode == 2, said
    assert said.startswith("error: ENGINE=ray cannot start: ")
    assert len(said.splitlines()) == 1


def test_a_word_that_ray_does_not_know_is_one_line(at_hand, cluster):
    one = at_hand({"a": stage("a")})
    given = one.settings({"address": cluster.address, "all": {"gpus": 1}})
    head = one.start(*HEAD, "--engine", "ray", "--settings", given)
    said, _ = head.communicate(timeout=120)
    assert head.returncode == 2, said
    assert len(said.splitlines()) == 1
    assert "gpus" in said
