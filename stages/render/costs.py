"""What epochs cost, beside the machine that it was measured on; and errors against epochs and seconds."""

from statistics import fmean
from typing import Any

import pandas as pd

from stages import record
from stages.render import provenance
from stages.render.charts import ERROR
from stages.render.markup import Markup, join, number, table
from stages.render.results import Results


def tables(results: Results) -> list[Markup]:
    """One a dataset on which rows were timed."""
    return [join([of_dataset(told), where(results, name)]) for name, told in results.costs.items() if told["rows"]]


def of_dataset(told: dict[str, Any]) -> Markup:
    head = ["row", "networks", "seconds an epoch, mean over seeds", "each seed", "batches an epoch"]
    lines = [
        [
            row,
            found["networks"],
            number(fmean(found["epoch_seconds"].values()), 3),
            " · ".join(number(one, 3) for one in found["epoch_seconds"].values()),
            found["iterations_an_epoch"],
        ]
        for row, found in told["rows"].items()
    ]
    batch = next(iter(told["rows"].values()))["batch"]
    caption = (
        f"Wall time of training on {told['dataset']['title']}, {told['images']:,} images in batches of {batch}: "
        f"by turns, {told['sizes']['rounds']} rounds of {told['sizes']['iterations']} iterations a seed; medians count"
    )
    return table(caption, head, lines)


def where(results: Results, dataset: str) -> Markup:
    path = results.root / "costs" / "provenance" / f"{dataset}.json"
    return provenance.folded("cost", record.read(path)) if path.is_file() else join([])


def ratio(claim: dict[str, Any]) -> str:
    """The claim's number with its interval; '' where it has none."""
    if claim["theta"] is None:
        return ""
    low, high = claim["interval"]
    told = f"{claim['than']} over {claim['better']}: {number(claim['theta'], 3)} times"
    return f"{told}, 95 % interval {number(low, 3)} to {number(high, 3)} (claim {claim['id']})."


def learned(results: Results, row: str) -> pd.DataFrame | None:
    """The error of a row's reconstructions, a line a seed and logged iteration, at how many epochs and seconds."""
    losses = results.losses
    if ERROR not in losses or (card := results.model_card(row)) is None:
        return None
    told = losses.loc[(losses["row"] == row) & losses[ERROR].notna(), ["seed", "iteration", ERROR]]
    images, batch = results.dataset["splits"]["train"]["images"], card["settings"]["batch"]
    timed = results.costs.get(results.dataset["name"], {"rows": {}})["rows"].get(row)
    an_iteration = fmean(timed["epoch_seconds"].values()) / timed["iterations_an_epoch"] if timed else float("nan")
    return told.assign(epochs=told["iteration"] / max(images // batch, 1), seconds=told["iteration"] * an_iteration)
