"""The door as a program: what it is while modules load, and what when the room's work begins."""

import gc
import importlib
import sys
from collections.abc import Iterator

import pytest

import stages
from stages import door


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    yield
    gc.enable()


def test_garbage_is_collected_while_a_room_works_but_not_while_it_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    states = []
    monkeypatch.setattr(door, "leave", lambda: None)
    monkeypatch.setattr(sys, "argv", ["-m"])
    importlib.reload(stages)
    states.append(gc.isenabled())
    door.enter(lambda _: states.append(gc.isenabled()))
    assert states == [False, True]


def test_whoever_imports_a_room_keeps_collecting() -> None:
    importlib.reload(stages)
    assert gc.isenabled()
