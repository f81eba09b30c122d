"""The generator as it is at several moments of its training, for what is measured along a run (BEGAN's FID).

Each is kept as a file of its own as soon as it is there, beside the checkpoint: a run that is killed and goes on has
them all, and a checkpoint stays as small as it was.
"""

import shutil
from pathlib import Path

import torch

from stages import weights
from stages.train.contract import System
from stages.train.loop import Run

FOLDER = "snapshots"  # in the folder of a trained model


def moments(times: int, iterations: int, log_every: int) -> list[int]:
    """Of the iterations at which an interval of the log ends, those nearest to so many even steps; the last is the end.

    What was logged at a moment is then a mean over the interval before it.
    """
    ends = [*range(log_every, iterations, log_every), iterations]
    wanted = [iterations * step / times for step in range(1, times + 1)]
    return sorted({min(ends, key=lambda end: abs(end - moment)) for moment in wanted})


def file(folder: Path, moment: int) -> Path:
    return folder / f"{moment}.safetensors"


def keep(run: Run, folder: Path) -> None:
    kept = {name: tensor.detach().cpu().numpy() for name, tensor in run.system.generator.state_dict().items()}
    weights.save(file(folder, run.progress.iteration), kept)


def collect(folder: Path, times: list[int], model: Path) -> None:
    """Into the folder of the trained model."""
    for moment in times:
        (model / FOLDER).mkdir(exist_ok=True)
        shutil.copyfile(file(folder, moment), file(model / FOLDER, moment))


def turn_back(system: System, model: Path, moment: int) -> None:
    """Give the system the generator that it had."""
    arrays = weights.load(file(model / FOLDER, moment))
    system.generator.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
