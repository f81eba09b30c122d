"""Numbers of weights, with biases unless said otherwise, and what strides make of an image's side."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

COLORS, SIDE = 3, 32  # of CIFAR-10
NUMBERS = COLORS * SIDE**2


def linear(ins: int, outs: int) -> int:
    return ins * outs + outs


def conv(ins: int, outs: int, kernel: int, *, bias: bool = True) -> int:
    return ins * outs * kernel**2 + outs * bias


def norm(maps: int) -> int:
    """Scale and shift of batch norm."""
    return 2 * maps


def perceptron(*sizes: int) -> int:
    return sum(linear(ins, outs) for ins, outs in pairwise(sizes))


def sides(side: int, strides: Iterable[int]) -> list[int]:
    """Of the maps after each convolution that pads to the same side, [layers]."""
    found = []
    for stride in strides:
        side = -(-side // stride)
        found.append(side)
    return found


def field(layers: Sequence[tuple[int, int]]) -> int:
    """Pixels a side that one number sees after convolutions of (kernel, stride)."""
    seen, apart = 1, 1
    for kernel, stride in layers:
        seen += (kernel - 1) * apart
        apart *= stride
    return seen
