"""The order of files: numbers in their names count as numbers, so that 2.png comes before 10.png."""

import re


def natural(name: str) -> tuple[tuple[str | int, ...], str]:
    parts = re.split(r"([0-9]+)", name.lower())
    return tuple(int(part) if number % 2 else part for number, part in enumerate(parts)), name
