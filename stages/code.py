"""List the code that each kind of stage runs: `python -m stages.code --out code`.

A stage depends on its own list, code/<kind>.sha256, so it runs again when a file that it imports has changed and not
for a stranger's comment. The lists are read off the import statements, each time that a file in stages/ changes. They
stand between the files and the stages because DVC rewrites a lock file after every stage: with thirty files to a stage
in it, that took longer than many a training. `sha256sum --check code/evaluate.sha256` reads them.
"""

import ast
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from stages import door, params, record

ROOT = Path(__file__).parent.parent
# Doors that open their neighbours by name, which params.yaml or a folder's listing gives.
BY_NAME = {"judge/classifier": ("judge", "networks"), "evaluate/__main__": ("evaluate", "metrics")}


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.code", __doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to make: a file a kind of stage")
    args = parser.parse_args(argv)
    found = kinds()
    digest = cache(record.file_digest)  # most files are in many lists
    with record.new_folder(args.out) as folder:
        for kind, modules in found.items():
            lines = [f"{digest(ROOT / path)}  {path}\n" for path in files(*modules)]
            (folder / f"{kind}.sha256").write_text("".join(lines), encoding="utf-8")
    door.say(f"{args.out}: the code of {len(found)} kinds of stages")


def kinds() -> dict[str, list[str]]:
    """{kind of stage: the modules of stages/ that it starts from}."""
    trained, modelfree = params.trained_systems(), params.modelfree_systems()
    return {
        **{f"fetch-{name}": ["fetch/__main__", f"fetch/{name}"] for name in params.files_in("fetch")},
        "judge": ["judge/__main__"],
        "published": ["judge/published"],
        **{f"study-{name}": ["study/__main__", f"study/studies/{name.replace('-', '_')}"] for name in params.studies()},
        **{f"train-{name}": ["train/__main__", f"train/systems/{name}"] for name in trained},
        **{f"generate-{name}": ["generate/__main__", f"train/systems/{name}"] for name in trained},
        **{f"generate-{name}": ["generate/__main__", f"generate/modelfree/{name}"] for name in modelfree},
        **{f"likelihood-{name}": ["likelihood/__main__", f"train/systems/{name}"] for name in trained},
        "evaluate": ["evaluate/__main__"],
        "cost": ["cost/__main__", *(f"train/systems/{name}" for name in params.TIMED)],
        "tabulate": ["tabulate/__main__"],
        "render": ["render/__main__", "render/report"],
    }


def files(*modules: str) -> list[str]:
    """The suite's files that these modules of stages/ import, however deep, with themselves; as paths from the root."""
    found: set[Path] = set()
    waiting = [in_stages(module) for module in modules]
    by_name = {in_stages(module): folder for module, folder in BY_NAME.items()}
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        waiting += imports_of(path)
        if path in by_name:
            folder = by_name[path]
            waiting += [in_stages("/".join([*folder, name])) for name in params.files_in(*folder)]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def in_stages(module: str) -> Path:
    return ROOT / "stages" / f"{module}.py"


@cache
def imports_of(path: Path) -> list[Path]:
    """Files of stages/ that one file's import statements name. `__init__.py` holds a docstring only, and is none."""
    found = []
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise door.UserError(f"{path.relative_to(ROOT)}, line {error.lineno}: {error.msg}; mend it") from error
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            file = ROOT.joinpath(*name.split(".")).with_suffix(".py")
            if name.startswith("stages.") and file.is_file():
                found.append(file)
    return found


if __name__ == "__main__":
    door.enter(main)
