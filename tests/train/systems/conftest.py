"""What tests of systems share: a row's system, small; images; and networks that give 0."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from stages import params
from stages.train import contract


@pytest.fixture
def build_row(suite: dict[str, Any]) -> Callable[..., contract.System]:
    """build_row("age", kl_scale="std"): the row's system at the papers' knobs, small and dense unless told so."""
    checked = params.check(suite | {"profile": "paper"})

    def make(row: str, shape: list[int] | None = None, **knobs: Any) -> contract.System:
        settings = checked.settings(row)
        small = {"networks": "dense", "width": 16, "latent": 4, "batch": 8}
        settings |= {name: value for name, value in small.items() if name in settings} | knobs
        return contract.build(checked.row(row).system, settings, shape or [16, 16, 1], seed=1)

    return make


def images(n: int = 8, shape: list[int] | None = None) -> Tensor:
    """[n, c, h, w] in [-1, 1], always the same."""
    height, width, channels = shape or [16, 16, 1]
    return torch.rand(n, channels, height, width, generator=torch.Generator().manual_seed(0)) * 2 - 1


@pytest.fixture
def x() -> Tensor:
    return images()


@pytest.fixture
def silence() -> Callable[..., None]:
    """silence(system.image, system.code): from now on these networks give 0 whatever they are given."""

    def make(*networks: nn.Module) -> None:
        for network in networks:
            network.register_forward_hook(lambda module, given, output: 0 * output)

    return make
