"""Encoded images into arrays: decoded, refused unless of the form that the set has, resized as the papers do."""

from collections.abc import Iterator
from io import BytesIO

import numpy as np
from PIL import Image

from stages.door import UserError
from stages.fetch.sources.broken import reading
from stages.fetch.sources.dataset import Form, Item, Split
from stages.fetch.sources.members import Members

FORMATS = ("PNG", "JPEG")
SUFFIXES = (".png", ".jpg", ".jpeg")
MODES = {1: "L", 3: "RGB"}  # Pillow's names, by channels
MOST_PIXELS = 100_000_000  # of an image of any size; the largest photographs of the papers' sets have 40 million


def decode(data: bytes, form: Form, where: str) -> np.ndarray:
    """uint8 [height, width, channels]."""
    mode = MODES[form.channels]
    with reading(where), Image.open(BytesIO(data), formats=FORMATS) as image:
        check_size(image.size, form, where)
        if image.mode == "L" and form.colour_grey:
            image = image.convert(mode)  # type: ignore[assignment]  # both are images
        if image.mode != mode:
            raise UserError(f"{where} is an image in mode {image.mode}; it must be {mode}")
        pixels = np.asarray(image)
    return pixels if pixels.ndim == 3 else pixels[..., None]


def check_size(size: tuple[int, int], form: Form, where: str) -> None:
    """Of an image whose pixels have not been read yet."""
    if form.size and size != form.size:
        raise UserError(f"{where} is {size[0]} x {size[1]}; it must be {form.size[0]} x {form.size[1]}")
    if size[0] * size[1] > MOST_PIXELS:
        raise UserError(f"{where} is {size[0]} x {size[1]}; an image may have {MOST_PIXELS:,} pixels")


def among(members: Members, chosen: list[tuple[str, int]], form: Form) -> Split:
    """The images under these names, with these labels."""

    def items() -> Iterator[Item]:
        for name, label in chosen:
            where = f"{members.where}: {name}"
            yield Item(decode(members.read(name), form, where), label, where)

    return Split(len(chosen), items())


def resized(
    pixels: np.ndarray, size: tuple[int, int], method: Image.Resampling = Image.Resampling.BILINEAR
) -> np.ndarray:
    """To (width, height); when an image shrinks, the filter widens with it, so that nothing aliases."""
    flat = pixels[..., 0] if pixels.shape[2] == 1 else pixels
    done = np.asarray(Image.fromarray(flat).resize(size, method))
    return done.reshape(size[1], size[0], pixels.shape[2])


def squashed(pixels: np.ndarray, size: int) -> np.ndarray:
    """To a square, whatever the shape was."""
    return resized(pixels, (size, size))
