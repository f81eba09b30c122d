"""Charts as SVG: titles, units, every seed's point, error bars, and the paper's values beside ours.

Marks differ in shape as well as in colour, and the palette is one that colour-blind readers can tell apart.
"""

import io
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

mpl.use("Agg")
mpl.rcParams["svg.hashsalt"] = "fixed, so that equal charts are equal files"
MARKS = ["o", "s", "D", "^", "v", "P", "X", "*"]
ERROR = "reconstruction"
MEASURED = (ERROR, "pair accuracy", "pair gradient")  # the columns of losses.csv that are no player's loss
ARROW = {"lower": "lower is better", "higher": "higher is better"}


def svg(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None}, bbox_inches="tight")
    plt.close(figure)
    return buffer.getvalue()


def look(place: int, rows: list[str]) -> dict[str, Any]:
    return {"marker": MARKS[place % len(MARKS)], "color": sns.color_palette("colorblind", len(rows))[place]}


def every_seed(panel: Axes, rows: list[str], ours: dict[str, list[float]]) -> None:
    """A line a row: a point a seed, a bar of one standard deviation about the mean."""
    for place, row in enumerate(rows):
        values, mark = pd.Series(ours.get(row, []), dtype=float), look(place, rows)
        panel.plot(values, [place] * len(values), **mark, linestyle="", markersize=5, alpha=0.6)
        if len(values) > 1:
            bar = {"color": mark["color"], "capsize": 4, "marker": "|", "markersize": 12}
            panel.errorbar(values.mean(), place, xerr=values.std(), **bar)


def label(panel: Axes, rows: list[str], metric: str, better: str) -> None:
    """The first row on top, each named, and which way is better."""
    panel.set_yticks(range(len(rows)), rows)
    panel.set_ylim(len(rows) - 0.5, -0.5)
    panel.set_xlabel(f"{metric} ({ARROW[better]})", fontsize=9)
    panel.margins(x=0.15)


def beside(rows: list[str], metrics: list[dict[str, Any]], ours: str, theirs: str) -> bytes:
    """For each metric two panels with scales of their own: the paper's values, and ours with a point a seed.

    `metrics` are {"name", "measured", "better", "paper": {row: value}, "ours": {row: [values]}}: ours is of the label
    under which it was measured, which another judge may have given.
    """
    sns.set_theme(style="whitegrid", palette="colorblind")
    figure, panels = plt.subplots(
        len(metrics), 2, figsize=(8, 0.5 + len(metrics) * (0.7 + 0.28 * len(rows))), squeeze=False
    )
    for (left, right), metric in zip(panels, metrics, strict=True):
        for place, row in enumerate(rows):
            if row in metric["paper"]:
                left.plot(metric["paper"][row], place, **look(place, rows), markersize=8)
        every_seed(right, rows, metric["ours"])
        left.set_title(f"{metric['name']}: the paper, {theirs}", fontsize=10)
        right.set_title(f"{metric['measured']}: ours, {ours}", fontsize=10)
        label(left, rows, metric["name"], metric["better"])
        label(right, [""] * len(rows), metric["measured"], metric["better"])
    figure.tight_layout()
    return svg(figure)


def curves(losses: pd.DataFrame, row: str) -> bytes:
    """Every player's loss over iterations: the mean over seeds as a line, from lowest to highest seed as a band."""
    sns.set_theme(style="whitegrid", palette="colorblind")
    others = ("row", "seed", "iteration", *MEASURED)
    players = [name for name in losses.columns if name not in others and losses[name].notna().any()]
    long = losses.melt(["seed", "iteration"], players, var_name="player", value_name="loss")
    figure, panel = plt.subplots(figsize=(7.5, 3.2))
    sns.lineplot(
        long, x="iteration", y="loss", hue="player", style="player", errorbar=("pi", 100), ax=panel, dashes=True
    )
    panel.set(title=f"{row}: each player's loss", xlabel="iteration", ylabel="loss (batch mean)")
    sns.move_legend(panel, "center left", bbox_to_anchor=(1, 0.5), title=None, frameon=False)
    return svg(figure)


def learning(rows: dict[str, pd.DataFrame], ours: str, marked: float) -> bytes:
    """Each row's error of reconstruction against epochs, with a line at so many, and against seconds where known.

    The mean over seeds as a line, from lowest to highest seed as a band; the frames have seed, epochs, seconds, ERROR.
    """
    sns.set_theme(style="whitegrid", palette="colorblind")
    whole = pd.concat([told.assign(row=row) for row, told in rows.items()])
    axes = [name for name in ("epochs", "seconds") if whole[name].notna().any()]
    figure, panels = plt.subplots(1, len(axes), figsize=(4.2 * len(axes), 3.2), squeeze=False, sharey=True)
    for panel, axis in zip(panels[0], axes, strict=True):
        sns.lineplot(whole.dropna(subset=axis), x=axis, y=ERROR, hue="row", style="row", errorbar=("pi", 100), ax=panel)
        panel.set_xlabel({"epochs": "epochs", "seconds": "seconds of training"}[axis], fontsize=9)
        panel.set_ylabel("L1 of test images, a pixel", fontsize=9)
        panel.legend(fontsize=8, frameon=False)
    panels[0, 0].axvline(marked, color="black", linestyle=":", linewidth=1)
    figure.suptitle(f"Error of reconstructions while training: ours, {ours}", fontsize=10)
    figure.tight_layout()
    return svg(figure)


def points(rows: list[str], metrics: list[dict[str, Any]], ours: str) -> bytes:
    """For each metric a panel: a point a seed, a bar of one standard deviation, and a line where real images lie.

    `metrics` are {"name", "better", "ours": {row: [values]}, "real": value or None}.
    """
    sns.set_theme(style="whitegrid", palette="colorblind")
    height = 0.9 + 0.32 * len(rows)
    figure, panels = plt.subplots(len(metrics), 1, figsize=(7.5, height * len(metrics)), squeeze=False)
    for panel, metric in zip(panels[:, 0], metrics, strict=True):
        every_seed(panel, rows, metric["ours"])
        if metric["real"] is not None:
            panel.axvline(metric["real"], color="black", linestyle="--", linewidth=1)
            panel.annotate(
                "real images", (metric["real"], -0.45), fontsize=8, ha="center", va="bottom", annotation_clip=False
            )
        panel.set_title(f"{metric['name']}: ours, {ours}", fontsize=10, pad=14)
        label(panel, rows, metric["name"], metric["better"])
    figure.tight_layout()
    return svg(figure)


def critic_curves(rows: dict[str, list[dict[str, list[float]]]]) -> bytes:
    """Each row's critic: its loss on the images that it learns from and on images that it never sees, a line a seed."""
    sns.set_theme(style="whitegrid", palette="colorblind")
    across = min(len(rows), 2)
    down = -(-len(rows) // across)
    figure, panels = plt.subplots(down, across, figsize=(4.2 * across, 2.8 * down), squeeze=False, sharey=True)
    blue, orange = sns.color_palette("colorblind", 2)
    for panel in panels.flat[len(rows) :]:
        panel.set_visible(False)
    for panel, (row, seeds) in zip(panels.flat, rows.items(), strict=False):
        for seed, curve in enumerate(seeds):
            words = ("images it learns from", "images it never sees") if seed == 0 else (None, None)
            panel.plot(curve["step"], curve["validation"], color=blue, linestyle="-", label=words[0], linewidth=1.2)
            panel.plot(curve["step"], curve["test"], color=orange, linestyle="--", label=words[1], linewidth=1.2)
        panel.set_title(row, fontsize=10)
        panel.set_xlabel("step of the critic", fontsize=9)
        panel.set_ylabel("critic's loss, without penalty", fontsize=9)
        panel.legend(fontsize=8, frameon=False)
    figure.suptitle("Independent critic: seen against unseen images", fontsize=11)
    figure.tight_layout()
    return svg(figure)


def codes(rows: dict[str, dict[str, Any]]) -> bytes:
    """Each row's codes: the histogram of its dimensions' means, and their covariance as a map."""
    sns.set_theme(style="white", palette="colorblind")
    figure, panels = plt.subplots(len(rows), 2, figsize=(7.5, 3.1 * len(rows)), squeeze=False)
    reach = 1.1 * max(abs(one) for told in rows.values() for one in told["means"])
    bins, blue = np.linspace(-reach, reach, 16).tolist(), sns.color_palette("colorblind")[0]
    for (left, right), (row, told) in zip(panels, rows.items(), strict=True):
        left.hist(told["means"], bins=bins, color=blue, edgecolor="white")
        left.axvline(0, color="black", linestyle="--", linewidth=1)
        left.locator_params(axis="x", nbins=5)
        left.set_title(f"{row}: means of {len(told['means'])} dimensions", fontsize=10)
        left.set_xlabel("mean over test images (0 under the prior)", fontsize=9)
        left.set_ylabel("dimensions", fontsize=9)
        largest = max(1.0, max(abs(one) for line in told["covariance"] for one in line))
        shown = right.imshow(told["covariance"], cmap="cividis", vmin=-largest, vmax=largest)
        right.set_title(f"{row}: covariance", fontsize=10)
        right.set_xlabel("dimension", fontsize=9)
        right.set_ylabel("dimension", fontsize=9)
        figure.colorbar(shown, ax=right, fraction=0.046)
    figure.tight_layout()
    return svg(figure)
