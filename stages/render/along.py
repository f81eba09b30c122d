"""What is known along a training: losses, errors, how a game goes, and whether a logged number tells of quality."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from scipy.stats import spearmanr

from stages.render import charts, costs
from stages.render.cells import mean
from stages.render.charts import look, svg
from stages.render.markup import Markup, figure, image, join, number, tag
from stages.render.results import Results


def logged(results: Results, rows: list[str], panels: dict[str, str], name: str) -> Markup:
    """A panel for each logged number, {number: its axis}; a line a row. `name` is where claims about it lead."""
    losses = results.losses
    known = losses[losses["row"].isin(rows)].dropna(subset=[column for column in panels if column in losses])
    if not len(known) or not set(panels) <= set(losses.columns):
        return tag("p", f"{', '.join(panels)} over training: not run.", class_="absent")
    last = known[known["iteration"] > 0.8 * known["iteration"].max()]
    alt = "; ".join(
        f"{column.capitalize()} over the last fifth: "
        + ", ".join(f"{row} {number(found[column].mean())}" for row, found in last.groupby("row", sort=False))
        for column in panels
    )
    words = f"Of the same test images throughout. {alt}. A line is the mean over seeds, its band holds all of them."
    return figure(image(drawn(known, panels, results.dataset["title"]), "svg+xml", alt, "chart"), words, id=name)


def drawn(losses: pd.DataFrame, panels: dict[str, str], ours: str) -> bytes:
    sns.set_theme(style="whitegrid", palette="colorblind")
    shown, axes = plt.subplots(1, len(panels), figsize=(4.2 * len(panels), 3.2), squeeze=False)
    for panel, (column, axis) in zip(axes[0], panels.items(), strict=True):
        sns.lineplot(losses, x="iteration", y=column, hue="row", style="row", errorbar=("pi", 100), ax=panel)
        panel.set_xlabel("iteration", fontsize=9)
        panel.set_ylabel(axis, fontsize=9)
        panel.legend(fontsize=8, frameon=False)
    shown.suptitle(f"Along the training: ours, {ours}", fontsize=10)
    shown.tight_layout()
    return svg(shown)


def tracking(results: Results, row: str, logged: str, metric: str, name: str) -> Markup:
    """A metric of samples made at moments of each run, against a logged number; `name` is where claims lead."""
    label = results.label(metric)
    told = results.measured_by_seed(row, label)
    runs = {seed: points(results, row, seed, logged, one.get("along", {})) for seed, one in told.items()}
    runs = {seed: found for seed, found in runs.items() if len(found) > 2}
    if not runs:
        return tag("p", f"{metric} along the runs of {row}: not run.", class_="absent")
    ranked = {seed: float(spearmanr(found[:, 0], found[:, 1]).statistic) for seed, found in runs.items()}
    alt = "Rank correlation: " + ", ".join(f"seed {seed}: {number(r, 2)}" for seed, r in ranked.items())
    words = f"{row}: a point a moment of a run, joined in their order, the last one larger. {alt}."
    chart = against(runs, f"{row}: {label} against the {logged} measure", f"{logged} measure", label)
    return figure(image(chart, "svg+xml", alt, "chart"), words, id=name)


def points(results: Results, row: str, seed: int, logged: str, along: dict[str, float]) -> np.ndarray:
    """[moments, 2]: what was logged, and the metric of the samples of that moment, which `along` has by iteration."""
    losses = results.losses
    chosen = losses[(losses["row"] == row) & (losses["seed"] == seed)]
    log = dict(zip(chosen["iteration"], chosen[logged], strict=True))
    moments = sorted(map(int, along))  # JSON sorts them as words
    return np.array([(log[at], along[str(at)]) for at in moments if at in log], dtype=float).reshape(-1, 2)


def against(runs: dict[int, np.ndarray], title: str, across: str, up: str) -> bytes:
    sns.set_theme(style="whitegrid", palette="colorblind")
    shown, panel = plt.subplots(figsize=(6, 3.6))
    names = [f"seed {seed}" for seed in runs]
    for place, (name, found) in enumerate(zip(names, runs.values(), strict=True)):
        mark = look(place, names)
        panel.plot(found[:, 0], found[:, 1], **mark, linestyle="-", linewidth=0.8, markersize=4, label=name)
        panel.plot(found[-1, 0], found[-1, 1], **mark, markersize=9)
    panel.set(title=title, xlabel=f"{across}, mean over the interval before", ylabel=f"{up} (lower is better)")
    panel.legend(fontsize=8, frameon=False)
    return svg(shown)


def curves(results: Results, rows: list[str]) -> Markup:
    losses = results.losses
    drawn = []
    for row in rows:
        chosen = losses[losses["row"] == row]
        if len(chosen) == 0:
            drawn.append(tag("p", f"{row}: not run.", class_="absent"))
            continue
        alt = f"Loss of every player of {row} over {int(chosen['iteration'].max())} iterations"
        caption = (
            f"{row}: mean over {chosen['seed'].nunique()} seeds; the band runs from the lowest to the highest seed."
        )
        drawn.append(figure(image(charts.curves(chosen, row), "svg+xml", alt, "chart"), caption))
    return join(drawn)


def learning(results: Results, rows: list[str], epochs: float) -> Markup:
    """How soon reconstructions are good; `epochs` is where the paper looks."""
    told = {row: found for row in rows if (found := costs.learned(results, row)) is not None and len(found)}
    if not told:
        return tag("p", "Reconstruction over training: not run.", class_="absent")
    there = {row: found[found["epochs"] <= epochs] for row, found in told.items()}
    last = {row: found[found["epochs"] == found["epochs"].max()] for row, found in there.items()}
    alt = f"Mean L1 of a pixel by {epochs:g} epochs: " + ", ".join(
        f"{row} {number(mean(found[charts.ERROR]))}" for row, found in last.items()
    )
    drawn = charts.learning(told, results.dataset["title"], epochs)
    words = (
        f"{alt} (dotted line). Of the same few test images throughout; a line is the mean over seeds, its band "
        "runs from the lowest to the highest. Seconds are iterations times what one costs, as timed by turns below."
    )
    return figure(image(drawn, "svg+xml", alt, "chart"), words, id="learning")
