"""Adam (Kingma and Ba 2015) through torch's own functional form, without the optimiser object around it.

The first such object of a process imports torch's compiler, which takes as long as a quarter of a short training. Same
bits as torch.optim.Adam(fused=True), which a test holds it to.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.optim.adam import adam

EPSILON = 1e-8  # Adam's own, which no paper of ours changes


class Adam:
    """The optimiser of one player."""

    def __init__(self, parameters: list[nn.Parameter], rate: float, betas: tuple[float, float]):
        self.parameters: list[Tensor] = list(parameters)
        self.rate = rate
        self.betas = betas
        self.moments = [torch.zeros_like(one) for one in parameters]
        self.squares = [torch.zeros_like(one) for one in parameters]
        self.steps = [torch.zeros((), device=one.device) for one in parameters]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor]) -> None:
        """Move every parameter against its gradient."""
        adam(
            self.parameters,
            list(gradients),
            self.moments,
            self.squares,
            [],  # the maxima of AMSGrad
            self.steps,
            fused=True,
            amsgrad=False,
            beta1=self.betas[0],
            beta2=self.betas[1],
            lr=self.rate,
            weight_decay=0.0,
            eps=EPSILON,
            maximize=False,
        )

    def state(self) -> dict[str, list[Tensor]]:
        return {"moments": self.moments, "squares": self.squares, "steps": self.steps}

    def restore(self, state: dict[str, list[Tensor]]) -> None:
        """Into the tensors that are there: they are on the right device."""
        for name, kept in self.state().items():
            for one, other in zip(kept, state[name], strict=True):
                one.copy_(other)
