"""Put every run's numbers beside the papers' and reach the verdicts.

python -m stages.tabulate --runs runs --papers papers --data data --out tables
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pandas as pd

from stages import door, params, record
from stages.tabulate import collect, many, papers, scales, scored, verdicts
from stages.tabulate.collect import RunResult
from stages.tabulate.evidence import WORDS
from stages.tabulate.labels import measured
from stages.tabulate.papers import Paper
from stages.tabulate.scored import Scored


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.tabulate", __doc__)
    parser.add_argument("--runs", type=Path, required=True, help="folder of runs: <row>/<seed>/metrics.json")
    parser.add_argument("--papers", type=Path, required=True, help="folder of the papers' numbers and claims")
    parser.add_argument("--data", type=Path, required=True, help="folder of datasets, for their cards")
    parser.add_argument("--studies", type=Path, help="folder of the studies' results, for claims about exact facts")
    parser.add_argument("--costs", type=Path, help="folder of what epochs cost, for claims about time")
    parser.add_argument("--out", type=Path, required=True, help="folder to make: tables, verdicts.json, summary.json")
    args = parser.parse_args(argv)

    suite = params.load(args.params)
    sources = papers.load(args.papers, suite)
    results = collect.results(args.runs, suite)
    swept = collect.swept(args.runs, suite)
    cards, facts = scored.cards(args.data, suite), scored.facts(args.studies)
    everything = Scored(suite, results, swept, cards, facts, collect.costs(args.costs))
    judged = {paper.id: [judge(claim, paper, everything) for claim in paper.claims] for paper in sources}
    for place in many.firm(judged):
        next(claim for claim in judged[place.paper] if claim["id"] == place.claim)["firm"] = True

    with record.new_folder(args.out) as folder:
        write_scores(folder, results)
        write_sweeps(folder, everything)
        write_losses(folder, results)
        for paper in sources:
            for artifact in paper.artifacts():
                name = f"{paper.id}-{artifact.lower().replace(' ', '-')}.csv"
                beside(paper, artifact, everything).to_csv(folder / name, index=False)
        record.write(folder / "verdicts.json", judged)
        record.write(folder / "run.json", about(everything, sources) | {"chance": many.summary(judged)})
    counts = [claim["verdict"] for claims in judged.values() for claim in claims]
    told = ", ".join(f"{counts.count(word)} {word}" for word in WORDS if word in counts)
    door.say(f"{args.out}: {len(results) + len(swept)} runs, {len(counts)} claims: {told}")


def judge(claim: dict[str, Any], paper: Paper, everything: Scored) -> dict[str, Any]:
    """The claim with its verdict."""
    dataset = claim.get("dataset", paper.dataset)
    scores = everything.scores(dataset, paper.datasets.get(dataset, ""), paper.stand_ins.get(dataset))
    told = recorded(claim, verdicts.judge(claim, scores).to_record())
    return told | {"firm": False, "judged_on": scores.dataset_title}


def recorded(claim: dict[str, Any], verdict: dict[str, Any]) -> dict[str, Any]:
    """Both as one record, and so their parts. A metric goes by the label under which it was measured."""
    merged = {
        "metric": verdict["metric"] or claim.get("metric", ""),
        "note": claim.get("note"),
        "remarks": verdict["note"],
    }
    asked = claim.get("parts") or [{} for _ in verdict["parts"]]
    parts = [recorded(one, part) for one, part in zip(asked, verdict["parts"], strict=True)]
    return {**claim, **verdict, **merged, "parts": parts}


def write_scores(folder: Path, results: list[RunResult]) -> None:
    """scores.csv, a line a number; scores-by-row.csv and summary.json, means for `dvc plots` and `dvc metrics`."""
    lines = [
        {
            "row": result.row,
            "seed": result.seed,
            "dataset": result.facts["dataset"],
            "profile": result.facts["profile"],
            "metric": metric,
            "better": told["better"],
            "value": told["value"],
            "over_splits": told.get("over_splits"),
            "judge": told["judge"],
        }
        for result in results
        for metric, told in sorted(result.facts["metrics"].items())
    ]
    columns = ["row", "seed", "dataset", "profile", "metric", "better", "value", "over_splits", "judge"]
    scores = pd.DataFrame(lines, columns=columns)
    scores.to_csv(folder / "scores.csv", index=False)

    summary: dict[str, Any] = {}
    for (row, metric), group in scores.groupby(["row", "metric"]):
        summary.setdefault(str(row), {})[str(metric)] = spread(group["value"].tolist())
    record.write(folder / "summary.json", summary)
    means = scores.pivot_table(index="row", columns="metric", values="value", aggfunc="mean", sort=True)
    means.reset_index().to_csv(folder / "scores-by-row.csv", index=False)


def write_sweeps(folder: Path, everything: Scored) -> None:
    """sweeps.csv, a line a number of a job, with a column a knob."""
    about = {(run.row, run.seed): run.facts for run in [*everything.swept, *everything.results]}
    lines = []
    for dataset in everything.cards:
        for sweep, jobs in everything.scores(dataset, "").jobs.items():
            for point, job in jobs.items():
                for metric, seeds in sorted(job.values.items()):
                    for seed, value in sorted(seeds.items()):
                        told = about[point, seed]["metrics"].get(metric, {})
                        lines.append(
                            {
                                "sweep": sweep,
                                "dataset": dataset,
                                "row": job.row,
                                "point": point,
                                "seed": seed,
                                "metric": metric,
                                "better": told.get("better"),
                                "value": value,
                                "judge": told.get("judge"),
                                **job.knobs,
                            }
                        )
    columns = ["sweep", "dataset", "row", "point", "seed", "metric", "better", "value", "judge"]
    knobs = dict.fromkeys(knob for sweep in everything.suite.sweeps.values() for knob in sweep.grid)
    pd.DataFrame(lines, columns=[*columns, *knobs]).to_csv(folder / "sweeps.csv", index=False)


def spread(values: list[float]) -> dict[str, float | int | None]:
    return {"mean": mean(values), "sd": stdev(values) if len(values) > 1 else None, "n": len(values)}


def write_losses(folder: Path, results: list[RunResult]) -> None:
    """losses.csv, a line a seed and logged iteration; losses/<row>.csv, means over seeds for `dvc plots`."""
    (folder / "losses").mkdir()
    lines = [{"row": result.row, "seed": result.seed, **point} for result in results for point in result.curves]
    losses = pd.DataFrame(lines) if lines else pd.DataFrame(columns=["row", "seed", "iteration"])
    losses.to_csv(folder / "losses.csv", index=False)
    for row, group in losses.groupby("row", sort=True):
        means = group.drop(columns=["row", "seed"]).groupby("iteration").mean().dropna(axis=1, how="all")
        means.reset_index().to_csv(folder / "losses" / f"{row}.csv", index=False)


def beside(paper: Paper, artifact: str, everything: Scored) -> pd.DataFrame:
    """One artifact: the paper's numbers, as printed, and ours, by the label under which they were measured."""
    lines = []
    results, suite = everything.results, everything.suite
    here = [result for result in results if result.facts["dataset"] == suite.use[0]]
    usual = {label for result in here for label in result.facts["metrics"]}
    for number in (number for number in paper.printed if number.artifact == artifact):
        dataset = number.dataset or paper.dataset
        row = number.row and scored.row_on(number.row, dataset, suite)
        runs = [result for result in results if result.row == row]
        label = measured(number.metric, {label for run in runs for label in run.facts["metrics"]} or usual)
        ours = [(run.seed, run.value(label)) for run in runs]
        values = [value for _, value in ours if value is not None]
        told = spread(values) if values else {"mean": None, "sd": None, "n": 0}
        lines.append(
            {
                "system": number.system,
                "row": row,
                "dataset": paper.datasets[dataset],
                "metric": number.metric,
                "measured": label,
                "paper": str(number.value),
                "paper_std": number.std,
                "paper_source": number.source,
                **{f"ours_{name}": value for name, value in told.items()},
                "failed_seeds": " ".join(str(seed) for seed, value in ours if value is None),
            }
        )
    return pd.DataFrame(lines)


def about(everything: Scored, sources: list[Paper]) -> dict[str, Any]:
    """What the pages say of this run as a whole."""
    suite, results, card = everything.suite, everything.results, everything.cards[everything.suite.use[0]]
    here = [result for result in results if result.facts["dataset"] == card["name"]]
    usual = {label for result in here for label in result.facts["metrics"]}
    return {
        "profile": suite.profile,
        "seeds": sorted(suite.seeds),
        "seeds_of": {row: sorted(suite.seeds_of(row)) for row in suite.suite_rows()},
        "rows": suite.suite_rows(),
        "systems": {row: suite.rows[row].system for row in suite.rows},
        "dataset": card,
        "elsewhere": {row: title for row, title in titles(everything).items() if title != card["title"]},
        "papers": {paper.id: paper.about() for paper in sources},
        "protocol": next((result.facts["protocol"] for result in here), {}),
        "labels": {metric: measured(metric, usual) for metric in sorted(scales.METRICS)},
        "not_computed": not_computed(here),
        "status": {
            f"{result.row}/{result.seed}": result.facts["diverged"] or result.facts["status"] for result in results
        },
    }


def titles(everything: Scored) -> dict[str, str]:
    """The dataset of each row that has run."""
    return {
        result.row: everything.cards[result.facts["dataset"]]["title"]
        for result in everything.results
        if result.facts["dataset"] in everything.cards
    }


def not_computed(results: list[RunResult]) -> dict[str, dict[str, list[str]]]:
    """{reason: {metric: [rows]}} of numbers that could not be had."""
    found: dict[str, dict[str, list[str]]] = {}
    for result in results:
        for label, reason in result.facts["not_computed"].items():
            rows = found.setdefault(reason, {}).setdefault(label, [])
            if result.row not in rows:
                rows.append(result.row)
    return found


if __name__ == "__main__":
    door.enter(main)
