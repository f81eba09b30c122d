"""The SVM on features: equal to the library's, chosen without a look at test images, and right where one can tell."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.svm import LinearSVC

from stages.evaluate.enough import TooFew
from stages.evaluate.metrics import feature_learning as metric
from stages.evaluate.metrics.feature_learning import Classifiers, chosen
from stages.judge.absent import NotComputed
from stages.params import Svm

SETTINGS = Svm(labels=60, draws=4, costs=[0.1, 10.0])


def clusters(n: int, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features around one of three corners, with the corner as label."""
    draw = np.random.default_rng(seed)
    labels = draw.integers(3, size=n)
    features = 4 * np.eye(3, 6)[labels] + noise * draw.standard_normal((n, 6))
    return features.astype(np.float32), labels.astype(np.int64)


def measured(
    train: tuple[np.ndarray, np.ndarray], test: tuple[np.ndarray, np.ndarray], settings: Svm = SETTINGS
) -> dict[str, Any]:
    features = {"features_train": train[0], "features_test": test[0]}
    labels = {"labels_train": train[1], "labels_test": test[1]}
    seen = SimpleNamespace(
        numbers=features.__getitem__, labels=labels.__getitem__, settings=SimpleNamespace(svm=settings)
    )
    return metric.measure(seen)


def test_separable_features_are_read_without_an_error() -> None:
    told = measured(clusters(300, 0.1), clusters(100, 0.1, seed=1))
    assert (told["value"], told["over_draws"]) == (0, 0)


def test_labels_that_have_nothing_to_do_with_the_features_are_guessed() -> None:
    features, labels = clusters(2000, 0.5)
    test, test_labels = clusters(2000, 0.5, seed=1)
    draw = np.random.default_rng(2)
    told = measured((features, draw.permutation(labels)), (test, draw.permutation(test_labels)))
    assert told["value"] == pytest.approx(100 * 2 / 3, abs=5)


def test_noisier_features_score_higher_and_lower_is_better() -> None:
    errors = [measured(clusters(600, noise), clusters(600, noise, seed=1))["value"] for noise in (1, 3, 9)]
    assert errors == sorted(set(errors))
    assert metric.BETTER == "lower"


def test_one_draw_is_the_library_s_svm_on_the_images_drawn() -> None:
    (features, labels), (test, test_labels) = clusters(400, 3), clusters(200, 3, seed=1)
    classifiers = Classifiers(features, labels, SETTINGS)
    drawn = classifiers.drawn(2)
    pool = features[classifiers.pool].astype(np.float64)
    unit = np.sqrt((pool**2).sum(axis=1).mean())
    svm = LinearSVC(C=10.0, loss="squared_hinge", penalty="l2", dual="auto", random_state=0, max_iter=5000)
    svm.fit(features[drawn] / unit, labels[drawn])
    assert classifiers.error(10.0, 2, test, test_labels) == pytest.approx(
        100 * (1 - svm.score(test / unit, test_labels))
    )


def test_images_that_are_held_out_are_never_learned_from() -> None:
    features, labels = clusters(400, 3)
    classifiers = Classifiers(features, labels, SETTINGS)
    drawn = set(np.concatenate([classifiers.drawn(draw) for draw in range(20)]).tolist())
    assert not drawn & set(classifiers.held_out.tolist())
    assert len(classifiers.held_out) == len(classifiers.pool) == 200
    assert len(set(classifiers.drawn(0).tolist())) == SETTINGS.labels
    assert set(classifiers.drawn(0).tolist()) != set(classifiers.drawn(1).tolist())


def test_held_out_errors_are_of_the_held_out_images() -> None:
    features, labels = clusters(400, 0.1)
    held_out = Classifiers(features, labels, SETTINGS).held_out
    assert Classifiers(features, labels, SETTINGS).held_out_errors() == [0, 0]
    labels[held_out] = (labels[held_out] + 1) % 3
    assert Classifiers(features, labels, SETTINGS).held_out_errors() == [100, 100]


def test_c_is_that_of_the_lowest_held_out_error_and_the_smallest_of_equal_ones() -> None:
    assert chosen([0.1, 1.0, 10.0], [0.5, 0.2, 0.3]) == 1.0
    assert chosen([10.0, 1.0, 0.1], [0.2, 0.2, 0.3]) == 1.0


def test_test_images_have_no_say_in_c(monkeypatch: pytest.MonkeyPatch) -> None:
    # here the errors say only which images a classifier was scored on: C = 0.1 is better on the held-out ones, 10 on
    # the tests
    features, labels = clusters(400, 3)
    test, test_labels = clusters(90, 3, seed=1)

    def error(self: Classifiers, cost: float, draw: int, features: np.ndarray, labels: np.ndarray) -> float:
        return cost if len(labels) == 200 else 1 / cost

    monkeypatch.setattr(Classifiers, "error", error)
    told = measured((features, labels), (test, test_labels))
    assert (told["C"], told["value"]) == (0.1, 10.0)


def test_another_test_set_leaves_c_and_its_held_out_errors_as_they_are() -> None:
    train, test = clusters(400, 4), clusters(200, 4, seed=1)
    told, other = measured(train, test), measured(train, (-test[0], test[1][::-1]))
    assert (told["C"], told["held_out_errors"]) == (other["C"], other["held_out_errors"])
    assert told["value"] != other["value"]


def test_the_unit_of_the_features_does_not_matter() -> None:
    (features, labels), (test, test_labels) = clusters(400, 3), clusters(200, 3, seed=1)
    told, other = (
        measured((features, labels), (test, test_labels)),
        measured((8 * features, labels), (8 * test, test_labels)),
    )
    assert told == other


def test_the_value_is_the_mean_over_the_draws() -> None:
    (features, labels), (test, test_labels) = clusters(400, 3), clusters(200, 3, seed=1)
    told, classifiers = measured((features, labels), (test, test_labels)), Classifiers(features, labels, SETTINGS)
    errors = [classifiers.error(told["C"], draw, test, test_labels) for draw in range(4)]
    assert told["value"] == pytest.approx(np.mean(errors))
    assert told["over_draws"] == pytest.approx(np.std(errors))
    assert len(set(errors)) > 1


def test_the_number_stands_beside_its_protocol() -> None:
    told = measured(clusters(400, 3), clusters(200, 3, seed=1))
    counts = {
        "draws": 4,
        "labels": 60,
        "held_out": 200,
        "pool": 200,
        "test_images": 200,
        "features": 6,
        "unfinished": 0,
    }
    assert {name: told[name] for name in counts} == counts
    assert told["unfinished"] == 0
    assert told["C"] in SETTINGS.costs
    assert list(told["held_out_errors"]) == ["0.1", "10.0"]


def test_a_dataset_without_labels_is_not_scored() -> None:
    features, labels = clusters(200, 1)
    with pytest.raises(NotComputed, match="needs a dataset with labels"):
        measured((features, 0 * labels), (features, 0 * labels))


def test_more_labels_than_there_are_images_are_refused() -> None:
    with pytest.raises(TooFew, match="60 labels cannot be drawn from the 50 images that are not held out"):
        measured(clusters(100, 1), clusters(100, 1))
