"""Inception Score: how sure the judge is of each sample, and how many classes the samples cover.

IS = exp E_x KL(p(y|x) || p(y)), p(y) the mean over a split; mean over splits. 1 at worst, the number of classes
at best. Salimans et al. 2016; PAGAN quotes it with 10 splits (sec. 5).
"""

from typing import Any

import numpy as np
import torch
from torch_fidelity.metric_isc import isc_features_to_metric

LABEL = "IS"
BETTER = "higher"
NEEDS = ("samples",)
JUDGED = True


def inception_score(logits: np.ndarray, splits: int, shuffle_seed: int) -> tuple[float, float]:
    """(mean, population spread) over splits of float64 logits [n, classes].

    Shuffled first: samples that come in class order would put one class in a split.
    """
    told = isc_features_to_metric(
        torch.from_numpy(logits.astype(np.float64)), splits=splits, shuffle=True, rng_seed=shuffle_seed
    )
    return float(told["inception_score_mean"]), float(told["inception_score_std"])


def measure(seen: Any) -> dict[str, Any]:
    logits = seen.logits("samples")
    mean, spread = inception_score(logits, seen.settings.splits, seen.settings.shuffle_seed)
    return {"value": mean, "over_splits": spread, "samples": len(logits), "splits": seen.settings.splits}
