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
