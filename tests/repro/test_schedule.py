"""Which stage first, and when all are done: worked by hand."""

import json
from types import SimpleNamespace

import pytest

from stages.repro.schedule import to_the_end, wall_seconds
from stages.repro.times import START, Times

# a ► b ► d, and c by itself
GRAPH = {"a": [], "b": ["a"], "c": [], "d": ["b"]}
SECONDS = {"a": 1.0, "b": 2.0, "c": 4.0, "d": 3.0}


def test_the_way_to_the_end_is_the_longest():
    assert to_the_end(GRAPH, SECONDS) == {"a": 6, "b": 5, "c": 4, "d": 3}
    assert to_the_end({"x": [], "short": ["x"], "long": ["x"]}, {"x": 1, "short": 2, "long": 5})["x"] == 6


@pytest.mark.parametrize(
    ("workers", "seconds"),
    [
        (1, 10),  # the sum
        (2, 6),  # a b d on one, c on the other
        (64, 6),  # the longest way
    ],
)
def test_wall_time_on_so_many_workers(workers, seconds):
    assert wall_seconds(GRAPH, SECONDS, workers) == seconds


def test_three_equal_stages_on_two_workers_take_two_rounds():
    assert wall_seconds({"a": [], "b": [], "c": []}, {"a": 2.0, "b": 2.0, "c": 2.0}, 2) == 4


def test_the_longest_way_first_is_better_than_the_order_given():
    # in the order given, 1 and 1 would start and 3 would end at 4
    assert wall_seconds({"a": [], "b": [], "c": []}, {"a": 1.0, "b": 1.0, "c": 3.0}, 2) == 3


def test_dvc_s_own_work_is_one_thing_at_a_time():
    # starts at 1, 2 and 3, each for 10
    assert wall_seconds({"a": [], "b": [], "c": []}, dict.fromkeys("abc", 10.0), 64, turn=1.0) == 13


def test_nothing_to_do_takes_no_time():
    assert wall_seconds({}, {}, 3) == 0


class Stage:
    """As much of one of DVC's as is asked for its times."""

    def __init__(self, name, out="none.txt"):
        self.name, self.addressing, self.outs = name, f"dvc.yaml:{name}", [SimpleNamespace(fs_path=out)]


def test_times_are_recorded_else_of_the_provenance_else_the_kind_s_median(tmp_path):
    provenance = tmp_path / "provenance/train.json"
    provenance.parent.mkdir()
    provenance.write_text(json.dumps({"wall_seconds": 40.0 - START}))
    times = Times(tmp_path / "seconds.json")
    recorded, told = Stage("train-a@1"), Stage("train-a@2", str(provenance))
    unknown, stranger = Stage("train-b@1"), Stage("render@x")
    times.took(recorded.addressing, 20.0)
    times.took(Stage("gone").addressing, 1000.0)
    times.keep()
    found = Times(tmp_path / "seconds.json").of([recorded, told, unknown, stranger])
    assert [found[stage] for stage in (recorded, told, unknown, stranger)] == [20, 40, 30, 30]


def test_without_any_times_all_stages_are_alike(tmp_path):
    (tmp_path / "seconds.json").write_text("{")
    one, other = Stage("a"), Stage("b")
    found = Times(tmp_path / "seconds.json").of([one, other])
    assert found[one] == found[other] > 0
