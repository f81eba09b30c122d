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
STAGES = Path(__file__).parent.parent


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
    """Of this room's and the floor's files that are loaded, the running door among them.

    A run continued by other code would be neither's.
    """
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    ours = {Path(file).relative_to(STAGES) for file in files if file and Path(file).is_relative_to(STAGES)}
    used = sorted(file for file in ours if file.parts[0] == "train" or len(file.parts) == 1)
    return record.digest([[file.as_posix(), record.file_digest(STAGES / file)] for file in used])
