"""SVM error, in percent: how badly a linear classifier reads labels off an encoder's features.

AGE, sec. 3.1, by ALI's protocol: an L2-SVM on features of the encoder (stages/generate/features.py says which). Half of
the training images that have features are held out to choose C; a draw is so many random labelled images of the other
half, not balanced by class; the value is the mean percentage of wrong labels on test images over the draws.

C is that of the lowest held-out error over the first draws; test images have no say in it. Features are divided by the
root mean square of their norms, one number, which is the same as another unit for C. The papers give neither the
range of C nor how often it was chosen.
"""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from stages.evaluate.enough import TooFew
from stages.judge.absent import NotComputed
from stages.params import Svm

LABEL = "SVM error"
BETTER = "lower"
NEEDS = ("features_train", "labels_train", "features_test", "labels_test")
JUDGED = False

SEED = 0  # every row's classifiers see the same images
CHOOSING = 5  # draws by which C is chosen
ROUNDS = 5000  # of the solver, at most


class Classifiers:
    """Linear SVMs on draws of labelled training images, scored on whatever images are given."""

    def __init__(self, features: np.ndarray, labels: np.ndarray, settings: Svm):
        """Of float [n, features] and int [n]."""
        order = np.random.default_rng(SEED).permutation(len(features))
        self.held_out, self.pool = order[: len(order) // 2], order[len(order) // 2 :]
        if settings.labels > len(self.pool):
            raise TooFew(
                f"{settings.labels} labels cannot be drawn from the {len(self.pool)} images that are not held out; "
                "lower evaluate.svm.labels, or give generate.features more images"
            )
        self.settings = settings
        self.features, self.labels = features, labels
        self.unit = float(np.sqrt((features[self.pool].astype(np.float64) ** 2).sum(axis=1).mean())) or 1.0
        self.unfinished = 0  # solvers that were stopped by ROUNDS

    def drawn(self, draw: int) -> np.ndarray:
        """Which training images the classifier of this draw learns from."""
        return np.random.default_rng([SEED, draw]).choice(self.pool, self.settings.labels, replace=False)

    def error(self, cost: float, draw: int, features: np.ndarray, labels: np.ndarray) -> float:
        """The percentage of wrong labels that the classifier of one draw gives."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.svm import LinearSVC  # a second to import, for few rows

        chosen = self.drawn(draw)
        classifier = LinearSVC(C=cost, dual="auto", max_iter=ROUNDS, random_state=SEED)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # counted instead
            classifier.fit(self.scaled(self.features[chosen]), self.labels[chosen])
        self.unfinished += int(classifier.n_iter_ >= ROUNDS)
        return 100 * float((classifier.predict(self.scaled(features)) != labels).mean())

    def scaled(self, features: np.ndarray) -> np.ndarray:
        return features.astype(np.float64) / self.unit

    def held_out_errors(self) -> list[float]:
        """One for each C that may be chosen; no test image is seen."""
        features, labels = self.features[self.held_out], self.labels[self.held_out]
        draws = range(min(CHOOSING, self.settings.draws))
        return [
            float(np.mean([self.error(cost, draw, features, labels) for draw in draws])) for cost in self.settings.costs
        ]


def chosen(costs: Sequence[float], errors: Sequence[float]) -> float:
    """The C of the lowest error; of equal ones the smallest."""
    return min(zip(errors, costs, strict=True))[1]


def measure(seen: Any) -> dict[str, Any]:
    features, labels = seen.numbers("features_train"), seen.labels("labels_train")
    tests, test_labels = seen.numbers("features_test"), seen.labels("labels_test")
    if len(np.unique(labels)) < 2:
        raise NotComputed("needs a dataset with labels")
    settings = seen.settings.svm
    classifiers = Classifiers(features, labels, settings)
    errors = classifiers.held_out_errors()
    cost = chosen(settings.costs, errors)
    classifiers.unfinished = 0
    wrong = [classifiers.error(cost, draw, tests, test_labels) for draw in range(settings.draws)]
    return {
        "value": float(np.mean(wrong)),
        "over_draws": float(np.std(wrong)),
        "draws": settings.draws,
        "labels": settings.labels,
        "C": cost,
        "held_out_errors": dict(zip(map(str, settings.costs), errors, strict=True)),
        "held_out": len(classifiers.held_out),
        "pool": len(classifiers.pool),
        "test_images": len(tests),
        "features": features.shape[1],
        "unfinished": classifiers.unfinished,
    }
