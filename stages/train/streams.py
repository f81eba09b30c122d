"""Where a run's chance comes from: one seed, independent streams.

The streams are separate so that changing what one part draws (say, the augmentation of an ablation) leaves what the
others draw alone. They live on the CPU, so a run on an accelerator draws the same numbers.
"""

import numpy as np
import torch
from torch import Tensor

NAMES = ("init", "data", "noise", "augmentation", "generation")


class Streams:
    def __init__(self, seed: int, device: str = "cpu"):
        self.device = device
        words = [
            int(child.generate_state(1, np.uint64)[0] >> 1) for child in np.random.SeedSequence(seed).spawn(len(NAMES))
        ]
        self.seeds = dict(zip(NAMES, words, strict=True))
        self.generators = {name: torch.Generator().manual_seed(self.seeds[name]) for name in ("noise", "augmentation")}

    def normal(self, *shape: int) -> Tensor:
        """Draws from N(0, 1)."""
        return torch.randn(shape, generator=self.generators["noise"]).to(self.device)

    def uniform(self, *shape: int) -> Tensor:
        """Draws uniform on [0, 1)."""
        return torch.rand(shape, generator=self.generators["noise"]).to(self.device)

    def offsets(self, high: int, *shape: int) -> Tensor:
        """Whole numbers uniform on 0..high-1, for augmentation."""
        return torch.randint(high, shape, generator=self.generators["augmentation"]).to(self.device)

    def choices(self, probabilities: list[float], n: int) -> Tensor:
        """n whole numbers drawn with these probabilities, for augmentation."""
        weights = torch.tensor(probabilities, dtype=torch.float64)
        drawn = torch.multinomial(weights, n, replacement=True, generator=self.generators["augmentation"])
        return drawn.to(self.device)

    def batch(self, number: int, size: int, images: int) -> Tensor:
        """Which images make up batch `number`: epochs are permutations, a last partial batch is dropped.

        A function of the number alone, so that a resumed run needs no position to be kept.
        """
        size = min(size, images)
        epoch, place = divmod(number, images // size)
        generator = torch.Generator().manual_seed((self.seeds["data"] + epoch) % 2**63)
        order = torch.randperm(images, generator=generator)
        return order[place * size : (place + 1) * size].to(self.device)

    def state(self) -> dict[str, Tensor]:
        return {name: generator.get_state() for name, generator in self.generators.items()}

    def restore(self, state: dict[str, Tensor]) -> None:
        for name, generator in self.generators.items():
            generator.set_state(state[name])
