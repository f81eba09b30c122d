"""The training loop: Algorithm 1 of PAGAN, for any system that keeps the contract.

It knows players and moves, and nothing of what they mean.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn.utils import parametrize

from stages.train.contract import Move, System, parameters, to_unit_range
from stages.train.streams import Streams

EXPLODED = 1e8  # a loss beyond this has left every paper's scale; it would be NaN soon


@dataclass
class Progress:
    """How far a run is: what a checkpoint keeps besides weights, optimisers and streams."""

    iteration: int = 0
    history: list[dict[str, float]] = field(default_factory=list)  # one entry a logged interval: means over it
    diverged: dict[str, float | int | str] | None = None


class Run:
    """A system with its optimisers and streams, which can be advanced, kept and taken up again."""

    def __init__(self, system: System, streams: Streams, images: Tensor, batch: int):
        self.system = system
        self.streams = streams
        self.images = images  # uint8 NHWC, on the device
        self.batch = batch
        self.parameters = {name: parameters(networks) for name, networks in system.players().items()}
        self.optimisers = {name: system.optimiser(name, owned) for name, owned in self.parameters.items()}
        self.moves = list(system.moves())
        self.rates = {name: optimiser.rate for name, optimiser in self.optimisers.items()}
        self.progress = Progress()

    def advance(self, iterations: int, log_every: int, logged: Callable[["Run"], None]) -> None:
        """Train up to `iterations`, calling `logged` at the end of every interval; stop where a loss is lost."""
        self.system.train()
        interval: list[dict[str, Tensor]] = []
        while self.progress.iteration < iterations and not self.progress.diverged:
            interval.append(self.iterate())
            if len(interval) == log_every or self.progress.iteration == iterations:
                self.log(interval)
                interval = []
                logged(self)

    def iterate(self) -> dict[str, Tensor]:
        """All moves of one iteration; every number that it gives, detached."""
        losses: dict[str, Tensor] = {}
        decay = self.system.decay(self.progress.iteration)
        for name, optimiser in self.optimisers.items():
            optimiser.rate = self.rates[name] * decay
        for place, move in enumerate(self.moves):
            number = self.progress.iteration * len(self.moves) + place
            chosen = self.streams.batch(number, self.batch, len(self.images))
            losses |= self.step(move, to_unit_range(self.images[chosen]))
        self.progress.iteration += 1
        losses |= self.system.finish(losses)
        return {name: value.detach() for name, value in losses.items()}

    def step(self, move: Move, x: Tensor) -> dict[str, Tensor]:
        """One move: every gradient is taken, each for its own player's parameters, before any player moves."""
        with parametrize.cached():  # spectral norm takes one power iteration a move, not one a forward pass
            losses = move(x, self.streams)
        gradients = {
            name: torch.autograd.grad(loss, self.parameters[name], retain_graph=True) for name, loss in losses.items()
        }
        for name, gradient in gradients.items():
            self.optimisers[name].step(gradient)
        return losses

    def log(self, interval: list[dict[str, Tensor]]) -> None:
        """Add the interval's means to the history, or the place where a number in it was lost.

        A number that only some iterations give has its mean over those.
        """
        names = list(dict.fromkeys(name for entry in interval for name in entry))
        absent = torch.tensor(0.0, device=self.images.device)
        given = torch.tensor([[name in entry for name in names] for entry in interval])
        table = [torch.stack([entry.get(name, absent) for name in names]) for entry in interval]
        values = torch.stack(table).double().cpu()
        lost = ~(values.isfinite() & (values.abs() < EXPLODED))
        if lost.any():
            row = int(lost.any(dim=1).nonzero()[0])
            column = int(lost[row].nonzero()[0])
            self.progress.diverged = {
                "iteration": self.progress.iteration - len(interval) + row + 1,
                "player": names[column],
                "loss": str(float(values[row, column])),
            }
            return
        means = dict(zip(names, (values.sum(dim=0) / given.sum(dim=0)).tolist(), strict=True))
        self.progress.history.append({"iteration": self.progress.iteration, **means})

    def state(self) -> dict[str, object]:
        return {
            "system": self.system.state_dict(),
            "optimisers": {name: optimiser.state() for name, optimiser in self.optimisers.items()},
            "streams": self.streams.state(),
            "iteration": self.progress.iteration,
            "history": self.progress.history,
        }

    def restore(self, state: dict[str, object]) -> None:
        self.system.load_state_dict(state["system"])  # type: ignore[arg-type]
        for name, optimiser in self.optimisers.items():
            optimiser.restore(state["optimisers"][name])  # type: ignore[index]
        self.streams.restore(state["streams"])  # type: ignore[arg-type]
        self.progress = Progress(state["iteration"], state["history"])  # type: ignore[arg-type]
