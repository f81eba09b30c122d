"""A judge that was trained here: what it sees in images, and how it is kept on disk.

A folder holds weights.safetensors and card.json: network, shape, classes, accuracy, data, and the weights' sha256,
by which every number that the judge gives names it.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from stages import record, weights
from stages.door import UserError


def network(name: str) -> Any:
    return import_module(f"stages.judge.networks.{name}")


def to_unit_range(images: Tensor) -> Tensor:
    """uint8 NHWC to float32 NCHW in [-1, 1]."""
    return images.permute(0, 3, 1, 2).float() / 127.5 - 1


class Classifier:
    suffix = "-own"  # of the labels of the metrics that it gives: FID is Inception's alone

    def __init__(self, model: nn.Module, card: dict[str, Any]):
        self.model = model
        self.card = card

    @property
    def name(self) -> str:
        """As reports say it: the data it learned from, the network, and eight letters of its weights' hash."""
        return f"{self.card['title']} {self.card['network'].upper()} ({self.card['weights_sha256'][:8]})"

    @torch.no_grad()
    def look(self, images: np.ndarray, batch: int = 500) -> tuple[np.ndarray, np.ndarray]:
        """(features, logits) of uint8 NHWC images, in float64."""
        if list(images.shape[1:]) != self.card["shape"]:
            raise UserError(
                f"the judge sees images of {self.card['shape']}, these are {list(images.shape[1:])}; "
                "give images of its dataset, or another --judge"
            )
        parts = (torch.from_numpy(np.array(images[at : at + batch])) for at in range(0, len(images), batch))
        seen = [self.model(to_unit_range(part)) for part in parts]
        features, logits = (torch.cat(part).double().numpy() for part in zip(*seen, strict=True))
        return features, logits

    def accuracy(self, images: np.ndarray, labels: np.ndarray) -> float:
        return float((self.look(images)[1].argmax(axis=1) == labels).mean())

    def save(self, folder: Path) -> None:
        path = folder / "weights.safetensors"
        weights.save(path, {name: tensor.numpy() for name, tensor in self.model.state_dict().items()})
        self.card["weights_sha256"] = record.file_digest(path)
        record.write(folder / "card.json", self.card)

    @classmethod
    def load(cls, folder: Path) -> "Classifier":
        card = record.read(folder / "card.json")
        path = folder / "weights.safetensors"
        if not path.is_file() or record.file_digest(path) != card["weights_sha256"]:
            raise UserError(f"{path} is not the file that its card describes; run `dvc repro judge` to make it again")
        height, _, channels = card["shape"]
        model = network(card["network"]).Network(channels, height, card["classes"], card["knobs"])
        model.load_state_dict({name: torch.from_numpy(array) for name, array in weights.load(path).items()})
        return cls(model.eval(), card)
