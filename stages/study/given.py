"""What the demonstrations of the ledgers may look at: the suite's knobs, the papers' printed numbers, some images."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from stages.params import Params

Numbers = dict[str, Any]  # a label, and a number, a list of numbers or a word


@dataclass(frozen=True)
class Given:
    suite: Params
    printed: dict[str, list[dict[str, Any]]]  # of each paper, as in its file
    images: np.ndarray  # of the test set, uint8 [n, h, w, c]

    def knob(self, system: str, name: str) -> Any:
        """The paper's value."""
        return self.suite.systems[system][name]

    def of_row(self, row: str, name: str) -> Any:
        """What the row says, or else its system."""
        one = self.suite.row(row)
        return one.knobs.get(name, self.knob(one.system, name))

    def values(self, paper: str, **where: str) -> list[float]:
        """The printed values of a paper whose artifact, system, metric and so on are these."""
        numbers = [one for one in self.printed[paper] if all(one[key] == word for key, word in where.items())]
        return [float(one["value"]) for one in numbers]

    def value(self, paper: str, **where: str) -> float:
        """The first of them."""
        return self.values(paper, **where)[0]

    @property
    def pixels(self) -> np.ndarray:
        """The images as rows of numbers in [-1, 1]."""
        return np.asarray(self.images.reshape(len(self.images), -1) / 127.5 - 1)
