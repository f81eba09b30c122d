"""Which measurement stands for a metric that a paper names.

Papers mean the published judge's: FID is Inception's. Where its weights are not there, or the dataset is not its own
kind, the dataset's own classifier measured FID-own. Then that one stands for it in tables and orders, by that name;
what a paper prints is never set against it.
"""

from collections.abc import Container

OWN = "-own"


def measured(metric: str, labels: Container[str]) -> str:
    """The label to look under, of those that were measured."""
    own = metric + OWN
    return own if metric not in labels and own in labels else metric


def plain(label: str) -> str:
    return label.removesuffix(OWN)
