"""Slopes of functions of one number, by differences."""

from collections.abc import Callable

Function = Callable[[float], float]


def slope(function: Function, at: float, step: float = 1e-5) -> float:
    """From both sides."""
    return (function(at + step) - function(at - step)) / (2 * step)


def slopes(function: Function, at: float, step: float = 1e-6) -> tuple[float, float]:
    """From the left, and from the right."""
    return (function(at) - function(at - step)) / step, (function(at + step) - function(at)) / step
