"""Inception Score: how sure the judge is of each sample, and how many classes the samples cover.

IS = exp E_x KL(p(y|x) || p(y)), p(y) the mean over a split; mean over splits. 1 at worst, the number of classes
at best. Salimans et al. 2016; PAGAN quotes it with 10 splits (sec. 5). Splits and shuffle are torch-fidelity's,
and the tests hold the numbers to it.
"""

from typing import Any

import numpy as np
from scipy.special import log_softmax, logsumexp

from stages.evaluate.enough import TooFew

LABEL = "IS"
BETTER = "higher"
NEEDS = ("samples",)
JUDGED = True


def inception_score(logits: np.ndarray, splits: int, shuffle_seed: int) -> tuple[float, float]:
    """(mean, population spread) over splits of float64 logits [n, classes].

    Shuffled first: samples that come in class order would put one class in a split.
    """
    if len(logits) < splits:
        raise TooFew(f"{len(logits)} samples make no {splits} splits; give more, or lower splits")
    order = np.random.RandomState(shuffle_seed).permutation(len(logits))
    log_p = log_softmax(logits[order].astype(np.float64), axis=1)
    scores = []
    for start, stop in zip(*edges(len(logits), splits), strict=True):
        part = log_p[start:stop]
        log_mean = logsumexp(part, axis=0) - np.log(len(part))
        scores.append(np.exp((np.exp(part) * (part - log_mean)).sum(axis=1).mean()))
    return float(np.mean(scores)), float(np.std(scores))


def edges(n: int, splits: int) -> tuple[list[int], list[int]]:
    """Where each of the equal splits of n rows starts and stops."""
    cuts = [split * n // splits for split in range(splits + 1)]
    return cuts[:-1], cuts[1:]


def measure(seen: Any) -> dict[str, Any]:
    logits = seen.logits("samples")
    mean, spread = inception_score(logits, seen.settings.splits, seen.settings.shuffle_seed)
    return {
        "value": mean,
        "over_splits": spread,
        "whole_set": inception_score(logits, 1, seen.settings.shuffle_seed)[0],
        "samples": len(logits),
        "splits": seen.settings.splits,
        "seed": seen.settings.shuffle_seed,
    }
