"""BEGAN's networks: the public code's layers, counted by hand, and what they do not have."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from stages.door import UserError
from stages.train.networks import began

Settings = dict[str, Any]
PUBLIC: Settings = {"width": 64, "latent": 64}
SMALL: Settings = {"width": 4, "latent": 5}


def noise(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def convolution(ins: int, outs: int) -> int:
    return 9 * ins * outs + outs


@pytest.mark.parametrize(("size", "levels"), [(16, 2), (32, 3), (64, 4)])
def test_networks_have_the_weights_of_their_layers(size: int, levels: int) -> None:
    n = 64
    generator = 65 * n * 8 * 8 + 2 * levels * convolution(n, n) + convolution(n, 3)
    encoder = convolution(3, n)
    for level in range(1, levels + 1):
        before, here = max(level - 1, 1) * n, level * n
        encoder += convolution(before, here) + convolution(here, here)
        encoder += convolution(here, here) if level < levels else here * 8 * 8 * 64 + 64
    with torch.device("meta"):
        assert count(began.generator(PUBLIC, [size, size, 3])) == generator
        assert count(began.autoencoder(PUBLIC, [size, size, 3])) == encoder + generator


def test_the_networks_of_32_pixels_have_half_and_two_and_a_third_million_weights() -> None:
    with torch.device("meta"):
        assert count(began.generator(PUBLIC, [32, 32, 3])) == 489_539
        assert count(began.autoencoder(PUBLIC, [32, 32, 3])) == 2_310_979


@pytest.mark.parametrize("size", [16, 32, 64])
def test_images_go_through_a_code_and_come_back_at_their_size(size: int) -> None:
    encoder, decoder = began.autoencoder(SMALL, [size, size, 3])
    x = noise(2, 3, size, size)
    assert encoder(x).shape == (2, 5)
    assert decoder(encoder(x)).shape == x.shape


def test_the_generator_has_the_layers_of_the_decoder() -> None:
    generator, decoder = began.generator(SMALL, [32, 32, 3]), began.autoencoder(SMALL, [32, 32, 3])[1]
    assert str(generator) == str(decoder)


def test_an_image_is_not_held_to_any_range_and_nothing_is_normalised() -> None:
    torch.manual_seed(0)
    network = began.autoencoder(SMALL, [16, 16, 1])
    assert float(network(1e5 * noise(2, 1, 16, 16)).detach().abs().max()) > 10
    kinds = {type(layer) for layer in network.modules()} - {nn.Sequential, began.Nearest}
    assert kinds == {nn.Conv2d, nn.ELU, nn.Flatten, nn.Linear, nn.Unflatten}


def test_the_code_and_the_image_are_not_activated() -> None:
    encoder, decoder = began.autoencoder(SMALL, [16, 16, 1])
    assert isinstance(encoder[-1], nn.Linear)
    assert isinstance(decoder[1], nn.Unflatten)
    assert isinstance(decoder[2], nn.Conv2d)
    assert isinstance(decoder[-1], nn.Conv2d)


def test_weights_start_as_glorot_s_and_biases_at_0() -> None:
    torch.manual_seed(0)
    layers = [layer for layer in began.generator(SMALL, [16, 16, 1]).modules() if isinstance(layer, nn.Conv2d)]
    for layer in layers:
        bound = math.sqrt(6 / (9 * (layer.in_channels + layer.out_channels)))
        assert 0.9 * bound < float(layer.weight.detach().abs().max()) <= bound
        assert layer.bias is not None
        assert not layer.bias.any()


@pytest.mark.parametrize("network", ["generator", "autoencoder"])
def test_sizes_that_are_no_power_of_two_are_refused(network: str) -> None:
    with pytest.raises(UserError, match="images of 28x28 do not fit the began networks"):
        getattr(began, network)(SMALL, [28, 28, 1])
