"""Where the papers contradict themselves: each entry in words, with the number or plot that shows it."""

from typing import Any

from stages.render.markup import Markup, join, number, table, tag
from stages.render.results import Results


def sections(results: Results) -> Markup:
    return join(paper(results, told) for told in results.run["papers"].values())


def paper(results: Results, told: dict[str, Any]) -> Markup:
    entries = join(entry(results, told["id"], slip) for slip in told["ledger"])
    return tag("section", tag("h2", tag("a", told["title"], href=f"{told['id']}.html")), entries)


def entry(results: Results, paper: str, slip: dict[str, Any]) -> Markup:
    listed = {
        "printed": slip["printed"],
        "right": slip["right"],
        "taken here": slip["reading"],
        "switch": tag("code", f"dvc exp run -S '{slip['switch']}'") if slip["switch"] else "none",
    }
    return tag(
        "article",
        tag("h3", f"{slip['id']}: {slip['where']}"),
        tag("dl", join(join([tag("dt", key), tag("dd", value)]) for key, value in listed.items())),
        demonstration(results, slip["demonstration"]),
        class_="claim",
        id=f"{paper}-{slip['id']}",
    )


def demonstration(results: Results, path: str | None) -> Markup:
    """A study's fact by its dotted path: numbers with a sentence, or one number."""
    if path is None:
        return tag("p", "The text is silent here, so there is nothing to compute.", class_="absent")
    study, *steps = path.split(".")
    found: Any = results.study(study)
    if found is None:
        return tag("p", f"Not run: dvc repro study-{study}.", class_="absent")
    for step in steps:
        found = found[int(step)] if isinstance(found, list) else found[step]
    if isinstance(found, dict) and "numbers" in found:
        lines = [[label, shown(value)] for label, value in found["numbers"].items()]
        return table(found["says"], ["computed", "value"], lines)
    words = " ".join(steps[-2:] if steps[-1].isdigit() else steps[-1:]).replace("_", " ").replace("-", " ")
    return tag("p", f"Computed by the study {study}: {words} is ", tag("strong", shown(found)), ".")


def shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(shown(one) for one in value)
    return number(value, 6) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
