"""Charts as SVG: titles, units, every seed's point, error bars, and the paper's values beside ours.

Marks differ in shape as well as in colour, and the palette is one that colour-blind readers can tell apart.
"""

import io
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

mpl.use("Agg")
mpl.rcParams["svg.hashsalt"] = "fixed, so that equal charts are equal files"
MARKS = ["o", "s", "D", "^", "v", "P", "X", "*"]
ARROW = {"lower": "lower is better", "higher": "higher is better"}


def svg(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None}, bbox_inches="tight")
    plt.close(figure)
    return buffer.getvalue()


def beside(rows: list[str], metrics: list[dict[str, Any]], ours: str, theirs: str) -> bytes:
    """For each metric two panels with scales of their own: the paper's values, and ours with a point a seed.

    `metrics` are {"name", "better", "paper": {row: value}, "ours": {row: [values]}}.
    """
    sns.set_theme(style="whitegrid", palette="colorblind")
    figure, panels = plt.subplots(
        len(metrics), 2, figsize=(8, 0.5 + len(metrics) * (0.7 + 0.28 * len(rows))), squeeze=False
    )
    colours = sns.color_palette("colorblind", len(rows))
    for (left, right), metric in zip(panels, metrics, strict=True):
        for place, row in enumerate(rows):
            look = {"marker": MARKS[place % len(MARKS)], "color": colours[place]}
            if row in metric["paper"]:
                left.plot(metric["paper"][row], place, **look, markersize=8)
            values = metric["ours"].get(row, [])
            right.plot(values, [place] * len(values), **look, linestyle="", markersize=5, alpha=0.6)
            if len(values) > 1:
                series = pd.Series(values)
                right.errorbar(
                    series.mean(), place, xerr=series.std(), color=colours[place], capsize=4, marker="|", markersize=12
                )
        left.set_title(f"{metric['name']}: the paper, {theirs}", fontsize=10)
        right.set_title(f"{metric['name']}: ours, {ours}", fontsize=10)
        for panel, shown in ((left, rows), (right, [""] * len(rows))):
            panel.set_yticks(range(len(rows)), shown)
            panel.set_ylim(len(rows) - 0.5, -0.5)
            panel.set_xlabel(f"{metric['name']} ({ARROW[metric['better']]})", fontsize=9)
            panel.margins(x=0.15)
    figure.tight_layout()
    return svg(figure)


def curves(losses: pd.DataFrame, row: str) -> bytes:
    """Every player's loss over iterations: the mean over seeds as a line, from lowest to highest seed as a band."""
    sns.set_theme(style="whitegrid", palette="colorblind")
    players = [
        name for name in losses.columns if name not in ("row", "seed", "iteration") and losses[name].notna().any()
    ]
    long = losses.melt(["seed", "iteration"], players, var_name="player", value_name="loss")
    figure, panel = plt.subplots(figsize=(7.5, 3.2))
    sns.lineplot(
        long, x="iteration", y="loss", hue="player", style="player", errorbar=("pi", 100), ax=panel, dashes=True
    )
    panel.set(title=f"{row}: each player's loss", xlabel="iteration", ylabel="loss (batch mean)")
    sns.move_legend(panel, "center left", bbox_to_anchor=(1, 0.5), title=None, frameon=False)
    return svg(figure)
