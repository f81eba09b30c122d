"""What the judge sees of each array, computed once for all metrics."""

from functools import cache
from pathlib import Path

import numpy as np

from stages import arrays
from stages.judge.classifier import Classifier
from stages.params import Evaluate


class Seen:
    def __init__(self, paths: dict[str, Path], judge: Classifier, settings: Evaluate):
        self.paths = paths
        self.judge = judge
        self.settings = settings
        self.look = cache(self._look)

    def has(self, name: str) -> bool:
        return self.paths[name].is_file()

    def images(self, name: str) -> np.ndarray:
        return arrays.load(self.paths[name])

    def features(self, name: str) -> np.ndarray:
        """[n, features] in float64."""
        return self.look(name)[0]

    def logits(self, name: str) -> np.ndarray:
        """[n, classes] in float64."""
        return self.look(name)[1]

    def _look(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        return self.judge.look(self.images(name))
