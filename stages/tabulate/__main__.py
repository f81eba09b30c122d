"""Put every run's numbers beside the papers' and reach the verdicts.

python -m stages.tabulate --runs runs --papers papers --data data --out tables
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pandas as pd

from stages import door, params, record
from stages.tabulate import collect, papers, verdicts
from stages.tabulate.collect import RunResult
from stages.tabulate.evidence import WORDS, Scores
from stages.tabulate.papers import Paper


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.tabulate", __doc__)
    parser.add_argument("--runs", type=Path, required=True, help="folder of runs: <row>/<seed>/metrics.json")
    parser.add_argument("--papers", type=Path, required=True, help="folder of the papers' numbers and claims")
    parser.add_argument("--data", type=Path, required=True, help="folder of datasets, for their cards")
    parser.add_argument("--out", type=Path, required=True, help="folder to make: tables, verdicts.json, summary.json")
    args = parser.parse_args(argv)

    suite = params.load(args.params)
    sources = papers.load(args.papers, set(suite.rows))
    results = collect.results(args.runs, suite)
    card = record.read(args.data / suite.use[0] / "card.json")
    judged = {paper.id: [judge(claim, paper, results, suite, card) for claim in paper.claims] for paper in sources}

    with record.new_folder(args.out) as folder:
        write_scores(folder, results)
        write_losses(folder, results)
        for paper in sources:
            for artifact in paper.artifacts():
                name = f"{paper.id}-{artifact.lower().replace(' ', '-')}.csv"
                beside(paper, artifact, results).to_csv(folder / name, index=False)
        record.write(folder / "verdicts.json", judged)
        record.write(folder / "run.json", about(suite, sources, results, card))
    counts = [claim["verdict"] for claims in judged.values() for claim in claims]
    told = ", ".join(f"{counts.count(word)} {word}" for word in WORDS if word in counts)
    door.say(f"{args.out}: {len(results)} runs, {len(counts)} claims: {told}")


def judge(
    claim: dict[str, Any], paper: Paper, results: list[RunResult], suite: params.Params, card: Any
) -> dict[str, Any]:
    """The claim with its verdict, on the runs of the main dataset."""
    here = [result for result in results if result.facts["dataset"] == card["name"]]
    values: dict[str, dict[str, dict[int, float | None]]] = {}
    better: dict[str, str] = {}
    for result in here:
        for metric, told in result.facts["metrics"].items():
            better[metric] = told["better"]
    for metric in better:
        for row in {result.row for result in here}:
            seeds = {result.seed: result.value(metric) for result in here if result.row == row}
            scored = [result for result in here if result.row == row and result.facts["status"] == "scored"]
            if any(value is not None for value in seeds.values()) or not scored:
                values.setdefault(metric, {})[row] = seeds
    scores = Scores(
        values=values,
        trained=frozenset(row for row in suite.rows if suite.rows[row].system in params.trained_systems()),
        seeds=tuple(sorted(suite.seeds)),
        better=better,
        is_paper=suite.profile == "paper" and card["name"] == paper.dataset and card["whole"],
        dataset_title=card["title"],
        paper_dataset=paper.dataset_title,
        commands={row: command(row, suite) for row in suite.rows},
    )
    told = verdicts.judge(claim, scores).to_record()
    parts = [{**asked, **part} for asked, part in zip(claim.get("parts", []), told["parts"], strict=True)]
    return {**claim, **told, "parts": parts}


def command(row: str, suite: params.Params) -> str:
    """What would run a row."""
    system = suite.rows[row].system
    if row in suite.suite_rows():
        return "dvc repro"
    return f"dvc exp run -S 'suite.{system}=[{', '.join([*suite.suite.get(system, []), row])}]'"


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


def beside(paper: Paper, artifact: str, results: list[RunResult]) -> pd.DataFrame:
    """One artifact: the paper's numbers, as printed, and ours."""
    lines = []
    for number in (number for number in paper.printed if number.artifact == artifact):
        ours = [(result.seed, result.value(number.metric)) for result in results if result.row == number.row]
        values = [value for _, value in ours if value is not None]
        told = spread(values) if values else {"mean": None, "sd": None, "n": 0}
        lines.append(
            {
                "system": number.system,
                "row": number.row,
                "metric": number.metric,
                "paper": str(number.value),
                "paper_std": number.std,
                "paper_source": number.source,
                **{f"ours_{name}": value for name, value in told.items()},
                "failed_seeds": " ".join(str(seed) for seed, value in ours if value is None),
            }
        )
    return pd.DataFrame(lines)


def about(suite: params.Params, sources: list[Paper], results: list[RunResult], card: Any) -> dict[str, Any]:
    """What the pages say of this run as a whole."""
    return {
        "profile": suite.profile,
        "seeds": sorted(suite.seeds),
        "rows": suite.suite_rows(),
        "systems": {row: suite.rows[row].system for row in suite.rows},
        "dataset": card,
        "papers": {
            paper.id: {**paper.model_dump(exclude={"printed", "claims"}), "artifacts": paper.artifacts()}
            for paper in sources
        },
        "protocol": next((result.facts["protocol"] for result in results), {}),
        "status": {
            f"{result.row}/{result.seed}": result.facts["diverged"] or result.facts["status"] for result in results
        },
    }


if __name__ == "__main__":
    door.enter(main)
