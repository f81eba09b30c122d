"""Colour transfer: whether an image decoded with another's code takes on that donor's colours.

AGE, Figs. 4b and 10, shows it to the eye. Here: an image's colour is the mean of (a, b) of Lab over its pixels. The
number is the distance of the transferred colour to the recipient's own, less that to the donor's, both Euclidean; mean
over pairs of two images. Above 0 it is nearer to the donor's, 0 where the code says nothing of colours.
"""

from typing import Any

import numpy as np

from stages.door import UserError
from stages.evaluate.colours import check_pairs, colours
from stages.evaluate.enough import TooFew

LABEL = "Colour transfer"
BETTER = "higher"
NEEDS = ("transfers", "donors", "originals")
JUDGED = False


def distances(originals: np.ndarray, transfers: np.ndarray, donors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(to the recipient's colour, to the donor's), one a pair.

    transfers[i, k] is image i with the code of image donors[k]; an image's own code makes no pair.
    """
    own = np.stack([mean_colour(one) for one in originals])
    given = np.stack([mean_colour(one) for one in transfers])
    pairs = np.arange(len(originals))[:, None] != donors
    to_recipient = np.linalg.norm(given - own[:, None], axis=-1)
    to_donor = np.linalg.norm(given - own[donors], axis=-1)
    return to_recipient[pairs], to_donor[pairs]


def mean_colour(images: np.ndarray) -> np.ndarray:
    """[..., 2] of uint8 images [..., h, w, 3]."""
    return np.asarray(colours(images).mean(axis=(-3, -2)))


def measure(seen: Any) -> dict[str, Any]:
    transfers, originals, donors = seen.several("transfers"), seen.images("originals"), seen.labels("donors")
    check_pairs(originals, transfers, "transfers")
    if len(donors) != transfers.shape[1] or donors.min() < 0 or donors.max() >= len(originals):
        raise UserError(
            f"donors are {donors.tolist()}; give the places among {len(originals)} originals of the "
            f"{transfers.shape[1]} images whose codes were transferred"
        )
    to_recipient, to_donor = distances(originals, transfers, donors)
    if len(to_donor) == 0:
        raise TooFew("colour transfer wants two images at least, a donor and a recipient; generate more")
    return {
        "value": float((to_recipient - to_donor).mean()),
        "to_recipient": float(to_recipient.mean()),
        "to_donor": float(to_donor.mean()),
        "pairs": len(to_donor),
    }
