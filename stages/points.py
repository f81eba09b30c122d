"""The points of a sweep: rows with some knobs set otherwise, as `alpha-gan+encoder_weight=5+generator_weight=50`."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from itertools import product

Knob = bool | int | float | str
Grid = Mapping[str, Sequence[Knob]]


def name(row: str, knobs: Mapping[str, Knob]) -> str:
    return "+".join([row, *(f"{knob}={text(value)}" for knob, value in knobs.items())])


def text(value: Knob) -> str:
    """Without an exponent or a final zero: equal numbers have one name."""
    if isinstance(value, bool):
        return str(value).lower()
    return format(Decimal(repr(value)).normalize(), "f") if isinstance(value, int | float) else value


def parts(point: str) -> tuple[str, dict[str, Knob]]:
    """(row, its knobs) of a name. What is no number stays a word, for whoever checks it."""
    row, *knobs = point.split("+")
    pairs = (knob.partition("=") for knob in knobs)
    return row, {knob: value_of(text) for knob, _, text in pairs}


def value_of(text: str) -> Knob:
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    return text


def every(rows: Sequence[str], grid: Grid) -> list[str]:
    return [name(row, dict(zip(grid, values, strict=True))) for row in rows for values in product(*grid.values())]


def corners(grid: Grid) -> Grid:
    """The least that shows a trend and what knobs do together: the ends of each list."""
    return {knob: list(dict.fromkeys([values[0], values[-1]])) for knob, values in grid.items()}
