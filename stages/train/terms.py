"""Terms that more than one system's losses share. Everything here is minimised by the player that it is named for.

Arguments named real and fake are logits, or a critic's values; results are means over the batch.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus


def tell_apart(real: Tensor, fake: Tensor) -> Tensor:
    """A discriminator's logistic loss, -log σ(real) - log(1 - σ(fake)): 2 log 2 where it cannot tell."""
    return softplus(-real).mean() + softplus(fake).mean()


def pass_for_real(fake: Tensor, form: str) -> Tensor:
    """The other side's term: -log σ(fake), or in minimax form log(1 - σ(fake)), whose gradient dies as D wins."""
    return softplus(-fake).mean() if form == "nonsaturating" else -softplus(fake).mean()


def reverse_kl(fake: Tensor) -> Tensor:
    """-log σ(fake) + log(1 - σ(fake)), which is the logit itself, negative: KL(fake || real) at the best D."""
    return -fake.mean()


def critic_gap(real: Tensor, fake: Tensor) -> Tensor:
    """A Wasserstein critic's loss without its penalty: minus the distance, where the critic is 1-Lipschitz."""
    return fake.mean() - real.mean()


def gradient_penalty(
    critic: Callable[..., Tensor], real: tuple[Tensor, ...], fake: tuple[Tensor, ...], mixing: tuple[Tensor, ...]
) -> Tensor:
    """mean (||∇ critic|| - 1)² at points between real and fake (Gulrajani et al. 2017), not yet weighted.

    A critic of several inputs has one norm over all of them. `mixing` holds the share of the real for each input, one
    number an example in [0, 1]: the same tensor twice keeps the point on the line between two pairs.
    """
    points = []
    for x, y, share in zip(real, fake, mixing, strict=True):
        weight = share.view(-1, *[1] * (x.dim() - 1))
        points.append((weight * x.detach() + (1 - weight) * y.detach()).requires_grad_())
    gradients = torch.autograd.grad(critic(*points).sum(), points, create_graph=True)
    norm = torch.cat([gradient.flatten(1) for gradient in gradients], dim=1).norm(dim=1)
    return ((norm - 1) ** 2).mean()


@dataclass(frozen=True)
class FDivergence:
    """D_f(P||Q) through its conjugate (Nowozin et al. 2016): P real, Q fake, T = g_f(logit) the variational T.

    Both are functions of the logit, because f* of a rounded T is infinite long before it should be.
    """

    output: Callable[[Tensor], Tensor]  # T = g_f(logit), which keeps T where f* is finite
    conjugate: Callable[[Tensor], Tensor]  # f*(T)
    even: float = 0.0  # the logit at which real and fake are as likely: T = f'(1)

    def tell_apart(self, real: Tensor, fake: Tensor) -> Tensor:
        """-(E_P T - E_Q f*(T)); its minimum is -D_f(P||Q)."""
        return self.conjugate(fake).mean() - self.output(real).mean()

    def pass_for_real(self, fake: Tensor, form: str) -> Tensor:
        """-E_Q f*(T), or that paper's own trick of raising T itself."""
        return -(self.output(fake) if form == "nonsaturating" else self.conjugate(fake)).mean()


F_DIVERGENCES = {
    "kl": FDivergence(lambda v: v, lambda v: torch.exp(v - 1), even=1.0),
    "rkl": FDivergence(lambda v: -torch.exp(-v), lambda v: v - 1),
    "chi2": FDivergence(lambda v: v, lambda v: v**2 / 4 + v),  # rises again below -2, where no 2 (p/q - 1) is
    "hellinger": FDivergence(lambda v: -torch.expm1(-v), torch.expm1),
    "js": FDivergence(lambda v: math.log(2) - softplus(-v), lambda v: softplus(v) - math.log(2)),
    "gan": FDivergence(lambda v: -softplus(-v), softplus),
}


class Logistic:
    """The game of `tell_apart` and `pass_for_real`, above, called as the others are."""

    tell_apart = staticmethod(tell_apart)
    pass_for_real = staticmethod(pass_for_real)
    even = 0.0


GAMES: dict[str, Logistic | FDivergence] = {"logistic": Logistic(), **F_DIVERGENCES}


def l1(x: Tensor, y: Tensor, reduction: str) -> Tensor:
    """The L1 distance of each image to its counterpart, summed (or averaged) over pixels; mean over the batch."""
    distance = (x - y).abs().flatten(1)
    return (distance.sum(1) if reduction == "sum" else distance.mean(1)).mean()


def squared(x: Tensor, y: Tensor) -> Tensor:
    """The squared Euclidean distance of each image to its counterpart; mean over the batch."""
    return ((x - y) ** 2).flatten(1).sum(1).mean()


def kl_to_prior(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, exp log_variance) || N(0, I)), summed over dimensions; mean over the batch."""
    return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(1).mean()


def kl_of_fitted_gaussian(codes: Tensor, scale: str = "std") -> Tensor:
    """KL to N(0, 1) of the Gaussian fitted to each dimension of a batch of codes; mean over dimensions.

    (s² + m²)/2 - log s - 1/2, s the (biased) standard deviation; 0 at m = 0, s = 1. `scale: variance` puts the variance
    in the place of s, as the public code of AGE does.
    """
    mean, variance = codes.mean(0), codes.var(0, correction=0)
    s = variance if scale == "variance" else variance.sqrt()
    return ((s**2 + mean**2) / 2 - s.log() - 0.5).mean()


def mmd(x: Tensor, y: Tensor) -> Tensor:
    """Maximum mean discrepancy of two samples of codes, unbiased (no point is paired with itself; may be negative).

    Inverse multiquadratic kernels Σ_s C_s / (C_s + d²), C_s = 2 dim s, as in the public code of WAE.
    """

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        distance = ((a[:, None] - b[None]) ** 2).sum(2)
        sizes = [2 * a.shape[1] * scale for scale in (0.1, 0.2, 0.5, 1, 2, 5, 10)]
        return torch.stack([size / (size + distance) for size in sizes]).sum(0)

    def without_self(matrix: Tensor) -> Tensor:
        n = len(matrix)
        return (matrix.sum() - matrix.diagonal().sum()) / (n * (n - 1))

    return without_self(kernel(x, x)) + without_self(kernel(y, y)) - 2 * kernel(x, y).mean()
