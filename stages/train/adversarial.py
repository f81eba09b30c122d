"""Terms that more than one system's losses share. Arguments named real and fake are logits; results are batch means.

Signs: everything here is minimised by the player that it is named for.
"""

from torch import Tensor
from torch.nn.functional import softplus


def tell_apart(real: Tensor, fake: Tensor) -> Tensor:
    """A discriminator's logistic loss, -log σ(real) - log(1 - σ(fake)): 2 log 2 where it cannot tell."""
    return softplus(-real).mean() + softplus(fake).mean()


def pass_for_real(fake: Tensor, form: str) -> Tensor:
    """The other side's term: -log σ(fake), or in minimax form log(1 - σ(fake)), whose gradient dies as D wins."""
    return softplus(-fake).mean() if form == "nonsaturating" else -softplus(fake).mean()


def l1(x: Tensor, y: Tensor, reduction: str) -> Tensor:
    """The L1 distance of each image to its counterpart, summed (or averaged) over pixels; mean over the batch."""
    distance = (x - y).abs().flatten(1)
    return (distance.sum(1) if reduction == "sum" else distance.mean(1)).mean()
