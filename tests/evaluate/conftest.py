"""Arrays as generate makes them, and folders of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages import arrays, record

Folder = Callable[..., Path]


@pytest.fixture
def made(digits: Path) -> dict[str, np.ndarray]:
    """Samples are darkened test images, reconstructions moved ones, codes draws of the prior."""
    tests = np.array(arrays.load(digits / "test" / "images.npy"))
    originals = tests[:60]
    codes = np.random.default_rng(0).standard_normal((60, 8)).astype(np.float32)
    return {
        "samples": tests[60:260] // 2,
        "originals": originals,
        "reconstructions": np.roll(originals, 2, axis=1),
        "codes": codes,
    }


@pytest.fixture
def folder_of(tmp_path: Path) -> Folder:
    """Puts arrays into a new folder, with a card that has these facts or, without any, with no card."""

    def put(made: dict[str, np.ndarray], name: str = "generated", **facts: Any) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for array, values in made.items():
            arrays.save(folder, array, values)
        if facts:
            record.write(folder / "card.json", {"row": "pagan", "seed": 3, "system": "pagan"} | facts)
        return folder

    return put


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUITE_CACHE", str(tmp_path / "cache"))
