"""The two-stage VAE's networks: sizes to the last parameter, norms, and what they refuse."""

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrize

from stages.door import UserError
from stages.train.networks import dense, infogan
from stages.train.networks.layers import Again

PAPER: dict[str, Any] = {"width": 64, "latent": 64}
SMALL: dict[str, Any] = {"width": 4, "latent": 5}
CIFAR = [32, 32, 3]


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_the_paper_s_networks_have_the_parameters_of_its_code() -> None:
    gamma = 1  # of either stage, kept beside the networks
    assert count(infogan.encoder(PAPER, CIFAR, 128)) == 8_657_472
    assert count(infogan.generator(PAPER, CIFAR, end=nn.Sigmoid())) + gamma == 8_616_132
    assert count(infogan.second_encoder(PAPER)) == 2_305_152
    assert count(infogan.second_generator(PAPER)) + gamma == 2_235_457


def test_the_encoder_s_four_layers_are_spectrally_normalised_and_nothing_else_is() -> None:
    def held(network: nn.Module) -> int:
        return sum(parametrize.is_parametrized(layer, "weight") for layer in network.modules())

    assert held(infogan.encoder(SMALL, CIFAR, 10)) == 4
    assert held(infogan.generator(SMALL, CIFAR, end=nn.Sigmoid())) == 0
    assert held(infogan.second_encoder(SMALL)) == 0


def test_batch_norm_stands_inside_and_its_averages_decay_by_0_999() -> None:
    for network, norms in ((infogan.encoder(SMALL, CIFAR, 10), 2), (infogan.generator(SMALL, CIFAR, end=nn.Tanh()), 3)):
        found = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d)]
        assert [layer.momentum for layer in found] == [0.001] * norms


def test_weights_of_the_first_stage_start_small_and_of_the_second_as_glorot_draws_them() -> None:
    torch.manual_seed(0)
    generator: Any = infogan.generator(SMALL, CIFAR, end=nn.Sigmoid())
    second = infogan.second_encoder(PAPER)
    assert generator[3].weight.std().item() == pytest.approx(0.02, rel=0.05)
    largest = (6 / (1024 + 1024)) ** 0.5
    (_, middle, _, last) = [layer for layer in second.modules() if isinstance(layer, nn.Linear)]
    assert float(middle.weight.detach().abs().max()) == pytest.approx(largest, rel=0.01)
    assert (last.in_features, last.out_features) == (1024 + 64, 128)
    assert not any(bool(layer.bias.any()) for layer in (middle, last))


@pytest.mark.parametrize("networks", [infogan, dense], ids=["infogan", "dense"])
def test_shapes_and_ranges_are_those_of_two_vaes(networks: Any) -> None:
    torch.manual_seed(0)
    settings, x, z = SMALL | {"encoder_norm": "batch"}, torch.rand(6, 3, 16, 16), torch.randn(6, 5)
    assert networks.encoder(settings, [16, 16, 3], 10)(x).shape == (6, 10)
    images = networks.generator(settings, [16, 16, 3], end=nn.Sigmoid())(100 * z).detach()
    assert images.shape == (6, 3, 16, 16)
    assert 0 <= float(images.min()) < 0.5 < float(images.max()) <= 1
    assert networks.second_encoder(settings)(z).shape == (6, 10)
    assert networks.second_generator(settings)(z).shape == (6, 5)


def test_the_last_layer_of_a_second_network_sees_its_input_again() -> None:
    network: Any = Again(3, [7], 2)
    z = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    nn.init.zeros_(network.hidden[0].weight)
    nn.init.zeros_(network.hidden[0].bias)
    expected = z @ network.last.weight[:, :3].T + network.last.bias  # the input's columns come first
    assert torch.allclose(network(z), expected, atol=1e-6)


def test_images_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UserError, match="infogan"):
        infogan.encoder(SMALL, [28, 28, 1], 10)
    with pytest.raises(UserError, match="infogan"):
        infogan.generator(SMALL, [16, 32, 1], end=nn.Sigmoid())
