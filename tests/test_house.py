"""The plan of the house: who may import whom, and what a package file may hold."""

import ast
from itertools import product
from pathlib import Path

import pytest

from stages import code

ROOT = Path(__file__).parent.parent
FLOOR = {"arrays", "code", "door", "lab", "params", "points", "record", "schema", "sweeps", "weights"}
ROOMS = {"fetch", "judge", "train", "generate", "evaluate", "likelihood", "cost"}
ROOMS |= {"study", "tabulate", "render", "repro"}
ARROWS = {
    ("generate", "train"),
    ("likelihood", "train"),
    ("cost", "train"),
    ("evaluate", "judge"),
    ("study", "judge"),
    ("study", "evaluate"),
}
FILES = sorted((ROOT / "stages").rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(ROOT / "stages").parts[0].removesuffix(".py")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_rooms_are_those_of_the_plan():
    assert {path.name for path in (ROOT / "stages").iterdir() if path.is_dir() and path.name[0] != "_"} == ROOMS


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_stay_in_the_room_or_go_along_an_arrow(path):
    for imported in code.imports_of(path):
        here, there = room(path), room(imported)
        assert here == there or there in FLOOR or (here, there) in ARROWS, f"{name(path)} imports {name(imported)}"


@pytest.mark.parametrize("path", [path for path in FILES if room(path) in FLOOR], ids=name)
def test_the_floor_stands_without_torch(path):
    words = [node.names[0].name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Import)]
    words += [node.module or "" for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    assert not [word for word in words if word.split(".")[0] in ("torch", "torchvision")]


def test_imports_run_in_no_circle():
    above = {path: set(code.imports_of(path)) for path in FILES}
    for _ in FILES:  # the closure: what is reached in any number of steps
        above = {path: seen | {far for near in seen for far in above[near]} for path, seen in above.items()}
    assert not [name(path) for path, seen in above.items() if path in seen]


def test_no_system_imports_another():
    systems = sorted((ROOT / "stages/train/systems").glob("[!_]*.py"))
    assert not [one for one, other in product(systems, systems) if other in set(code.imports_of(one))]


@pytest.mark.parametrize("path", sorted((ROOT / "stages").rglob("__init__.py")), ids=name)
def test_package_files_hold_a_docstring_only(path):
    # because the lists of code leave them out
    docstring, *others = ast.parse(path.read_text()).body
    assert isinstance(docstring, ast.Expr)
    if path.parent.name == "stages":  # and what makes a program load faster, which no result depends on
        collector = 'import gc\nimport sys\nif sys.argv[0] == "-m":\n    gc.disable()'
        assert ast.unparse(others) == ast.unparse(ast.parse(collector).body)
    else:
        assert not others


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=name)
def test_notebooks_are_clean_sources(path):
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)
    assert max(len(cell.source.splitlines()) for cell in cells) <= 8, (
        "a notebook calls stages.render, it does not compute"
    )
