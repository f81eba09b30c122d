"""Pieces of tables: a number with its seeds, what became of a seed without one, and who measured it."""

from collections.abc import Iterable
from statistics import fmean
from typing import Any

from stages.render import provenance
from stages.render.markup import Markup, join, number, tag
from stages.render.results import Results


def flag(results: Results, row: str) -> str:
    """Said of a row whose objective no paper of ours defines."""
    card = results.model_card(row)
    return "; objective from the cited paper" if card and card["cited"] else ""


def judges(results: Results, metrics: list[str], rows: list[str]) -> str:
    """In whose eyes these are: `judge scikit-learn digits CNN (0123abcd) of FID-own and IS-own`; or ''."""
    scores = results.scores[results.scores["row"].isin(rows)]
    told: dict[str, list[str]] = {}
    for metric in metrics:
        for judge in scores[scores["metric"] == metric]["judge"].dropna().unique():
            told.setdefault(judge, []).append(metric)
    return "; ".join(f"judge {judge} of {and_list(seen)}" for judge, seen in told.items())


def ours(results: Results, row: str, metric: str) -> Markup:
    """Mean ± standard deviation over seeds; below, each seed's value leads to its provenance."""
    values = results.values(row, metric)
    without = lost(results, row, metric, values)
    if not values:
        return without
    middle = fmean(values.values())
    spread = (sum((value - middle) ** 2 for value in values.values()) / max(len(values) - 1, 1)) ** 0.5
    shown = f"{number(middle)} ± {number(spread, 2)}" if len(values) > 1 else number(middle)
    seeds = join((provenance.link(row, seed, number(value)) for seed, value in sorted(values.items())), " · ")
    count = tag("small", f" n = {len(values)} ", without)
    return join([shown, count, tag("br"), tag("small", seeds)])


def lost(results: Results, row: str, metric: str, values: dict[int, float]) -> Markup:
    """What became of the seeds without a value: a run that diverged is a finding, and leads to its record."""
    status, seeds = results.run["status"], results.run["seeds_of"].get(row, results.run["seeds"])
    ran = [seed for seed in seeds if f"{row}/{seed}" in status]
    diverged = [seed for seed in ran if not isinstance(status[f"{row}/{seed}"], str)]
    absent = [seed for seed in seeds if seed not in ran]
    told = [provenance.link(row, seed, f"seed {seed} diverged") for seed in diverged]
    if values or diverged:
        told += [tag("span", f"seed {seed} not run") for seed in absent]
    elif not ran:
        told = [tag("span", "not run", class_="absent")]
    else:
        absences = results.run["not_computed"].items()
        reasons = [reason for reason, rows in absences if row in rows.get(metric, [])]
        why = f"not computed: {reasons[0]}" if reasons else "this row has no images that the metric looks at"
        told = [tag("span", "–", title=why)]
    return join(told, ", ")


def printed(told: Any) -> str:
    spread = "" if told["paper_std"] != told["paper_std"] else f" ± {told['paper_std']:g}"  # NaN: not printed
    source = {"paper": "", "pretrained": "a published model", "public code": "public code", "literature": "quoted"}
    words = source[told["paper_source"]]
    return f"{told['paper']}{spread}{f' ({words})' if words else ''}"


def elsewhere(results: Results, row: str) -> str:
    """Said of a row on another dataset than the main one."""
    title = results.run["elsewhere"].get(row)
    return f" on {title}" if title else ""


def printed_on(artifact: Any) -> str:
    """The datasets of an artifact's printed numbers."""
    return and_list(list(artifact["dataset"].unique()))


def and_list(words: list[str]) -> str:
    """'' of nothing."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def mean(values: Iterable[float]) -> float | None:
    """None of nothing."""
    listed = list(values)
    return fmean(listed) if listed else None
