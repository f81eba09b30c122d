"""The lists of code. That they are what stages import is seen in end_to_end/test_repro.py."""

import hashlib
from pathlib import Path

import pytest
import yaml

from stages import code
from stages.door import UserError

ROOT = Path(__file__).parent.parent


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A project of three files: a imports b, b imports c and, by a longer way round, a."""
    stages = tmp_path / "stages"
    stages.mkdir()
    (stages / "__init__.py").write_text("")
    (stages / "a.py").write_text("import json\nfrom stages import b\n")
    (stages / "b.py").write_text("def late():\n    from stages.c import thing\n    import stages.a\n")
    (stages / "c.py").write_text("thing = 1\n")
    (stages / "d.py").write_text("# nobody's\n")
    monkeypatch.setattr(code, "ROOT", tmp_path)
    code.imports_of.cache_clear()
    yield stages
    code.imports_of.cache_clear()


def test_imports_are_followed_however_deep_and_in_circles(house):
    assert code.files("a") == ["stages/a.py", "stages/b.py", "stages/c.py"]
    assert code.files("c") == ["stages/c.py"]


def test_a_file_that_python_cannot_read_is_named(house):
    (house / "c.py").write_text("def (:\n")
    with pytest.raises(UserError, match=r"stages/c\.py, line 1: .*; mend it"):
        code.files("a")


def test_the_door_writes_what_sha256sum_would(tmp_path):
    code.main(["--out", str(tmp_path / "code")])
    lists = {path.stem: path.read_text() for path in (tmp_path / "code").iterdir()}
    assert set(lists) == set(code.kinds())
    for line in lists["train-pagan"].splitlines():
        digest, path = line.split("  ")
        assert digest == hashlib.sha256((ROOT / path).read_bytes()).hexdigest()


def test_what_is_opened_by_name_is_listed():
    assert "stages/evaluate/metrics/rid.py" in code.files("evaluate/__main__")
    assert "stages/judge/networks/vgg.py" in code.files("evaluate/__main__")
    assert "stages/judge/networks/vgg.py" not in code.files("judge/published")


def test_a_system_s_list_holds_no_other_system():
    listed = code.files(*code.kinds()["train-ijae"])
    assert [path for path in listed if "/systems/" in path] == ["stages/train/systems/ijae.py"]


def test_every_kind_is_a_dep_of_some_stage_and_the_other_way_round():
    named = set()
    for path in [ROOT / "dvc.yaml", *(ROOT / "pipeline").rglob("dvc.yaml")]:
        for stage in yaml.safe_load(path.read_text())["stages"].values():
            named |= {dep for dep in stage["deps"] if dep.startswith("code/")}
    kinds = set(code.kinds())
    datasets = {kind for kind in kinds if kind.startswith("fetch-")}
    estimable = {kind for kind in kinds if kind.startswith("likelihood-")}  # of which likelihood.rows names some
    named.remove("code/fetch-${item.dataset}.sha256")
    assert {f"code/{kind}.sha256" for kind in kinds - datasets - estimable} <= named
    assert named <= {f"code/{kind}.sha256" for kind in kinds}
