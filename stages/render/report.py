"""What notebooks call: each method gives one piece of a page.

report = Report("..", "pagan")
report.table("Table 3")
"""

from pathlib import Path
from typing import Any

from stages.render import (
    about,
    along,
    cells,
    charts,
    claims,
    colours,
    costs,
    jobs,
    ledger,
    measures,
    overview,
    pictures,
    provenance,
    studies,
)
from stages.render.markup import Markup, figure, image, join, number, table, tag
from stages.render.results import Results


class Report:
    def __init__(self, root: str, paper: str | None = None):
        self.results = Results(Path(root))
        self.paper: dict[str, Any] = self.results.run["papers"][paper] if paper else {}

    # The first lines

    def heading(self) -> Markup:
        return join([tag("h1", self.paper["title"]), self.notice()])

    def notice(self) -> Markup:
        """On which data this run was: said first, because a stand-in is not the paper's dataset."""
        run, data = self.results.run, self.results.dataset
        paper = self.paper.get("dataset_title", "the papers' datasets")
        where = f"This run is on {data['title']}"
        if data["stand_in"]:
            where += f", not {paper}: a stand-in, whose numbers are not comparable with the paper's; orders may be"
        seeds = f"{len(run['seeds'])} seed{'s' * (len(run['seeds']) != 1)}"
        facts = f"Profile {run['profile']}, {seeds} ({', '.join(map(str, run['seeds']))}), {len(run['rows'])} rows."
        others = "; ".join(f"{row} on {title}" for row, title in run["elsewhere"].items())
        facts += f" Rows on other data: {others}." if others else ""
        return tag("p", tag("strong", where + ". "), facts, class_="notice")

    def scope(self, claim: dict[str, Any]) -> str:
        """Where the claim's verdict was reached, and in whose eyes."""
        run = self.results.run
        if claim.get("dataset", "") is None:
            return "an exact fact, which needs no dataset"
        words = f"{claim['judged_on']}, profile {run['profile']}"
        where = words if claim["scope"] == "paper" else f"stand-in ({words}); not the paper's setting"
        parts = claim.get("parts") or [claim]
        metrics = [part["metric"] for part in parts if part.get("metric")]
        metrics += [self.results.label(name) for part in parts for name in part.get("metrics", [])]
        judges = cells.judges(self.results, list(dict.fromkeys(metrics)), list(claim["n"]))
        return f"{where}; {judges}" if judges else where

    # Verdicts

    def verdicts(self) -> Markup:
        told = self.results.verdicts[self.paper["id"]]
        return join([join(claims.card(claim, self.scope(claim)) for claim in told), claims.rule()])

    def all_verdicts(self) -> Markup:
        """Every claim of every paper; each leads to its evidence on the paper's page."""
        told = self.results.verdicts
        return join(
            [
                overview.matrix(told),
                overview.chance(self.results.run["chance"]),
                overview.claims(told),
                claims.rule(),
            ]
        )

    def missing(self) -> Markup:
        return overview.missing(self.results.verdicts, self.results.run["not_computed"])

    def ledger(self) -> Markup:
        """Where the papers contradict themselves, with a number or a plot for each."""
        return ledger.sections(self.results)

    # Tables

    def table(self, artifact: str) -> Markup:
        """One of the paper's tables: its numbers, and ours with a link from each seed to its provenance."""
        told = self.results.artifact(self.paper["id"], artifact)
        metrics = list(dict.fromkeys(zip(told["metric"], told["measured"], strict=True)))
        head = ["row", *(word for metric, label in metrics for word in (f"{label}: ours", f"{metric}: paper"))]
        lines = []
        for (system, row), group in told.groupby(["system", "row"], sort=False, dropna=False):
            quoted = row != row  # NaN: no row of ours, only a number to stand beside
            name = "no row of ours" if quoted else f"({row}{cells.flag(self.results, str(row))})"
            line: list[Any] = [join([system, tag("br"), tag("small", name)])]
            for metric, label in metrics:
                printed = group[group["metric"] == metric]
                line.append("–" if quoted else cells.ours(self.results, str(row), label))
                line.append(cells.printed(printed.iloc[0]) if len(printed) else "–")
            lines.append(line)
        words = "mean ± standard deviation over seeds, each seed's value below"
        ours = cells.judges(self.results, [label for _, label in metrics], list(told["row"]))
        judges = f"{ours}; the paper's judge {self.paper['judge']}" if ours else "no judge"
        where = f"Ours on {self.results.dataset['title']}, the paper on {cells.printed_on(told)}"
        return table(f"{artifact}. {where}: {words}, {judges}", head, lines)

    def tables(self) -> Markup:
        """Every artifact with printed numbers: the table, and the chart where rows of ours stand beside them."""
        shown = []
        for artifact in self.paper["artifacts"]:
            shown.append(tag("h3", artifact))
            shown.append(self.table(artifact))
            if any(self.results.values(row, label) for row, label in self.pairs(artifact)):
                shown.append(self.chart(artifact))
        return join(shown)

    def pairs(self, artifact: str) -> list[tuple[str, str]]:
        """(row, the label under which it was measured) of what an artifact prints."""
        told = self.results.artifact(self.paper["id"], artifact).dropna(subset=["row"])
        return list(zip(told["row"].astype(str), told["measured"].astype(str), strict=True))

    def ours(self, row: str, metric: str) -> Markup:
        return cells.ours(self.results, row, metric)

    def rows_by_metrics(self) -> Markup:
        """Ours, of every row of the suite and every metric, and what papers print of it."""
        metrics = sorted(self.results.scores["metric"].unique())
        printed = self.results.printed()

        def cell(row: str, metric: str) -> Markup:
            theirs = printed.get((row, metric), [])
            return join(
                [cells.ours(self.results, row, metric), *(join([tag("br"), tag("small", words)]) for words in theirs)]
            )

        lines = [
            [
                join([row, tag("small", cells.elsewhere(self.results, row), cells.flag(self.results, row))]),
                *(cell(row, metric) for metric in metrics),
            ]
            for row in self.results.run["rows"]
        ]
        judges = cells.judges(self.results, metrics, self.results.run["rows"]) or "no judge"
        where = f"Every row, on {self.results.dataset['title']} unless it says otherwise"
        return table(f"{where}; {judges}", ["row", *metrics], lines)

    # Figures

    def chart(self, artifact: str) -> Markup:
        told = self.results.artifact(self.paper["id"], artifact).dropna(subset="row")
        better = dict(zip(self.results.scores["metric"], self.results.scores["better"], strict=True))
        rows = list(dict.fromkeys(told["row"]))
        metrics = [
            {
                "name": metric,
                "measured": label,
                "better": better[label],
                "paper": {line["row"]: float(line["paper"]) for _, line in group.iterrows()},
                "ours": {row: list(self.results.values(row, str(label)).values()) for row in rows},
            }
            for (metric, label), group in told.groupby(["metric", "measured"], sort=False)
            if label in better
        ]
        if not metrics:
            return tag("p", f"{artifact}: not run.", class_="absent")
        drawn = charts.beside(rows, metrics, self.results.dataset["title"], cells.printed_on(told))
        alt = "; ".join(
            f"{metric['measured']}: "
            + ", ".join(f"{row} {number(sum(v) / len(v))}" for row, v in metric["ours"].items() if v)
            for metric in metrics
        )
        words = "Right: ours, a point a seed, bars of one standard deviation. The scales differ."
        judges = cells.judges(self.results, [metric["measured"] for metric in metrics], rows)
        caption = (
            f"{artifact}. Left: as printed, on {cells.printed_on(told)}. {words}{f' Ours: {judges}.' if judges else ''}"
        )
        return figure(image(drawn, "svg+xml", f"{artifact}, our means. {alt}", "chart"), caption)

    def points(self, metrics: list[str], rows: list[str]) -> Markup:
        """A panel a metric: every seed of these rows, and the line of real images where the metric has one."""
        better = dict(zip(self.results.scores["metric"], self.results.scores["better"], strict=True))
        labels = [label for label in (self.results.label(metric) for metric in metrics) if label in better]
        told = [
            {
                "name": label,
                "better": better[label],
                "ours": {row: list(self.results.values(row, label).values()) for row in rows},
                "real": cells.mean(self.results.values("real", label).values()),
            }
            for label in labels
        ]
        absent = [metric for metric in metrics if self.results.label(metric) not in better]
        said = tag("p", f"{', '.join(absent)}: not computed; see the protocol.", class_="absent") if absent else ""
        if not told:
            return join([said])
        alt = "; ".join(
            f"{one['name']}: " + ", ".join(f"{row} {number(cells.mean(v))}" for row, v in one["ours"].items() if v)
            for one in told
        )
        drawn = charts.points(rows, told, self.results.dataset["title"])
        judges = cells.judges(self.results, labels, rows)
        caption = f"A point a seed, bars of one standard deviation.{f' Ours: {judges}.' if judges else ''}"
        return join([figure(image(drawn, "svg+xml", alt, "chart"), caption), said])

    def critic(self, rows: list[str]) -> Markup:
        return measures.critic(self.results, rows)

    def codes(self, rows: list[str]) -> Markup:
        return measures.codes(self.results, rows)

    def likelihood_checks(self, rows: list[str]) -> Markup:
        return measures.likelihood_checks(self.results, rows)

    def study(self, name: str) -> Markup:
        """A study: what a paper shows without a trained row."""
        told = self.results.study(name)
        if told is None:
            return tag("p", f"Study {name}: not run (dvc repro study-{name}).", class_="absent")
        return join([studies.SHOWN[name](told), provenance.of_study(self.results, name)])

    def samples(self, rows: list[str]) -> Markup:
        return pictures.samples(self.results, rows)

    def reconstructions(self, rows: list[str]) -> Markup:
        return pictures.reconstructions(self.results, rows)

    def interpolations(self, name: str, rows: list[str]) -> Markup:
        return pictures.interpolations(self.results, name, rows)

    def rows_of(self, *systems: str) -> list[str]:
        """The suite's rows of these systems, on whatever dataset."""
        return [row for row in self.results.run["rows"] if self.results.run["systems"][row] in systems]

    def colorizations(self, rows: list[str]) -> Markup:
        return colours.colorizations(self.results, rows)

    def curves(self, rows: list[str]) -> Markup:
        return along.curves(self.results, rows)

    def pair_game(self, rows: list[str]) -> Markup:
        """PAGAN, section 3.2: how often the pair discriminator is right, and what it leaves the generator to learn."""
        axes = {"pair accuracy": "share of pairs judged right", "pair gradient": "norm of the generator's gradient"}
        return along.logged(self.results, rows, axes, "pair-game")

    def tracking(self, row: str, logged: str, metric: str) -> Markup:
        return along.tracking(self.results, row, logged, metric, "tracking")

    def learning(self, rows: list[str], epochs: float) -> Markup:
        return along.learning(self.results, rows, epochs)

    def cost(self, claim: str) -> Markup:
        """What an epoch costs on this machine, with the interval of the ratio that this claim is about."""
        tables = costs.tables(self.results)
        if not tables:
            return tag("p", "Cost: not run.", class_="absent")
        told = next(one for one in self.results.verdicts[self.paper["id"]] if one["id"] == claim)
        return join([*tables, tag("p", costs.ratio(told))])

    # Sweeps

    def fronts(self, sweep: str, knob: str, pairs: list[tuple[str, str]], others: list[str]) -> Markup:
        return join(jobs.fronts(self.results, sweep, knob, pair, others) for pair in pairs)

    def boxes(self, sweeps: list[str], metrics: list[str]) -> Markup:
        return jobs.boxes(self.results, sweeps, metrics)

    def disagreement(self, sweeps: list[str], pair: tuple[str, str]) -> Markup:
        return jobs.disagreement(self.results, sweeps, pair)

    def correlation(self, sweep: str, pair: tuple[str, str]) -> Markup:
        return jobs.correlation(self.results, sweep, pair)

    def best_samples(self, name: str, sweep: str, metrics: list[str]) -> Markup:
        return jobs.best_samples(self.results, name, sweep, metrics)

    def levels(self, sweep: str, knob: str, metrics: list[str]) -> Markup:
        return jobs.levels(self.results, sweep, knob, metrics)

    # Text

    def protocol(self) -> Markup:
        return about.protocol(self.results)

    def terms(self, printed: dict[str, tuple[str, str]]) -> Markup:
        return about.terms(self.results, printed)

    def system(self, row: str) -> Markup:
        return about.system(self.results, row)

    def systems(self) -> Markup:
        return about.systems(self.results)

    def provenance(self, rows: list[str] | None = None) -> Markup:
        return provenance.sections(self.results, rows or self.results.run["rows"])

    def compute(self) -> Markup:
        """What the whole run cost."""
        seconds: dict[str, float] = {}
        for row, seed in self.results.runs():
            for stage, facts in self.results.provenance(row, seed).items():
                seconds[stage] = seconds.get(stage, 0) + facts["wall_seconds"]
        told = ", ".join(f"{stage} {value:,.0f} s" for stage, value in seconds.items())
        return tag("p", f"Wall time of all runs: {told}.")

    def pages(self) -> Markup:
        listed = [(name, told["title"]) for name, told in self.results.run["papers"].items()]
        listed.append(("contradictions", "Contradictions in the papers, each with a number that shows it"))
        return tag("ul", join(tag("li", tag("a", title, href=f"{name}.html")) for name, title in listed))
