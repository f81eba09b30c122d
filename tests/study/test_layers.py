"""Numbers of weights against PyTorch's own layers, and sides and fields by hand."""

import pytest
from torch import nn

from stages.study.layers import conv, field, linear, norm, perceptron, sides


@pytest.mark.parametrize(
    ("counted", "layer"),
    [
        (linear(5, 3), nn.Linear(5, 3)),
        (conv(3, 8, 5), nn.Conv2d(3, 8, 5)),
        (conv(3, 8, 4, bias=False), nn.ConvTranspose2d(3, 8, 4, bias=False)),
        (norm(7), nn.BatchNorm2d(7)),
        (perceptron(4, 6, 2), nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2))),
    ],
)
def test_weights_are_those_of_the_layer(counted: int, layer: nn.Module) -> None:
    assert counted == sum(parameter.numel() for parameter in layer.parameters())


@pytest.mark.parametrize(("side", "strides", "wanted"), [(24, (2, 1, 2), [12, 12, 6]), (3, (2, 2, 2), [2, 1, 1])])
def test_sides_are_those_of_convolutions(side: int, strides: tuple[int, ...], wanted: list[int]) -> None:
    assert sides(side, strides) == wanted


def test_a_field_is_what_convolutions_see() -> None:
    assert field([]) == 1
    assert field([(3, 1), (3, 1)]) == 5
    assert field([(3, 2), (3, 1)]) == 7
