"""Colorizations of the first seed, and what was measured of them."""

from typing import Any

import numpy as np

from stages import lab
from stages.render import about, cells, grids, provenance
from stages.render.markup import Markup, figure, image, join, number, table, tag
from stages.render.pictures import COLUMNS, LINES
from stages.render.results import Results


def colorizations(results: Results, rows: list[str]) -> Markup:
    """Of the first seed: images in several colours and in each other's; and what was measured of them."""
    shown = [piece for row in rows for piece in (colorized(results, row), transferred(results, row))]
    told = [tag("details", tag("summary", row), about.system(results, row)) for row in rows]
    absent = tag("p", "Colorization: no row of the suite.", class_="absent") if not rows else ""
    return tag("div", *shown, measured(results, rows), *told, absent, id="colorization")


def colorized(results: Results, row: str) -> Markup:
    originals, several = of_first_seed(results, row, "colorizations")
    if originals is None or several is None:
        return tag("p", f"{row}: colorizations not run.", class_="absent")
    lines = grids.beside([lab.grey(originals), originals], several, COLUMNS, LINES)
    words = f"{row}{cells.elsewhere(results, row)}: a grey image, its own colours, and those of codes drawn"
    return drawn(results, lines, words, row)


def transferred(results: Results, row: str) -> Markup:
    originals, transfers = of_first_seed(results, row, "transfers")
    if originals is None or transfers is None:
        return tag("p", f"{row}: no codes to transfer.", class_="absent")
    donors = originals[results.places(row, results.run["seeds"][0], "donors")]
    head = np.concatenate([np.full_like(donors[:1], grids.GREY), donors])[None, :COLUMNS]
    lines = grids.beside([originals[1:]], transfers[1:], COLUMNS, LINES)  # the first image is the first donor
    words = f"{row}{cells.elsewhere(results, row)}: each line an image, in each column with the code of the one on top"
    return drawn(results, np.concatenate([head, lines]), words, row)


def of_first_seed(results: Results, row: str, name: str) -> tuple[np.ndarray | None, np.ndarray | None]:
    """The images that were coloured, and what was made of each of them."""
    seed = results.run["seeds"][0]
    return results.images(row, seed, "originals"), results.images(row, seed, name, dimensions=5)


def drawn(results: Results, lines: np.ndarray, words: str, row: str) -> Markup:
    """A grid of images [lines, columns, h, w, c] of the first seed."""
    count, columns = lines.shape[:2]
    grid = grids.grid(lines.reshape(-1, *lines.shape[2:]), columns, count)
    where = join([words, " (", provenance.link(row, results.run["seeds"][0], "the first seed"), ")"])
    return figure(image(grid, "png", words, "grid"), where)


def measured(results: Results, rows: list[str]) -> Markup:
    """What is measured of colorizations; the last line is what one uniform hue an image would give."""
    lines: list[list[Any]] = []
    for row in rows:
        best = results.measured(row, "Best of K")
        transfer = results.measured(row, "Colour transfer")
        line: list[Any] = [join([row, tag("small", cells.elsewhere(results, row))])]
        line += [cells.ours(results, row, "Colour variance"), cells.ours(results, row, "Best of K")]
        line.append(number(cells.mean(one["curve"][0] for one in best)))
        line += [number(cells.mean(one[name] for one in transfer)) for name in ("to_donor", "to_recipient")]
        lines.append([*line, cells.ours(results, row, "Colour transfer")])
    law = cells.mean(one["of_uniform_hue"] for row in rows for one in results.measured(row, "Colour variance"))
    lines.append(["one uniform hue an image", number(law), "–", "–", "–", "–", "–"])
    head = ["row", "Colour variance", "Best of K", "of the first alone", "to the donor", "to the recipient"]
    caption = "Colours of test images, a and b of Lab, about -110 to 110; means over seeds"
    return table(caption, [*head, "Colour transfer"], lines)
