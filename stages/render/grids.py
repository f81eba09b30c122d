"""Grids of images as PNG: pixels enlarged without smoothing, a line between neighbours."""

import io

import numpy as np
from PIL import Image

GAP = 1  # pixels of the original size
GREY = 128


def grid(images: np.ndarray, columns: int, rows: int, scale: int = 3) -> bytes:
    """The first columns x rows images [n, h, w, c], row by row."""
    shown = images[: columns * rows]
    n, height, width, channels = shown.shape
    lines = -(-n // columns)
    sheet = np.full((lines * (height + GAP) + GAP, columns * (width + GAP) + GAP, channels), GREY, np.uint8)
    for place, picture in enumerate(shown):
        top, left = (place // columns) * (height + GAP) + GAP, (place % columns) * (width + GAP) + GAP
        sheet[top : top + height, left : left + width] = picture
    return png(sheet, scale)


def paired(originals: np.ndarray, reconstructions: np.ndarray, columns: int, rows: int) -> np.ndarray:
    """Originals in odd columns, each with its reconstruction to the right, as PAGAN's figures have it."""
    count = columns // 2 * rows
    both = np.stack([originals[:count], reconstructions[:count]], axis=1)
    return both.reshape(-1, *originals.shape[1:])


def framed(walks: np.ndarray, originals: np.ndarray) -> np.ndarray:
    """Walks between images [pairs, steps, h, w, c] as lines: each between the two originals that it joins."""
    pairs = len(walks)
    ends = originals[: 2 * pairs].reshape(2, pairs, 1, *originals.shape[1:])
    return np.concatenate([ends[0], walks, ends[1]], axis=1).reshape(-1, *originals.shape[1:])


def beside(before: list[np.ndarray], several: np.ndarray, columns: int, rows: int) -> np.ndarray:
    """[rows, columns, h, w, c]: a line for each image, what comes first in it, [n, h, w, c] each, and then its several.

    As many as there are and as there is room for.
    """
    return np.concatenate([np.stack(before, axis=1)[:rows], several[:rows]], axis=1)[:, :columns]


def png(sheet: np.ndarray, scale: int) -> bytes:
    picture = Image.fromarray(sheet[..., 0] if sheet.shape[-1] == 1 else sheet)
    picture = picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
