"""A judge that cannot look: its weights are not there, or its dataset has no classes to learn."""

from typing import Any, NoReturn

import numpy as np


class NotComputed(Exception):  # noqa: N818  # no error: a report without this number is whole
    """Why a number is not there, as reports say it after 'not computed: '."""


class Absent:
    def __init__(self, card: dict[str, Any]):
        self.card = card
        self.suffix = "" if card["kind"] == "published" else "-own"

    @property
    def name(self) -> str:
        return f"{self.card['title']} (not there)"

    def look(self, images: np.ndarray, batch: int = 500) -> NoReturn:
        raise NotComputed(self.card["missing"] + "; see README" * (self.card["kind"] == "published"))
