"""RID: how much of what the judge saw in an image is lost in its reconstruction.

PAGAN, (18): RID = exp E_x KL(p(y|x) || p(y|G(E(x)))), p the judge's. 1 is perfect, lower is better. Not symmetric:
the original comes first. The paper's table gives the mean and spread over ten sequential splits of the test set.
"""

from typing import Any

import numpy as np
from scipy.special import log_softmax

from stages.door import UserError
from stages.evaluate.enough import TooFew

LABEL = "RID"
BETTER = "lower"
NEEDS = ("originals", "reconstructions")
JUDGED = True


def divergences(original: np.ndarray, reconstruction: np.ndarray) -> np.ndarray:
    """KL in nats, one an image, of the judge's logits [n, classes]; row i of both is the same image. In float64."""
    if original.shape != reconstruction.shape:
        raise UserError(
            f"RID compares image by image: {original.shape} logits of originals, "
            f"{reconstruction.shape} of reconstructions; give pairs"
        )
    log_p = log_softmax(original.astype(np.float64), axis=1)
    log_q = log_softmax(reconstruction.astype(np.float64), axis=1)
    return np.asarray((np.exp(log_p) * (log_p - log_q)).sum(axis=1))


def rid(original: np.ndarray, reconstruction: np.ndarray) -> float:
    return float(np.exp(divergences(original, reconstruction).mean()))


def measure(seen: Any) -> dict[str, Any]:
    lost = divergences(seen.logits("originals"), seen.logits("reconstructions"))
    if len(lost) < seen.settings.splits:
        raise TooFew(f"{len(lost)} test images make no {seen.settings.splits} splits; give more, or lower splits")
    splits = np.exp([part.mean() for part in np.array_split(lost, seen.settings.splits)])
    return {
        "value": float(splits.mean()),
        "over_splits": float(splits.std()),
        "whole_set": float(np.exp(lost.mean())),
        "images": len(lost),
        "splits": seen.settings.splits,
    }
