"""What notebooks call: each method gives one piece of a page.

report = Report("..", "pagan")
report.table("Table 3")
"""

from pathlib import Path
from typing import Any

from stages.render import charts, claims, grids, provenance
from stages.render.markup import Markup, image, join, number, table, tag
from stages.render.results import Results

COLUMNS, LINES = 10, 5  # of a grid


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
        return tag("p", tag("strong", where + ". "), facts, class_="notice")

    def scope(self, claim: dict[str, Any]) -> str:
        """Where the claim's verdict was reached."""
        run = self.results.run
        words = f"{self.results.dataset['title']}, profile {run['profile']}"
        return words if claim["scope"] == "paper" else f"stand-in ({words}); not the paper's setting"

    # Verdicts

    def verdicts(self) -> Markup:
        told = self.results.verdicts[self.paper["id"]]
        return join([join(claims.card(claim, self.scope(claim)) for claim in told), claims.rule()])

    def all_verdicts(self) -> Markup:
        """Every claim of every paper, in short; each leads to its evidence on the paper's page."""
        told = [
            claims.short(claim, f"{paper} {claim['id']}", f"{paper}.html#claim-{claim['id']}", self.scope(claim))
            for paper, found in self.results.verdicts.items()
            for claim in found
        ]
        return join([*told, claims.rule()])

    # Tables

    def table(self, artifact: str) -> Markup:
        """One of the paper's tables: its numbers, and ours with a link from each seed to its provenance."""
        told = self.results.artifact(self.paper["id"], artifact)
        metrics = list(dict.fromkeys(told["metric"]))
        head = ["row", *(f"{metric}: {whose}" for metric in metrics for whose in ("ours", "paper"))]
        lines = []
        for (system, row), group in told.groupby(["system", "row"], sort=False):
            cells: list[Any] = [join([system, tag("br"), tag("small", f"({row}{self.flag(str(row))})")])]
            for metric in metrics:
                printed = group[group["metric"] == metric]
                cells.append(self.ours(str(row), metric))
                cells.append(self.printed(printed.iloc[0]) if len(printed) else "–")
            lines.append(cells)
        words = "mean ± standard deviation over seeds, each seed's value below"
        judges = f"judge {self.judge()}; the paper on {self.paper['dataset_title']}, judge {self.paper['judge']}"
        return table(f"{artifact}. Ours on {self.results.dataset['title']}: {words}, {judges}", head, lines)

    def flag(self, row: str) -> str:
        """Said of a row whose objective no paper of ours defines."""
        card = self.results.model_card(row)
        return "; objective from the cited paper" if card and card["cited"] else ""

    def judge(self) -> str:
        return str(self.results.run["protocol"].get("judge", "none yet"))

    def ours(self, row: str, metric: str) -> Markup:
        values = self.results.values(row, metric)
        lost = self.lost(row, values)
        if not values:
            return lost
        mean = sum(values.values()) / len(values)
        spread = (sum((value - mean) ** 2 for value in values.values()) / max(len(values) - 1, 1)) ** 0.5
        shown = f"{number(mean)} ± {number(spread, 2)}" if len(values) > 1 else number(mean)
        seeds = join((provenance.link(row, seed, number(value)) for seed, value in sorted(values.items())), " · ")
        count = tag("small", f" n = {len(values)} ", lost)
        return join([shown, count, tag("br"), tag("small", seeds)])

    def lost(self, row: str, values: dict[int, float]) -> Markup:
        """What became of the seeds without a value: a run that diverged is a finding, and leads to its record."""
        status, seeds = self.results.run["status"], self.results.run["seeds"]
        ran = [seed for seed in seeds if f"{row}/{seed}" in status]
        diverged = [seed for seed in ran if not isinstance(status[f"{row}/{seed}"], str)]
        absent = [seed for seed in seeds if seed not in ran]
        told = [provenance.link(row, seed, f"seed {seed} diverged") for seed in diverged]
        if values or diverged:
            told += [tag("span", f"seed {seed} not run") for seed in absent]
        elif not ran:
            told = [tag("span", "not run", class_="absent")]
        else:
            told = [tag("span", "–", title="this row has no images that the metric looks at")]
        return join(told, ", ")

    def printed(self, told: Any) -> str:
        spread = "" if told["paper_std"] != told["paper_std"] else f" ± {told['paper_std']:g}"  # NaN: not printed
        source = {"paper": "", "pretrained": " (a published model)", "literature": " (quoted)"}[told["paper_source"]]
        return f"{told['paper']}{spread}{source}"

    def rows_by_metrics(self) -> Markup:
        """Ours, of every row of the suite and every metric."""
        metrics = sorted(self.results.scores["metric"].unique())
        lines = [
            [join([row, tag("small", self.flag(row))]), *(self.ours(row, metric) for metric in metrics)]
            for row in self.results.run["rows"]
        ]
        return table(f"Every row on {self.results.dataset['title']}; judge: {self.judge()}", ["row", *metrics], lines)

    # Figures

    def chart(self, artifact: str) -> Markup:
        told = self.results.artifact(self.paper["id"], artifact)
        better = dict(zip(self.results.scores["metric"], self.results.scores["better"], strict=True))
        rows = list(dict.fromkeys(told["row"]))
        metrics = [
            {
                "name": metric,
                "better": better[metric],
                "paper": {line["row"]: float(line["paper"]) for _, line in group.iterrows()},
                "ours": {row: list(self.results.values(row, str(metric)).values()) for row in rows},
            }
            for metric, group in told.groupby("metric", sort=False)
            if metric in better
        ]
        if not metrics:
            return tag("p", f"{artifact}: not run.", class_="absent")
        drawn = charts.beside(rows, metrics, self.results.dataset["title"], self.paper["dataset_title"])
        alt = "; ".join(
            f"{metric['name']}: "
            + ", ".join(f"{row} {number(sum(v) / len(v))}" for row, v in metric["ours"].items() if v)
            for metric in metrics
        )
        printed_on = self.paper["dataset_title"]
        words = "Right: ours, a point a seed, bars of one standard deviation. The scales differ."
        caption = f"{artifact}. Left: as printed, on {printed_on}. {words}"
        return figure(image(drawn, "svg+xml", f"{artifact}, our means. {alt}", "chart"), caption)

    def samples(self, rows: list[str]) -> Markup:
        """Samples of the first seed; every row decodes the same codes."""
        return join(self.grid(row, "samples", f"{row}: samples") for row in rows)

    def reconstructions(self, rows: list[str]) -> Markup:
        words = "odd columns: test images; to the right of each: its reconstruction"
        return join(self.grid(row, "reconstructions", f"{row}: {words}") for row in rows)

    def grid(self, row: str, name: str, caption: str) -> Markup:
        seed = self.results.run["seeds"][0]
        images = self.results.images(row, seed, name)
        if images is None:
            ran = f"{row}/{seed}" in self.results.run["status"]
            return tag("p", f"{caption}: {'this row has none' if ran else 'not run'}.", class_="absent")
        if name == "reconstructions":
            originals = self.results.images(row, seed, "originals")
            assert originals is not None  # generate writes both or neither
            images = grids.paired(originals, images, COLUMNS, LINES)
        drawn = grids.grid(images, COLUMNS, LINES)
        where = join([caption, " (", provenance.link(row, seed, f"seed {seed}"), ")"])
        return figure(image(drawn, "png", f"{caption}, a grid of {COLUMNS} by {LINES} images", "grid"), where)

    def curves(self, rows: list[str]) -> Markup:
        losses = self.results.losses
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

    # Text

    def protocol(self) -> Markup:
        told = self.results.run["protocol"]
        if not told:
            return tag("p", "No run has been scored yet.")
        counts = {
            "dataset": told["dataset"],
            "judge": f"{told['judge']}, test accuracy {told['judge_accuracy']:.1%}, sha256 {told['judge_sha256']}",
            "settings": ", ".join(f"{key} {value}" for key, value in told["settings"].items()),
            "libraries": ", ".join(f"{key} {value}" for key, value in told["libraries"].items()),
        }
        return tag("dl", join(join([tag("dt", key), tag("dd", value)]) for key, value in counts.items()))

    def system(self, row: str) -> Markup:
        """The system's own account of its players, equations and departures from the paper."""
        card = self.results.model_card(row)
        if card is None:
            return tag("p", f"{row}: not run.", class_="absent")
        sizes = ", ".join(f"{player} {count:,}" for player, count in card["parameters"].items())
        return join(
            [
                tag("pre", card["docstring"].strip()),
                tag(
                    "p", f"Trained parameters in this run: {sizes}. The file: stages/train/systems/{card['system']}.py"
                ),
            ]
        )

    def systems(self) -> Markup:
        """Every system of the suite, as its file tells it, to be opened one at a time."""
        first: dict[str, str] = {}
        for row in self.results.run["rows"]:
            card = self.results.model_card(row)
            if card is not None:
                first.setdefault(card["system"], row)
        told = (
            tag("details", tag("summary", system, self.flag(row)), self.system(row)) for system, row in first.items()
        )
        return join(told)

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
        listed = (
            tag("li", tag("a", told["title"], href=f"{name}.html")) for name, told in self.results.run["papers"].items()
        )
        return tag("ul", join(listed))


def figure(picture: Markup, caption: Any) -> Markup:
    return tag("figure", picture, tag("figcaption", caption))
