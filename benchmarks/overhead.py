"""Time what a stage costs beside its work: starting and ending Python with torch, and DVC's reading and writing.

    python -m benchmarks.overhead [--rounds 3]

Start-up is measured with the environment's compiled bytecode, without any, and without looking for garbage; the end,
with Python's tidying away and by leaving at once; the first step of an optimiser, as torch's object and through its
functional form; two ways to ask for determinism; params.yaml, read by ruamel.yaml's own parser and by the one in C; the
lock, with the stages of one system in it, with each file that they import, and with the stages of all.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from dvc.utils.serialize import modify_yaml
from ruamel.yaml import YAML

ROWS_OF_A_SYSTEM, ROWS = 3, 31
STAGES_A_ROW = 9  # train, generate and evaluate of three seeds
FILES, LISTED = 22, 3  # deps of a stage: each file that it imports, or one list of them


def started(*options: str, first: str = "", then: str = "") -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, *options, "-c", f"{first}\nimport torch\n{then}"], check=True)


LEAVE = "import os; os._exit(0)"
OBJECT = "p = torch.nn.Parameter(torch.ones(1)); p.grad = torch.ones(1); torch.optim.Adam([p]).step()"
FUNCTIONAL = """
from stages.train.adam import Adam
p = torch.nn.Parameter(torch.ones(1)); Adam([p], 1e-3, (0.9, 0.999)).step([torch.ones(1)])
"""


def read(pure: bool) -> Callable[[], object]:
    text = Path("params.yaml").read_text(encoding="utf-8")
    return lambda: YAML(typ="safe", pure=pure).load(text)


def written(lock: Path, rows: int, deps: int) -> Callable[[], object]:
    """One stage's record put into a lock that holds so many rows, each stage with so many deps."""
    file = {"path": "stages/train/loop.py", "hash": "md5", "md5": "0123456789abcdef0123456789abcdef", "size": 6789}

    def stage() -> dict[str, object]:
        files = [dict(file) for _ in range(deps + 3)]
        return {"cmd": "python -m stages.train", "deps": files[3:], "outs": files[:3]}

    with modify_yaml(lock) as data:
        data["stages"] = {f"train@{number}": stage() for number in range(rows * STAGES_A_ROW)}

    def write() -> None:
        with modify_yaml(lock) as data:
            data["stages"]["train@0"] = stage()

    return write


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "no-bytecode"
        cases = {
            "import torch, bytecode compiled": started(),
            "import torch, without bytecode": started("-B", "-X", f"pycache_prefix={empty}"),
            "import torch, collecting no garbage": started(first="import gc; gc.disable()"),
            "import torch, and leave at once": started(then=LEAVE),
            "and a step of torch.optim.Adam": started(then=OBJECT),
            "and a step of the functional form": started(then=FUNCTIONAL),
            "and torch.use_deterministic_algorithms": started(then="torch.use_deterministic_algorithms(True)"),
            "and its debug mode, the same flag": started(then="torch.set_deterministic_debug_mode('error')"),
            "params.yaml by Python": read(pure=True),
            "params.yaml by C": read(pure=False),
            "a lock of one system": written(Path(folder) / "one.lock", ROWS_OF_A_SYSTEM, LISTED),
            "with every file of code in it": written(Path(folder) / "files.lock", ROWS_OF_A_SYSTEM, FILES),
            "a lock of all rows": written(Path(folder) / "all.lock", ROWS, LISTED),
        }
        times: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(rounds):
            for name, run in cases.items():
                began = time.perf_counter()
                run()
                times[name].append(time.perf_counter() - began)
    for name, found in times.items():
        print(f"{name:40} {statistics.median(found):6.2f} s")


if __name__ == "__main__":
    main()
