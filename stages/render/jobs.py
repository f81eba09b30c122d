"""Pieces of pages about sweeps, whose points are jobs: fronts, boxes, best samples, correlations, levels of a knob."""

from typing import Any

import numpy as np
import pandas as pd

from stages.render import grids, job_charts, numbers, provenance
from stages.render.markup import Markup, figure, image, join, number, table, tag
from stages.render.results import Results

BEST = 10  # jobs that are circled, as in α-GAN's box plots
COLUMNS, LINES = 10, 2  # of a job's grid
NEAREST = "Diversity"  # counts by how near it is to that of real images


def absent(sweeps: list[str], **attributes: str) -> Markup:
    commands = join((tag("code", f"make sweep NAME={sweep}") for sweep in sweeps), ", ")
    return tag("p", "Sweep not run: ", commands, ".", class_="absent", **attributes)


def no_numbers(metrics: list[str], **attributes: str) -> Markup:
    return tag("p", f"{' and '.join(metrics)}: not computed; see the protocol.", class_="absent", **attributes)


class Jobs:
    """The jobs of some sweeps, each with the mean over its seeds of every metric."""

    def __init__(self, results: Results, sweeps: list[str]):
        self.results = results
        kept = results.sweeps
        self.told = kept[kept["sweep"].isin(sweeps) & (kept["dataset"] == results.dataset["name"])]
        self.metrics = set(self.told.dropna(subset="value")["metric"])
        self.better = dict(zip(self.told["metric"], self.told["better"], strict=True))

    def means(self, *metrics: str) -> pd.DataFrame:
        """A line a job that has all of these, with its sweep, row and the metrics as columns."""
        chosen = self.told[self.told["metric"].isin(metrics)]
        wide = chosen.pivot_table(index=["sweep", "row", "point"], columns="metric", values="value", aggfunc="mean")
        return wide.reindex(columns=list(metrics)).dropna().reset_index()

    def judges(self, metric: str) -> str:
        told = self.told[self.told["metric"] == metric]["judge"].dropna().unique()
        return f" Judge: {', '.join(told)}." if len(told) else ""

    def upwards(self, metric: str, values: np.ndarray) -> np.ndarray:
        """So that more is better."""
        if metric == NEAREST:
            real = self.results.mean("real", metric)
            return -np.abs(values - real) if real is not None else values
        return -values if self.better[metric] == "lower" else values


def fronts(results: Results, sweep: str, knob: str, pair: tuple[str, str], others: list[str]) -> Markup:
    """Two metrics against each other over a knob: each row's front, and the area that it outdoes.

    The area is measured from the worst value of each metric among all points of the sweep.
    """
    jobs, metrics = Jobs(results, [sweep]), [results.label(metric) for metric in pair]
    if jobs.told.empty:
        return absent([sweep])
    if not jobs.metrics.issuperset(metrics):
        return no_numbers([metric for metric in metrics if metric not in jobs.metrics])
    told = jobs.means(*metrics)
    levels = told["point"].map(jobs.told.groupby("point")[knob].first())
    upwards = np.stack([jobs.upwards(metric, told[metric].to_numpy()) for metric in metrics], axis=1)
    shown: dict[str, dict[str, Any]] = {}
    lines: list[list[Any]] = []
    for row, places in told.groupby("row", sort=False).indices.items():
        points, names = told.iloc[places][metrics].to_numpy(), [f"{level:g}" for level in levels.iloc[places]]
        front = numbers.front(upwards[places])
        shown[str(row)] = {"points": points, "levels": names, "front": front}
        for place, (name, values) in enumerate(zip(names, points, strict=True)):
            told_front = "on the front" if place in front else "outdone"
            lines.append([f"{row} at {knob} {name}", *(number(value) for value in values), told_front])
        area = numbers.hypervolume(upwards[places], upwards.min(axis=0))
        lines.append([f"{row}: area under its front", "", "", number(area)])
    axes = [{"name": metric, "better": jobs.better[metric]} for metric in metrics]
    means = {row: tuple(results.mean(row, metric) for metric in metrics) for row in others}
    beside = {row: (x, y) for row, (x, y) in means.items() if x is not None and y is not None}
    alt = "; ".join(f"{row}: {len(one['front'])} of {len(one['levels'])} on its front" for row, one in shown.items())
    drawn = job_charts.fronts(shown, beside, axes)
    caption = f"A mark is the mean over seeds at one {knob}; grey: rows without a sweep. {alt}."
    head = [f"row at {knob}", *metrics, "front"]
    words = "Areas are in units of both metrics, from the worst value of each among these points"
    return join([figure(image(drawn, "svg+xml", alt, "chart"), caption), table(words, head, lines)])


def boxes(results: Results, sweeps: list[str], metrics: list[str]) -> Markup:
    """A box a sweep in each metric."""
    jobs = Jobs(results, sweeps)
    if jobs.told.empty:
        return absent(sweeps)
    pieces = []
    for metric in dict.fromkeys(results.label(metric) for metric in metrics):  # one judge's score may stand for both
        if metric not in jobs.metrics:
            pieces.append(no_numbers([metric]))
            continue
        groups = {str(sweep): group[metric].to_numpy() for sweep, group in jobs.means(metric).groupby("sweep")}
        best = {sweep: (-jobs.upwards(metric, values)).argsort()[:BEST].tolist() for sweep, values in groups.items()}
        real = results.mean("real", metric)
        drawn = job_charts.boxes(groups, best, metric, jobs.better[metric], real)
        medians = (f"{sweep} median {number(float(np.median(one)))} of {len(one)}" for sweep, one in groups.items())
        alt = f"{metric}: {', '.join(medians)}"
        near = " Best is nearest to real images." if metric == NEAREST and real is not None else ""
        pieces.append(figure(image(drawn, "svg+xml", alt, "chart"), f"{alt}.{near}{jobs.judges(metric)}"))
    return join(pieces)


def disagreement(results: Results, sweeps: list[str], pair: tuple[str, str]) -> Markup:
    """Which jobs two scores rank in different halves."""
    jobs = Jobs(results, sweeps)
    if jobs.told.empty:
        return absent(sweeps)
    if not jobs.metrics.issuperset(pair):
        return no_numbers([metric for metric in pair if metric not in jobs.metrics])
    told = jobs.means(*pair)
    first, second = (numbers.ranks(jobs.upwards(metric, told[metric].to_numpy())) for metric in pair)
    apart = numbers.disagreeing(first, second)
    share = f"{int(apart.sum())} of {len(apart)} jobs are in the better half by one and in the worse by the other"
    r = f"rank correlation {number(numbers.spearman(first, second), 2)}"
    drawn = job_charts.scatter(first, second, (f"rank by {pair[0]}", f"rank by {pair[1]}"), "Two ranks of a job", apart)
    return figure(
        image(drawn, "svg+xml", f"{share}; {r}", "chart"), f"{share} (crosses); {r}. A higher rank is better."
    )


def correlation(results: Results, sweep: str, pair: tuple[str, str]) -> Markup:
    """Two metrics over the jobs of a sweep, with Pearson's and Spearman's correlation."""
    jobs = Jobs(results, [sweep])
    if jobs.told.empty:
        return absent([sweep])
    if not jobs.metrics.issuperset(pair):
        return no_numbers([metric for metric in pair if metric not in jobs.metrics])
    told = jobs.means(*pair)
    one, other = (told[metric].to_numpy() for metric in pair)
    found = []
    for name, of in (("Pearson", numbers.pearson), ("Spearman", numbers.spearman)):
        low, high = numbers.interval(of, one, other)
        found.append(f"{name} {number(of(one, other), 2)} [{number(low, 2)}, {number(high, 2)}]")
    words = f"{', '.join(found)} over {len(one)} jobs; intervals of 95 % by resampling jobs"
    drawn = job_charts.scatter(one, other, pair, f"{pair[1]} against {pair[0]}, a point a job", None)
    return figure(image(drawn, "svg+xml", words, "chart"), f"{words}.")


def best_samples(results: Results, name: str, sweep: str, metrics: list[str]) -> Markup:
    """Samples of the best job by each metric; `name` is that of the figure."""
    jobs = Jobs(results, [sweep])
    if jobs.told.empty:
        return absent([sweep], id=name)
    pieces = []
    for metric in [results.label(metric) for metric in metrics]:
        if metric not in jobs.metrics:
            pieces.append(no_numbers([metric]))
            continue
        told = jobs.means(metric)
        best = told.iloc[int(jobs.upwards(metric, told[metric].to_numpy()).argmax())]
        pieces.append(samples(results, str(best["point"]), f"best by {metric} ({number(float(best[metric]))})"))
    return tag("div", join(pieces), id=name)


def levels(results: Results, sweep: str, knob: str, metrics: list[str]) -> Markup:
    """What a knob does: metrics over its values, and samples at each."""
    jobs = Jobs(results, [sweep])
    if jobs.told.empty:
        return absent([sweep], id=knob)
    there = [label for label in (results.label(metric) for metric in metrics) if label in jobs.metrics]
    panels = []
    for metric in there:
        chosen = jobs.told[jobs.told["metric"] == metric].dropna(subset="value")
        by_level = {float(level): list(group["value"]) for level, group in chosen.groupby(knob)}
        panels.append({"name": metric, "better": jobs.better[metric], "by_level": by_level})
    alt = "; ".join(
        f"{panel['name']}: "
        + ", ".join(f"{number(float(np.mean(v)))} at {at:g}" for at, v in panel["by_level"].items())
        for panel in panels
    )
    drawn = job_charts.levels(knob, panels)
    points = jobs.told.drop_duplicates("point").sort_values([knob, "point"])
    grids_of = [
        samples(results, point, f"{knob} {at:g}") for point, at in zip(points["point"], points[knob], strict=True)
    ]
    chart = figure(image(drawn, "svg+xml", alt, "chart"), f"A point a seed, a line through the means. {alt}.")
    return tag("div", chart, join(grids_of), id=knob)


def samples(results: Results, point: str, words: str) -> Markup:
    """Of a job's first seed, which its figure leads to the origin of."""
    images = results.images(point, 0, "samples")
    if images is None:
        return tag("p", f"{point}: its first seed made no samples.", class_="absent")
    drawn = grids.grid(images, COLUMNS, LINES)
    caption = join([f"{words}: {point}, seed 0", provenance.of_run(results, point, 0)])
    return figure(image(drawn, "png", f"{point}: samples, a grid of {COLUMNS} by {LINES} images", "grid"), caption)
