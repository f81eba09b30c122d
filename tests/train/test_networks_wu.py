"""The decoder by which log-likelihoods are compared: its sizes, its range, and the frame around what it draws."""

from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from stages.train.networks import wu

MNIST = [32, 32, 1]
SETTINGS = {"latent": 10, "encoder_norm": "batch", "discriminator_norm": "batch"}


def numbers(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def dense(*sizes: int) -> int:
    """Weights and biases of layers of these sizes."""
    return sum(ins * outs + outs for ins, outs in pairwise(sizes))


def images(n: int, shape: list[int]) -> Tensor:
    height, width, channels = shape
    return torch.rand(n, channels, height, width, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_the_decoder_is_10_64_256_256_1024_784_with_tanh_and_a_sigmoid() -> None:
    network = wu.generator(SETTINGS, MNIST)
    assert numbers(network) == dense(10, 64, 256, 256, 1024, 784)
    kinds = [type(layer) for layer in network.children()]
    assert kinds == [nn.Linear, nn.Tanh] * 4 + [nn.Linear, nn.Sigmoid, wu.Framed]


def test_the_encoder_is_the_decoder_the_other_way_round() -> None:
    free = SETTINGS | {"encoder_norm": "none"}
    assert numbers(wu.encoder(free, MNIST, 20)) == dense(784, 1024, 256, 256, 64, 20)
    with_norm = [layer.num_features for layer in wu.encoder(SETTINGS, MNIST, 20) if isinstance(layer, nn.BatchNorm1d)]
    assert with_norm == [256, 256, 64]


def test_mnist_is_drawn_within_its_frame_of_zeros() -> None:
    drawn = wu.generator(SETTINGS, MNIST)(torch.randn(3, 10, generator=torch.Generator().manual_seed(0)))
    assert drawn.shape == (3, 1, 32, 32)
    inside = torch.zeros(32, 32, dtype=torch.bool)
    inside[2:30, 2:30] = True
    assert (drawn[:, 0, ~inside] == -1).all()
    assert (drawn[:, 0, inside] > -1).all()
    assert (drawn < 1).all()


def test_a_sigmoid_of_a_half_is_the_middle_of_the_range() -> None:
    framed = wu.Framed((1, 2, 2), [4, 4, 1])(torch.tensor([[0.0, 0.5, 0.75, 1.0]]))
    assert framed[0, 0].tolist() == [[-1] * 4, [-1, -1, 0, -1], [-1, 0.5, 1, -1], [-1] * 4]


@pytest.mark.parametrize("network", [wu.encoder(SETTINGS, MNIST, 20), wu.image_discriminator(SETTINGS, MNIST)])
def test_what_stands_in_the_frame_is_not_looked_at(network: Any) -> None:
    x = images(3, MNIST)
    framed = x.clone()
    framed[:, :, :2] = framed[:, :, 30:] = framed[..., :2] = framed[..., 30:] = 0.3
    assert torch.equal(network.eval()(x), network(framed))
    framed[:, :, 2, 2] = 0.3
    assert not torch.equal(network(x), network(framed))


def test_a_pair_s_judge_looks_at_image_and_code() -> None:
    network = wu.joint_discriminator(SETTINGS, MNIST).eval()
    x, z = images(3, MNIST), torch.zeros(3, 10)
    assert network(x, z).shape == (3, 1)
    assert not torch.equal(network(x, z), network(x, z + 1))
    assert not torch.equal(network(x, z), network(-x, z))


def test_spectral_norm_holds_every_layer() -> None:
    network = wu.image_discriminator(SETTINGS | {"discriminator_norm": "spectral"}, MNIST)
    assert sum(hasattr(layer, "parametrizations") for layer in network) == 5


@pytest.mark.parametrize("shape", [[16, 16, 1], [28, 28, 1], [64, 64, 3]])
def test_images_of_any_size_are_made_and_encoded(shape: list[int]) -> None:
    drawn = wu.generator(SETTINGS, shape)(torch.zeros(2, 10))
    assert drawn.shape == (2, shape[2], *shape[:2])
    assert wu.encoder(SETTINGS, shape, 7).eval()(drawn).shape == (2, 7)
