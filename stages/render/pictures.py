"""Grids of images of the first seed: samples, reconstructions, walks between codes."""

from stages.render import grids, provenance
from stages.render.markup import Markup, figure, image, join, tag
from stages.render.results import Results

COLUMNS, LINES = 10, 5  # of a grid


def samples(results: Results, rows: list[str]) -> Markup:
    """Samples of the first seed; every row decodes the same codes."""
    return join(grid(results, row, "samples", f"{row}: samples") for row in rows)


def reconstructions(results: Results, rows: list[str]) -> Markup:
    words = "odd columns: test images; to the right of each: its reconstruction"
    return join(grid(results, row, "reconstructions", f"{row}: {words}") for row in rows)


def grid(results: Results, row: str, name: str, caption: str) -> Markup:
    seed = results.run["seeds"][0]
    images = results.images(row, seed, name)
    if images is None:
        ran = f"{row}/{seed}" in results.run["status"]
        return tag("p", f"{caption}: {'this row has none' if ran else 'not run'}.", class_="absent")
    if name == "reconstructions":
        originals = results.images(row, seed, "originals")
        assert originals is not None  # generate writes both or neither
        images = grids.paired(originals, images, COLUMNS, LINES)
    drawn = grids.grid(images, COLUMNS, LINES)
    where = join([caption, " (", provenance.link(row, seed, f"seed {seed}"), ")"])
    return figure(image(drawn, "png", f"{caption}, a grid of {COLUMNS} by {LINES} images", "grid"), where)


def interpolations(results: Results, name: str, rows: list[str]) -> Markup:
    """Walks from one test image to another; `name` is where claims about them lead."""
    return tag("div", join(walks(results, row) for row in rows), id=name)


def walks(results: Results, row: str) -> Markup:
    seed = results.run["seeds"][0]
    between = results.images(row, seed, "interpolations", dimensions=5)
    if between is None:
        ran = f"{row}/{seed}" in results.run["status"]
        return tag("p", f"{row}: walks between images: {'this row has none' if ran else 'not run'}.", class_="absent")
    originals = results.images(row, seed, "originals")
    assert originals is not None  # generate writes both or neither
    pairs, steps = between.shape[:2]
    drawn = grids.grid(grids.framed(between, originals), steps + 2, pairs)
    words = (
        f"{row}: {pairs} pairs of test images, a line each. The first and last column are the images; between them "
        f"{steps} decoded codes, from the reconstruction of the one to that of the other"
    )
    caption = join([words, " (", provenance.link(row, seed, f"seed {seed}"), ")"])
    return figure(image(drawn, "png", f"{words}, a grid of {steps + 2} by {pairs} images", "grid"), caption)
