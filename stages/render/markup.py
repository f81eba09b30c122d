"""HTML in small pieces. Everything that comes from data, params or papers is escaped on its way in."""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any


class Markup:
    """Finished HTML, which a notebook shows as it is."""

    def __init__(self, text: str):
        self.text = text

    def _repr_html_(self) -> str:
        return self.text

    def __str__(self) -> str:
        return self.text


def say(value: Any) -> str:
    """A value as text that HTML cannot misread."""
    return value.text if isinstance(value, Markup) else escape(str(value))


def tag(name: str, *content: Any, **attributes: Any) -> Markup:
    """`tag("a", "text", href="#x")`; a trailing underscore frees words that Python keeps (`class_`)."""
    told = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"' for key, value in attributes.items())
    return Markup(f"<{name}{told}>{''.join(say(part) for part in content)}</{name}>")


def join(parts: Iterable[Any], between: str = "") -> Markup:
    return Markup(between.join(say(part) for part in parts))


def table(caption: str, head: Sequence[Any], body: Iterable[Sequence[Any]]) -> Markup:
    """A table that scrolls sideways on a narrow screen; the first cell of a row names it."""
    header = tag("tr", join(tag("th", cell, scope="col") for cell in head))
    rows = join(tag("tr", tag("th", row[0], scope="row"), join(tag("td", cell) for cell in row[1:])) for row in body)
    inside = tag("table", tag("caption", caption), tag("thead", header), tag("tbody", rows))
    return tag("div", inside, class_="scroll", tabindex="0", role="region", aria_label=caption)


def image(data: bytes, kind: str, alt: str, class_: str) -> Markup:
    encoded = base64.b64encode(data).decode("ascii")
    return Markup(f'<img class="{class_}" alt="{escape(alt)}" src="data:image/{kind};base64,{encoded}">')


def figure(picture: Markup, caption: Any, **attributes: Any) -> Markup:
    return tag("figure", picture, tag("figcaption", caption), **attributes)


def number(value: float | None, digits: int = 4) -> str:
    """Four significant digits, no exponent for what a table holds."""
    if value is None:
        return "–"
    text = f"{value:.{digits}g}"
    return f"{value:,.0f}" if "e" in text and abs(value) >= 1 else text


def identifier(row: str, seed: int) -> str:
    """Where a run's provenance stands on the page."""
    return f"run-{row}-{seed}"
