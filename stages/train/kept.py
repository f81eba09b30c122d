"""A trained system taken up again from the folder that this room made: what generating and likelihoods start from."""

from pathlib import Path
from typing import Any

import torch

from stages import record, weights
from stages.door import UserError
from stages.train import contract


def card(folder: Path, row: str, seed: int) -> dict[str, Any]:
    """What the folder says of itself; it must be this row's and seed's."""
    told: dict[str, Any] = record.read(folder / "card.json")
    if (told["row"], told["seed"]) != (row, seed):
        found = f"row {told['row']!r}, seed {told['seed']}"
        raise UserError(f"--model holds {found}; give the folder of row {row!r}, seed {seed}")
    return told


def load(folder: Path, card: dict[str, Any]) -> contract.System:
    path = folder / "weights.safetensors"
    if not path.is_file() or record.file_digest(path) != card["weights_sha256"]:
        raise UserError(f"{path} is not the file that its card describes; train the row again")
    system = contract.build(card["system"], card["settings"], card["shape"])
    system.load_state_dict({name: torch.from_numpy(array) for name, array in weights.load(path).items()})
    return system.eval()
