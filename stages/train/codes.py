"""How an encoder's output becomes a code."""

import torch
from torch import Tensor
from torch.nn.functional import normalize

from stages.train.streams import Streams


def moments(output: Tensor) -> tuple[Tensor, Tensor]:
    """(mean, log variance) of q(z|x), each [n, latent], of an encoder that gives both side by side."""
    mean, log_variance = output.chunk(2, dim=1)
    return mean, log_variance


def gaussian(output: Tensor, draw: Streams) -> Tensor:
    """A draw from q(z|x) = N(mean, variance), by reparametrisation."""
    mean, log_variance = moments(output)
    return mean + torch.exp(0.5 * log_variance) * draw.normal(*mean.shape)


def reconstructed_from(output: Tensor, draw: Streams, code: str) -> Tensor:
    """The code that a reconstruction decodes: `sampled` from q(z|x), or its `mean`, which draws nothing."""
    return gaussian(output, draw) if code == "sampled" else moments(output)[0]


def on_sphere(code: Tensor) -> Tensor:
    """Codes divided by their length."""
    return normalize(code, dim=1)


def on_great_circle(start: Tensor, end: Tensor, share: float) -> Tensor:
    """This share of the way between codes [n, latent]: their direction turns evenly, their length changes evenly.

    On the unit sphere this is slerp. A straight line between two draws of N(0, I) would pass where the prior has next
    to no mass, at about 0.7 of their length; this keeps to the lengths of its ends.
    """
    start, end = start.double(), end.double()
    one, length = on_sphere(start), torch.lerp(start.norm(dim=1), end.norm(dim=1), share)[:, None]
    cosine = (one * on_sphere(end)).sum(dim=1, keepdim=True)
    across = on_sphere(end) - cosine * one
    angle = share * torch.atan2(across.norm(dim=1, keepdim=True), cosine)
    return (length * (angle.cos() * one + angle.sin() * on_sphere(across))).float()
