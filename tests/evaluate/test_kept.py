"""What is kept on disk: found again whole, or made anew."""

import os
from pathlib import Path

import numpy as np
import pytest

from stages.door import UserError
from stages.evaluate.kept import code, found_or_made

Arrays = dict[str, np.ndarray]


class Maker:
    def __init__(self, size: int = 4):
        self.size = size
        self.calls = 0

    def __call__(self) -> Arrays:
        self.calls += 1
        return {"features": np.arange(self.size, dtype=np.float32), "logits": np.eye(2)}


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"  # conftest has set SUITE_CACHE to it


def test_it_is_made_once(cache: Path) -> None:
    make = Maker()
    first, second = (found_or_made("a", make) for _ in range(2))
    assert make.calls == 1
    assert set(first) == set(second) == {"features", "logits"}
    assert all(np.array_equal(first[name], second[name]) and first[name].dtype == second[name].dtype for name in first)
    assert [path.name for path in cache.iterdir()] == ["a.npz"]


@pytest.mark.parametrize(
    "harm",
    [
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: b"not a zip of arrays",
        lambda content: content.replace(np.float32(3).tobytes(), np.float32(7).tobytes()),
    ],
    ids=["cut", "empty", "other", "a number changed"],
)
def test_a_broken_file_is_made_anew(cache: Path, harm) -> None:
    make = Maker()
    found_or_made("a", make)
    content = (cache / "a.npz").read_bytes()
    assert harm(content) != content
    (cache / "a.npz").write_bytes(harm(content))
    assert found_or_made("a", make)["features"].tolist() == [0, 1, 2, 3]
    assert make.calls == 2
    found_or_made("a", make)
    assert make.calls == 2


def test_what_fails_leaves_nothing(cache: Path) -> None:
    def fail() -> Arrays:
        raise UserError("no")

    with pytest.raises(UserError, match="no"):
        found_or_made("a", fail)
    assert not cache.exists()


def test_the_files_not_used_for_longest_go_first(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUITE_CACHE_GB", "1e-4")  # 100,000 bytes; a file has 40,000
    for age, name in enumerate("ab"):
        found_or_made(name, Maker(10_000))
        os.utime(cache / f"{name}.npz", (age, age))
    found_or_made("a", Maker())  # used again, so that b is the oldest
    found_or_made("c", Maker(10_000))
    assert sorted(path.stem for path in cache.iterdir()) == ["a", "c"]


def test_a_file_that_fits_in_no_cache_is_not_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUITE_CACHE_GB", "1e-6")
    make = Maker(10_000)
    assert len(found_or_made("a", make)["features"]) == 10_000
    assert list(cache.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SUITE_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(UserError, match=r"cache cannot be written to .*set SUITE_CACHE to another"):
        found_or_made("a", Maker())


def test_the_code_that_makes_it_is_part_of_its_name(tmp_path: Path) -> None:
    makers = []
    for number in (1, 2):
        (tmp_path / f"{number}.py").write_text(f"def make():\n    return {{'a': {number}}}\n")
        scope: dict[str, object] = {}
        exec(compile((tmp_path / f"{number}.py").read_text(), str(tmp_path / f"{number}.py"), "exec"), scope)
        makers.append(scope["make"])
    assert code(makers[0]) != code(makers[1])
