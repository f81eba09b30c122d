"""What stands behind the numbers: the protocol, and each system as its own file tells it."""

from typing import Any

from stages.render import cells
from stages.render.markup import Markup, join, table, tag
from stages.render.results import Results


def protocol(results: Results) -> Markup:
    told = results.run["protocol"]
    if not told:
        return tag("p", "No run has been scored yet.")
    counts = {
        "dataset": told["dataset"],
        **{f"judge {name}": about_judge(facts) for name, facts in told["judges"].items()},
        "settings": ", ".join(f"{key} {value}" for key, value in told["settings"].items()),
        "libraries": ", ".join(f"{key} {value}" for key, value in told["libraries"].items()),
    }
    absent = [
        (f"{cells.and_list(list(metrics))} not computed", reason)
        for reason, metrics in results.run["not_computed"].items()
    ]
    return tag("dl", join(join([tag("dt", key), tag("dd", value)]) for key, value in [*counts.items(), *absent]))


def terms(results: Results, printed: dict[str, tuple[str, str]]) -> Markup:
    """α-GAN's Table 1: what holds images to the data and codes to the prior, as printed and as our rows have it."""
    lines = []
    for row, (likelihood, to_prior) in printed.items():
        card = results.model_card(row)
        told = card["terms"] if card else {}
        ours = [cells.and_list(told[name]) or "none" if told else "not run" for name in ("likelihood", "to_prior")]
        lines.append([row, ours[0], likelihood, ours[1], to_prior])
    head = ["row", "likelihood: ours", "likelihood: paper", "to the prior: ours", "to the prior: paper"]
    return table("Table 1: ours as each system's own file has it", head, lines)


def system(results: Results, row: str) -> Markup:
    """The system's own account of its players, equations and departures from the paper."""
    card = results.model_card(row)
    if card is None:
        return tag("p", f"{row}: not run.", class_="absent")
    sizes = ", ".join(f"{player} {count:,}" for player, count in card["parameters"].items())
    return join(
        [
            tag("pre", card["docstring"].strip()),
            tag("p", f"Trained parameters in this run: {sizes}. The file: stages/train/systems/{card['system']}.py"),
        ]
    )


def systems(results: Results) -> Markup:
    """Every system of the suite, as its file tells it, to be opened one at a time."""
    first: dict[str, str] = {}
    for row in results.run["rows"]:
        card = results.model_card(row)
        if card is not None:
            first.setdefault(card["system"], row)
    told = (
        tag("details", tag("summary", name, cells.flag(results, row)), system(results, row))
        for name, row in first.items()
    )
    return join(told)


def about_judge(facts: dict[str, Any]) -> str:
    own = facts["kind"] == "own"
    trained = f"trained here, test accuracy {facts['accuracy']:.1%}" if own else "weights as published"
    return f"{trained}, sha256 {facts['sha256']}"
