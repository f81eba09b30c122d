"""The model on which an estimate can be checked: x = W h + b + noise, whose log-likelihood is known.

W and b are the principal components of what a decoder makes, so that the check is about as hard as the decoder: the
same latent size, pixels, spread and noise.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from stages.likelihood.observation import Decoder
from stages.train.streams import Streams

SAMPLES = 1000


@dataclass(frozen=True)
class Linear:
    weight: Tensor  # W transposed, [latent, pixels]
    mean: Tensor  # b

    def __call__(self, h: Tensor) -> Tensor:
        return h @ self.weight + self.mean

    def log_likelihood(self, x: Tensor, variance: float) -> Tensor:
        """log N(x; b, W W' + σ² I), one an image [n, pixels], in double precision."""
        weight, residual = self.weight.double(), x.double() - self.mean.double()
        pixels = weight.shape[1]
        covariance = weight.T @ weight + variance * torch.eye(pixels, dtype=torch.float64, device=x.device)
        root = torch.linalg.cholesky(covariance)
        whitened = torch.linalg.solve_triangular(root, residual.T, upper=False)
        log_determinant = 2 * root.diagonal().log().sum()
        return -(pixels * math.log(2 * math.pi) + log_determinant + (whitened**2).sum(dim=0)) / 2


@torch.no_grad()
def principal(decode: Decoder, latent: int, draw: Streams) -> Linear:
    """The linear model nearest to a decoder's images."""
    made = decode(draw.normal(SAMPLES, latent)).double()
    mean = made.mean(dim=0)
    _, sizes, directions = torch.linalg.svd(made - mean, full_matrices=False)
    kept = min(latent, len(sizes))  # further dimensions of h move nothing
    weight = made.new_zeros(latent, made.shape[1])
    weight[:kept] = directions[:kept] * (sizes[:kept, None] / math.sqrt(SAMPLES))
    return Linear(weight.float(), mean.float())
