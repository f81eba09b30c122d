"""What metrics look at: a run's arrays, and what a judge sees in each of them, computed once for all metrics.

Arrays by name: samples; originals, their reconstructions, and their codes; reference, the images that samples are
compared with; test, the dataset's test images. A folder of arrays may hold others, for metrics that need them.
"""

import copy
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from stages import arrays
from stages.door import UserError
from stages.evaluate import kept
from stages.judge.opened import Judge
from stages.params import Evaluate

IMAGES = ("samples", "originals", "reconstructions", "reference", "test")


class Seen:
    def __init__(
        self,
        paths: dict[str, Path],
        settings: Evaluate,
        judge: Judge | None = None,
        card: dict[str, Any] | None = None,
        trunk: Path | None = None,
    ):
        self.paths = paths
        self.settings = settings
        self.judge = judge
        self.card = card or {}  # of the folder of arrays, where it has one
        self.trunk = trunk  # the folder of the network on which LPIPS stands
        self.digest = cache(self._digest)
        self.look = cache(self._look)

    def through(self, judge: Judge | None) -> "Seen":
        """The same arrays in a judge's eyes."""
        view = copy.copy(self)
        view.judge = judge
        view.look = cache(view._look)
        return view

    def has(self, name: str) -> bool:
        return name in self.paths and self.paths[name].is_file()

    def images(self, name: str) -> np.ndarray:
        """uint8 [n, h, w, c]."""
        return arrays.load(self.paths[name])

    def several(self, name: str) -> np.ndarray:
        """uint8 [n, k, h, w, c]: k images for each of the originals."""
        return arrays.load(self.paths[name], dimensions=5)

    def along(self) -> Iterator[tuple[int, np.ndarray]]:
        """Iterations of the training, and the features [n, features] of samples by the generator of that moment."""
        if self.card.get("snapshots") and self.has("snapshots"):
            for iteration, images in zip(self.card["snapshots"], self.several("snapshots"), strict=True):
                yield iteration, self.looked("snapshots", images)["features"]

    def codes(self) -> np.ndarray:
        """float32 [n, latent], of the originals."""
        return self.numbers("codes")

    def numbers(self, name: str) -> np.ndarray:
        """float32 [n, d]."""
        return arrays.load(self.paths[name], dtype=np.float32, dimensions=2)

    def labels(self, name: str) -> np.ndarray:
        """int64 [n]."""
        return arrays.load(self.paths[name], dtype=np.int64, dimensions=1)

    def features(self, name: str) -> np.ndarray:
        """[n, features] in float64."""
        return self.single(name).astype(np.float64)

    def single(self, name: str) -> np.ndarray:
        """[n, features] in float32, which networks compute in: for what need not hold a large set in double."""
        return self.look(name)["features"]

    def logits(self, name: str) -> np.ndarray:
        """[n, classes] in float64."""
        return self.look(name)["logits"].astype(np.float64)

    def kept(self, name: str, what: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """What is made of a set in the judge's eyes; found again by content if the set is worth it (see kept.py)."""
        assert self.judge is not None
        weights = self.judge.card["weights_sha256"]
        if weights is None or len(self.images(name)) < kept.LEAST:
            return make()
        return kept.found_or_made(f"{what}-{kept.code(make)}-{weights[:16]}-{self.digest(name)[:32]}", make)

    def _look(self, name: str) -> dict[str, np.ndarray]:
        return self.kept(name, "look", lambda: self.looked(name, self.images(name)))

    def looked(self, name: str, images: np.ndarray) -> dict[str, np.ndarray]:
        """What the judge sees in these images of that array."""
        assert self.judge is not None
        features, logits = self.judge.look(images)
        if not (np.isfinite(features).all() and np.isfinite(logits).all()):
            raise UserError(
                f"what {self.judge.name} sees in {self.paths[name]} is not all finite; look at the images and the judge"
            )
        return {"features": features.astype(np.float32), "logits": logits.astype(np.float32)}

    def _digest(self, name: str) -> str:
        return arrays.digest(self.images(name))
