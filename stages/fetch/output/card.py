"""card.json: what the arrays beside it are, where they came from, and what a reader should know before using them."""

from typing import Any

import numpy as np

from stages import arrays, record
from stages.fetch.output.npy import Written
from stages.fetch.sources.dataset import Dataset
from stages.fetch.sources.opening import Opened


def card(name: str, dataset: Dataset, size: int, opened: Opened, written: dict[str, Written]) -> dict[str, Any]:
    classes = dataset.classes or dataset.origin.classes
    return {
        "name": name,
        "title": dataset.title,
        "source": opened.kind,
        "source_files": opened.seen,
        "licence": dataset.licence,
        "stand_in": dataset.stand_in,
        "preprocessing": dataset.preprocessing.format(size=size),
        "shape": list(written["train"].shape[1:]),
        "classes": classes,
        "class_names": list(dataset.origin.names) if dataset.classes is None else [],
        "labels": dataset.labels,
        "whole": opened.whole,
        "test_in_train": share_in_train(written),
        "splits": {split: facts(told, classes) for split, told in written.items()},
    }


def facts(told: Written, classes: int) -> dict[str, Any]:
    extras = {f"{name}_sha256": sha256 for name, sha256 in told.extras_sha256.items()}
    return extras | {
        "images": len(told.labels),
        "per_class": np.bincount(told.labels, minlength=classes).tolist(),
        "images_sha256": told.images_sha256,
        "labels_sha256": arrays.digest(told.labels),
        "content_sha256": content(told),
    }


def content(told: Written) -> str:
    """The same for the same images and labels in any order."""
    pairs = zip(told.prints, told.labels.tolist(), strict=True)
    return record.digest(sorted(f"{print_.hex()} {label}" for print_, label in pairs))


def share_in_train(written: dict[str, Written]) -> float:
    """The fraction of test images that are, pixel for pixel, also in train."""
    train, test = set(written["train"].prints), written["test"].prints
    return sum(print_ in train for print_ in test) / len(test)
