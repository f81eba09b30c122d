"""Checkpoints, so that a killed run goes on: in a scratch folder that DVC does not know.

DVC deletes a stage's outs before it runs, so a checkpoint cannot be one. The folder is named by a hash of everything
that the run depends on: a run with other settings, data or code never finds it.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

import torch

from stages import record

SCRATCH = Path(".scratch/train")


class Checkpoints:
    def __init__(self, inputs: Any, scratch: Path = SCRATCH):
        self.folder = scratch / record.digest(inputs)[:16]
        self.path = self.folder / "checkpoint.pt"

    def save(self, state: dict[str, object]) -> None:
        with record.new_file(self.path) as temporary:
            torch.save(state, temporary)

    def latest(self) -> Any | None:
        """The last whole checkpoint, if there is one; never a pickle beyond plain values and tensors."""
        if not self.path.is_file():
            return None
        return torch.load(self.path, weights_only=True)

    def clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def code_digest() -> str:
    """Of every module of the suite that is loaded now: a run continued by other code would be neither's."""
    modules = [module for name, module in sys.modules.items() if name.split(".")[0] == "stages"]
    files = sorted(Path(module.__file__) for module in modules if module.__file__)
    return record.digest([[path.name, record.file_digest(path)] for path in files])
