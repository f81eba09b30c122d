"""Charts of sweeps: fronts, boxes, scatter of two metrics, and a metric over the levels of a knob."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns

from stages.render.charts import ARROW, label, look, svg


def fronts(
    rows: dict[str, dict[str, Any]], others: dict[str, tuple[float, float]], axes: list[dict[str, str]]
) -> bytes:
    """A mark a point, named by its level; a line through each row's front. `others` are rows without a sweep, in grey.

    `rows` are {row: {"points": [n, 2], "levels": [words], "front": [places]}}; `axes` {"name", "better"} of x and y.
    """
    sns.set_theme(style="whitegrid", palette="colorblind")
    figure, panel = plt.subplots(figsize=(7.5, 4.6))
    for place, (row, told) in enumerate(rows.items()):
        points, mark = np.asarray(told["points"]), look(place, list(rows))
        panel.plot(*points.T, **mark, linestyle="", markersize=7, label=row)
        panel.plot(*points[told["front"]].T, color=mark["color"], linewidth=1.2, linestyle=("-", "--", ":")[place % 3])
        for level, (x, y) in zip(told["levels"], points, strict=True):
            panel.annotate(level, (x, y), xytext=(4, 4), textcoords="offset points", fontsize=8)
    for row, (x, y) in others.items():
        panel.plot(x, y, marker=".", color="0.45", linestyle="")
        panel.annotate(row, (x, y), xytext=(4, -9), textcoords="offset points", fontsize=8, color="0.35")
    panel.set_xlabel(f"{axes[0]['name']} ({ARROW[axes[0]['better']]})", fontsize=9)
    panel.set_ylabel(f"{axes[1]['name']} ({ARROW[axes[1]['better']]})", fontsize=9)
    panel.set_title(f"{axes[0]['name']} against {axes[1]['name']}; lines are fronts", fontsize=10)
    panel.legend(fontsize=8, frameon=False)
    panel.margins(0.12)
    return svg(figure)


def boxes(
    sweeps: dict[str, np.ndarray], best: dict[str, list[int]], metric: str, better: str, real: float | None
) -> bytes:
    """A box a sweep: quartiles, every job as a point, the best ones circled; a line where real images lie."""
    sns.set_theme(style="whitegrid", palette="colorblind")
    figure, panel = plt.subplots(figsize=(7.5, 1.2 + 0.6 * len(sweeps)))
    names = list(sweeps)
    for place, name in enumerate(names):
        values = sweeps[name]
        panel.boxplot(
            values, positions=[place], orientation="horizontal", widths=0.6, whis=(0, 100), showfliers=False,
            manage_ticks=False, medianprops={"color": "black"},
        )  # fmt: skip
        mark = look(place, names)
        panel.plot(values, [place] * len(values), **mark, linestyle="", markersize=4, alpha=0.7)
        chosen = values[best[name]]
        panel.plot(
            chosen, [place] * len(chosen), marker="o", markersize=10, markerfacecolor="none", markeredgecolor="black",
            linestyle="",
        )  # fmt: skip
    if real is not None:
        panel.axvline(real, color="black", linestyle="--", linewidth=1)
        panel.annotate("real images", (real, -0.45), fontsize=8, ha="center", va="bottom", annotation_clip=False)
    label(panel, names, metric, better)
    panel.set_title(f"{metric}: a point a job, boxes are quartiles, circles the best ten", fontsize=10, pad=14)
    return svg(figure)


def scatter(one: np.ndarray, other: np.ndarray, names: tuple[str, str], title: str, apart: np.ndarray | None) -> bytes:
    """A point a job. `apart`: those drawn as crosses, with lines where each half ends."""
    sns.set_theme(style="whitegrid", palette="colorblind")
    figure, panel = plt.subplots(figsize=(5.2, 4.4))
    blue, orange = sns.color_palette("colorblind", 2)
    crossed = np.zeros(len(one), bool) if apart is None else apart
    panel.plot(one[~crossed], other[~crossed], "o", color=blue, markersize=5)
    panel.plot(one[crossed], other[crossed], "X", color=orange, markersize=7)
    if apart is not None:
        panel.axvline(float(np.median(one)), color="black", linestyle="--", linewidth=1)
        panel.axhline(float(np.median(other)), color="black", linestyle="--", linewidth=1)
    panel.set_xlabel(names[0], fontsize=9)
    panel.set_ylabel(names[1], fontsize=9)
    panel.set_title(title, fontsize=10)
    return svg(figure)


def levels(knob: str, metrics: list[dict[str, Any]]) -> bytes:
    """A panel a metric over the values of a knob: a point a seed, a line through the means.

    `metrics` are {"name", "better", "by_level": {level: [values]}}.
    """
    sns.set_theme(style="whitegrid", palette="colorblind")
    figure, panels = plt.subplots(1, len(metrics), figsize=(3.8 * len(metrics), 3.2), squeeze=False)
    for panel, metric in zip(panels[0], metrics, strict=True):
        at = sorted(metric["by_level"])
        mark = look(0, ["one"])
        for level in at:
            values = metric["by_level"][level]
            panel.plot([level] * len(values), values, **mark, linestyle="", markersize=5, alpha=0.7)
        panel.plot(at, [float(np.mean(metric["by_level"][level])) for level in at], color=mark["color"])
        panel.set_xlabel(knob, fontsize=9)
        panel.set_ylabel(f"{metric['name']} ({ARROW[metric['better']]})", fontsize=9)
        panel.set_title(f"{metric['name']} over {knob}", fontsize=10)
    figure.tight_layout()
    return svg(figure)
