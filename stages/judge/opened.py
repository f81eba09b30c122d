"""The judge in a folder, whichever kind its card says it is."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from stages import record
from stages.door import UserError
from stages.judge.absent import Absent
from stages.judge.classifier import Classifier
from stages.judge.inception import Inception
from stages.params import INCEPTION


class Judge(Protocol):
    card: dict[str, Any]
    suffix: str

    @property
    def name(self) -> str: ...

    def look(self, images: np.ndarray, batch: int = ...) -> tuple[np.ndarray, np.ndarray]:
        """(features, logits) of uint8 NHWC images, in float64; or NotComputed, with the reason."""


def load(folder: Path) -> Judge:
    card = record.read(folder / "card.json")
    if "missing" in card:
        return Absent(card)
    if card["kind"] == "own":
        return Classifier.load(folder)
    if card["network"] == INCEPTION:
        return Inception.load(folder)
    raise UserError(f"{folder} holds {card['network']}, which gives no features to judge by; give another --judge")
