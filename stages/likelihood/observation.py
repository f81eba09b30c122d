"""A system as a density of images: h ~ N(0, I), x ~ N(g(h), σ² I), with pixels in [0, 1]."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from stages.door import UserError
from stages.likelihood.hmc import Likelihood, State
from stages.train import contract
from stages.train.codes import on_sphere
from stages.train.streams import Streams

Decoder = Callable[[Tensor], Tensor]  # [n, latent] to [n, pixels] in [0, 1]

PRIORS: dict[str, Decoder] = {"N(0, I)": lambda h: h, "uniform on the unit sphere": on_sphere}


def prior_of(system: contract.System) -> str:
    """By which of PRIORS the system makes codes of normal draws; as it does it, whatever it is called."""
    if system.conditional:
        raise UserError("--row makes images of a code and of a part of an image: it has no log-likelihood of its own")
    latent = system.settings["latent"]
    normal, code = Streams(0).normal(4, latent), system.prior(4, Streams(0))
    for name, code_of in PRIORS.items():
        if code.shape == normal.shape and torch.allclose(code, code_of(normal)):
            return name
    raise UserError(
        f"--row has a prior that is neither {' nor '.join(PRIORS)}, so its log-likelihood is not known here; "
        "choose a row of another system"
    )


def decoder(system: contract.System, prior: str, side: int) -> Decoder:
    """Of normal draws: with a prior on the sphere, their direction is the code."""
    code_of = PRIORS[prior]

    def decode(h: Tensor) -> Tensor:
        return cropped((system.decode(code_of(h)) + 1) / 2, side).flatten(1)

    return decode


def cropped(images: Tensor, side: int) -> Tensor:
    """The square of `side` pixels in the middle of images [n, c, h, w]: the density of those pixels alone."""
    height, width = images.shape[2:]
    most = min(height, width)
    if most < side:
        raise UserError(f"likelihood.side in params.yaml is {side}, images are {height} x {width}; give {most} at most")
    top, left = (height - side) // 2, (width - side) // 2
    return images[:, :, top : top + side, left : left + side]


def observed(decode: Decoder, x: Tensor, variance: float) -> Likelihood:
    """log N(x; g(h), σ² I) and its gradient, for images [n, pixels] and as many h."""
    constant = -x.shape[1] / 2 * math.log(2 * math.pi * variance)

    def likelihood(h: Tensor) -> State:
        h = h.detach().requires_grad_()
        with torch.enable_grad():
            residual = (x - decode(h)).double()
            value = constant - (residual**2).sum(dim=1) / (2 * variance)
            (slope,) = torch.autograd.grad(value.sum(), h)
        return State(h.detach(), value.detach(), slope)

    return likelihood
