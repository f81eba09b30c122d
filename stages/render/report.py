"""What notebooks call: each method gives one piece of a page.

report = Report("..", "pagan")
report.table("Table 3")
"""

from collections.abc import Iterable
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from stages import lab
from stages.render import along, charts, claims, costs, grids, jobs, ledger, overview, provenance, studies
from stages.render.markup import Markup, figure, image, join, number, table, tag
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
        metrics = [part["metric"] for part in claim.get("parts") or [claim] if part.get("metric")]
        judges = self.judges(list(dict.fromkeys(metrics)), list(claim["n"]))
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
            name = "no row of ours" if quoted else f"({row}{self.flag(str(row))})"
            cells: list[Any] = [join([system, tag("br"), tag("small", name)])]
            for metric, label in metrics:
                printed = group[group["metric"] == metric]
                cells.append("–" if quoted else self.ours(str(row), label))
                cells.append(self.printed(printed.iloc[0]) if len(printed) else "–")
            lines.append(cells)
        words = "mean ± standard deviation over seeds, each seed's value below"
        ours = self.judges([label for _, label in metrics], list(told["row"]))
        judges = f"{ours}; the paper's judge {self.paper['judge']}" if ours else "no judge"
        where = f"Ours on {self.results.dataset['title']}, the paper on {printed_on(told)}"
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

    def flag(self, row: str) -> str:
        """Said of a row whose objective no paper of ours defines."""
        card = self.results.model_card(row)
        return "; objective from the cited paper" if card and card["cited"] else ""

    def judges(self, metrics: list[str], rows: list[str]) -> str:
        """In whose eyes these are: `judge scikit-learn digits CNN (0123abcd) of FID-own and IS-own`; or ''."""
        scores = self.results.scores[self.results.scores["row"].isin(rows)]
        told: dict[str, list[str]] = {}
        for metric in metrics:
            for judge in scores[scores["metric"] == metric]["judge"].dropna().unique():
                told.setdefault(judge, []).append(metric)
        return "; ".join(f"judge {judge} of {and_list(seen)}" for judge, seen in told.items())

    def ours(self, row: str, metric: str) -> Markup:
        values = self.results.values(row, metric)
        lost = self.lost(row, metric, values)
        if not values:
            return lost
        mean = sum(values.values()) / len(values)
        spread = (sum((value - mean) ** 2 for value in values.values()) / max(len(values) - 1, 1)) ** 0.5
        shown = f"{number(mean)} ± {number(spread, 2)}" if len(values) > 1 else number(mean)
        seeds = join((provenance.link(row, seed, number(value)) for seed, value in sorted(values.items())), " · ")
        count = tag("small", f" n = {len(values)} ", lost)
        return join([shown, count, tag("br"), tag("small", seeds)])

    def lost(self, row: str, metric: str, values: dict[int, float]) -> Markup:
        """What became of the seeds without a value: a run that diverged is a finding, and leads to its record."""
        status, seeds = self.results.run["status"], self.results.run["seeds_of"].get(row, self.results.run["seeds"])
        ran = [seed for seed in seeds if f"{row}/{seed}" in status]
        diverged = [seed for seed in ran if not isinstance(status[f"{row}/{seed}"], str)]
        absent = [seed for seed in seeds if seed not in ran]
        told = [provenance.link(row, seed, f"seed {seed} diverged") for seed in diverged]
        if values or diverged:
            told += [tag("span", f"seed {seed} not run") for seed in absent]
        elif not ran:
            told = [tag("span", "not run", class_="absent")]
        else:
            absences = self.results.run["not_computed"].items()
            reasons = [reason for reason, rows in absences if row in rows.get(metric, [])]
            why = f"not computed: {reasons[0]}" if reasons else "this row has no images that the metric looks at"
            told = [tag("span", "–", title=why)]
        return join(told, ", ")

    def printed(self, told: Any) -> str:
        spread = "" if told["paper_std"] != told["paper_std"] else f" ± {told['paper_std']:g}"  # NaN: not printed
        source = {"paper": "", "pretrained": "a published model", "public code": "public code", "literature": "quoted"}
        words = source[told["paper_source"]]
        return f"{told['paper']}{spread}{f' ({words})' if words else ''}"

    def rows_by_metrics(self) -> Markup:
        """Ours, of every row of the suite and every metric, and what papers print of it."""
        metrics = sorted(self.results.scores["metric"].unique())
        printed = self.results.printed()

        def cell(row: str, metric: str) -> Markup:
            theirs = printed.get((row, metric), [])
            return join([self.ours(row, metric), *(join([tag("br"), tag("small", words)]) for words in theirs)])

        lines = [
            [join([row, tag("small", self.elsewhere(row), self.flag(row))]), *(cell(row, metric) for metric in metrics)]
            for row in self.results.run["rows"]
        ]
        judges = self.judges(metrics, self.results.run["rows"]) or "no judge"
        where = f"Every row, on {self.results.dataset['title']} unless it says otherwise"
        return table(f"{where}; {judges}", ["row", *metrics], lines)

    def elsewhere(self, row: str) -> str:
        """Said of a row on another dataset than the main one."""
        title = self.results.run["elsewhere"].get(row)
        return f" on {title}" if title else ""

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
        drawn = charts.beside(rows, metrics, self.results.dataset["title"], printed_on(told))
        alt = "; ".join(
            f"{metric['measured']}: "
            + ", ".join(f"{row} {number(sum(v) / len(v))}" for row, v in metric["ours"].items() if v)
            for metric in metrics
        )
        words = "Right: ours, a point a seed, bars of one standard deviation. The scales differ."
        judges = self.judges([metric["measured"] for metric in metrics], rows)
        caption = f"{artifact}. Left: as printed, on {printed_on(told)}. {words}{f' Ours: {judges}.' if judges else ''}"
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
                "real": mean(self.results.values("real", label).values()),
            }
            for label in labels
        ]
        absent = [metric for metric in metrics if self.results.label(metric) not in better]
        said = tag("p", f"{', '.join(absent)}: not computed; see the protocol.", class_="absent") if absent else ""
        if not told:
            return join([said])
        alt = "; ".join(
            f"{one['name']}: " + ", ".join(f"{row} {number(mean(v))}" for row, v in one["ours"].items() if v)
            for one in told
        )
        drawn = charts.points(rows, told, self.results.dataset["title"])
        judges = self.judges(labels, rows)
        caption = f"A point a seed, bars of one standard deviation.{f' Ours: {judges}.' if judges else ''}"
        return join([figure(image(drawn, "svg+xml", alt, "chart"), caption), said])

    def critic(self, rows: list[str]) -> Markup:
        """The independent critic's loss on images that it learns from and on others, over its steps."""
        told = {row: [one["curves"] for one in self.results.measured(row, "critic")] for row in rows}
        told = {row: seeds for row, seeds in told.items() if seeds}
        if not told:
            return tag("p", "Critic: not run.", class_="absent")
        gaps = {row: mean(one["gap"] for one in self.results.measured(row, "critic")) for row in told}
        alt = "Gap between unseen and seen images: " + ", ".join(f"{row} {number(gap)}" for row, gap in gaps.items())
        words = "solid: images the critic learns from; dashed: images it never sees"
        return figure(
            image(charts.critic_curves(told), "svg+xml", alt, "chart"), f"A line a seed; {words}. {alt}.", id="critic"
        )

    def codes(self, rows: list[str]) -> Markup:
        """Means and covariance of the first seed's codes."""
        told, lines = {}, []
        for row in rows:
            means, covariances = (self.results.measured(row, name) for name in ("Latent mean", "Latent covariance"))
            if means and covariances:
                told[row] = {"means": means[0]["means"], "covariance": covariances[0]["covariance"]}
                lines.append(
                    [
                        row,
                        number(mean(one["value"] for one in means)),
                        number(mean(one["floor"] for one in means)),
                        number(mean(one["value"] for one in covariances)),
                        number(mean(one["floor"] for one in covariances)),
                    ]
                )
        if not told:
            return tag("p", "Codes: not run.", class_="absent")
        head = ["row", "mean |mean|", "of N(0, I)", "mean |covariance|, i ≠ j", "of N(0, I)"]
        alt = "; ".join(f"{line[0]}: means {line[1]}, covariances {line[3]}" for line in lines)
        count = self.results.measured(next(iter(told)), "Latent mean")[0]["codes"]
        return join(
            [
                figure(
                    image(charts.codes(told), "svg+xml", alt, "chart"),
                    "The first seed's codes; under the prior the covariance is the identity.",
                    id="codes",
                ),
                table(f"Codes of {count:,} test images, means over seeds", head, lines),
            ]
        )

    def likelihood_checks(self, rows: list[str]) -> Markup:
        """What annealing misses where the answer is known: an estimate is never better than that."""
        told = {row: found for row in rows if (found := self.results.likelihoods(row))}
        if not told:
            return tag("p", "Log-likelihood: not run.", class_="absent")
        lines = [
            [
                row,
                number(mean(one["metrics"]["log-likelihood"]["value"] for one in found)),
                ", ".join(sorted({f"{one['metrics']['log-likelihood']['variance']:g}" for one in found})),
                number(mean(one["checks"]["linear"]["error"] for one in found), 2),
                number(mean(one["checks"]["both_sides"]["gap"] for one in found), 2),
            ]
            for row, found in told.items()
        ]
        head = [
            "row",
            "estimate",
            "σ² chosen",
            "off, on a linear model of known likelihood",
            "bounds from below and above",
        ]
        protocol = next(iter(told.values()))[0]["protocol"]
        sizes = ", ".join(f"{key} {protocol['settings'][key]}" for key in ("images", "chains", "temperatures"))
        caption = (
            f"Log-likelihood and its checks, nats an image of {protocol['pixels']} pixels, means over seeds; {sizes}"
        )
        return table(caption, head, lines)

    def study(self, name: str) -> Markup:
        """A study: what a paper shows without a trained row."""
        told = self.results.study(name)
        if told is None:
            return tag("p", f"Study {name}: not run (dvc repro study-{name}).", class_="absent")
        return join([studies.SHOWN[name](told), provenance.of_study(self.results, name)])

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

    def interpolations(self, name: str, rows: list[str]) -> Markup:
        """Walks from one test image to another; `name` is where claims about them lead."""
        return tag("div", join(self.walks(row) for row in rows), id=name)

    def walks(self, row: str) -> Markup:
        seed = self.results.run["seeds"][0]
        walks = self.results.images(row, seed, "interpolations", dimensions=5)
        if walks is None:
            ran = f"{row}/{seed}" in self.results.run["status"]
            return tag(
                "p", f"{row}: walks between images: {'this row has none' if ran else 'not run'}.", class_="absent"
            )
        originals = self.results.images(row, seed, "originals")
        assert originals is not None  # generate writes both or neither
        pairs, steps = walks.shape[:2]
        drawn = grids.grid(grids.framed(walks, originals), steps + 2, pairs)
        words = (
            f"{row}: {pairs} pairs of test images, a line each. The first and last column are the images; between them "
            f"{steps} decoded codes, from the reconstruction of the one to that of the other"
        )
        caption = join([words, " (", provenance.link(row, seed, f"seed {seed}"), ")"])
        return figure(image(drawn, "png", f"{words}, a grid of {steps + 2} by {pairs} images", "grid"), caption)

    def rows_of(self, *systems: str) -> list[str]:
        """The suite's rows of these systems, on whatever dataset."""
        return [row for row in self.results.run["rows"] if self.results.run["systems"][row] in systems]

    def colorizations(self, rows: list[str]) -> Markup:
        """Of the first seed: images in several colours and in each other's; and what was measured of them."""
        shown = [piece for row in rows for piece in (self.colorized(row), self.transferred(row))]
        told = [tag("details", tag("summary", row), self.system(row)) for row in rows]
        absent = tag("p", "Colorization: no row of the suite.", class_="absent") if not rows else ""
        return tag("div", *shown, self.colours(rows), *told, absent, id="colorization")

    def colorized(self, row: str) -> Markup:
        seed = self.results.run["seeds"][0]
        originals = self.results.images(row, seed, "originals")
        several = self.results.images(row, seed, "colorizations", dimensions=5)
        if originals is None or several is None:
            return tag("p", f"{row}: colorizations not run.", class_="absent")
        lines = grids.beside([lab.grey(originals), originals], several, COLUMNS, LINES)
        return self.lines(
            lines, f"{row}{self.elsewhere(row)}: a grey image, its own colours, and those of codes drawn", row
        )

    def transferred(self, row: str) -> Markup:
        seed = self.results.run["seeds"][0]
        originals = self.results.images(row, seed, "originals")
        transfers = self.results.images(row, seed, "transfers", dimensions=5)
        if originals is None or transfers is None:
            return tag("p", f"{row}: no codes to transfer.", class_="absent")
        donors = originals[self.results.places(row, seed, "donors")]
        head = np.concatenate([np.full_like(donors[:1], grids.GREY), donors])[None, :COLUMNS]
        lines = grids.beside([originals[1:]], transfers[1:], COLUMNS, LINES)  # the first image is the first donor
        words = f"{row}{self.elsewhere(row)}: each line an image, in each column with the code of the one on top"
        return self.lines(np.concatenate([head, lines]), words, row)

    def lines(self, lines: np.ndarray, words: str, row: str) -> Markup:
        """A grid of images [lines, columns, h, w, c] of the first seed."""
        count, columns = lines.shape[:2]
        drawn = grids.grid(lines.reshape(-1, *lines.shape[2:]), columns, count)
        where = join([words, " (", provenance.link(row, self.results.run["seeds"][0], "the first seed"), ")"])
        return figure(image(drawn, "png", words, "grid"), where)

    def colours(self, rows: list[str]) -> Markup:
        """What is measured of colorizations; the last line is what one uniform hue an image would give."""
        lines: list[list[Any]] = []
        for row in rows:
            best = self.results.measured(row, "Best of K")
            transfer = self.results.measured(row, "Colour transfer")
            cells: list[Any] = [self.ours(row, "Colour variance"), self.ours(row, "Best of K")]
            cells.append(number(mean(one["curve"][0] for one in best)))
            cells += [number(mean(one[name] for one in transfer)) for name in ("to_donor", "to_recipient")]
            lines.append([join([row, tag("small", self.elsewhere(row))]), *cells, self.ours(row, "Colour transfer")])
        law = mean(one["of_uniform_hue"] for row in rows for one in self.results.measured(row, "Colour variance"))
        lines.append(["one uniform hue an image", number(law), "–", "–", "–", "–", "–"])
        head = ["row", "Colour variance", "Best of K", "of the first alone", "to the donor", "to the recipient"]
        caption = "Colours of test images, a and b of Lab, about -110 to 110; means over seeds"
        return table(caption, [*head, "Colour transfer"], lines)

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

    def pair_game(self, rows: list[str]) -> Markup:
        """PAGAN, section 3.2: how often the pair discriminator is right, and what it leaves the generator to learn."""
        axes = {"pair accuracy": "share of pairs judged right", "pair gradient": "norm of the generator's gradient"}
        return along.logged(self.results, rows, axes, "pair-game")

    def tracking(self, row: str, logged: str, metric: str) -> Markup:
        return along.tracking(self.results, row, logged, metric, "tracking")

    def learning(self, rows: list[str], epochs: float) -> Markup:
        """How soon reconstructions are good; `epochs` is where the paper looks."""
        told = {row: found for row in rows if (found := costs.learned(self.results, row)) is not None and len(found)}
        if not told:
            return tag("p", "Reconstruction over training: not run.", class_="absent")
        there = {row: found[found["epochs"] <= epochs] for row, found in told.items()}
        last = {row: found[found["epochs"] == found["epochs"].max()] for row, found in there.items()}
        alt = f"Mean L1 of a pixel by {epochs:g} epochs: " + ", ".join(
            f"{row} {number(mean(found[charts.ERROR]))}" for row, found in last.items()
        )
        drawn = charts.learning(told, self.results.dataset["title"], epochs)
        words = (
            f"{alt} (dotted line). Of the same few test images throughout; a line is the mean over seeds, its band "
            "runs from the lowest to the highest. Seconds are iterations times what one costs, as timed by turns below."
        )
        return figure(image(drawn, "svg+xml", alt, "chart"), words, id="learning")

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
        told = self.results.run["protocol"]
        if not told:
            return tag("p", "No run has been scored yet.")
        counts = {
            "dataset": told["dataset"],
            **{f"judge {name}": about_judge(facts) for name, facts in told["judges"].items()},
            "settings": ", ".join(f"{key} {value}" for key, value in told["settings"].items()),
            "libraries": ", ".join(f"{key} {value}" for key, value in told["libraries"].items()),
        }
        absent = [
            (f"{and_list(list(metrics))} not computed", reason)
            for reason, metrics in self.results.run["not_computed"].items()
        ]
        return tag("dl", join(join([tag("dt", key), tag("dd", value)]) for key, value in [*counts.items(), *absent]))

    def terms(self, printed: dict[str, tuple[str, str]]) -> Markup:
        """α-GAN's Table 1: what holds images to the data and codes to the prior, as printed and as our rows have it."""
        lines = []
        for row, (likelihood, to_prior) in printed.items():
            card = self.results.model_card(row)
            told = card["terms"] if card else {}
            ours = [and_list(told[name]) or "none" if told else "not run" for name in ("likelihood", "to_prior")]
            lines.append([row, ours[0], likelihood, ours[1], to_prior])
        head = ["row", "likelihood: ours", "likelihood: paper", "to the prior: ours", "to the prior: paper"]
        return table("Table 1: ours as each system's own file has it", head, lines)

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
        listed = [(name, told["title"]) for name, told in self.results.run["papers"].items()]
        listed.append(("contradictions", "Contradictions in the papers, each with a number that shows it"))
        return tag("ul", join(tag("li", tag("a", title, href=f"{name}.html")) for name, title in listed))


def about_judge(facts: dict[str, Any]) -> str:
    own = facts["kind"] == "own"
    trained = f"trained here, test accuracy {facts['accuracy']:.1%}" if own else "weights as published"
    return f"{trained}, sha256 {facts['sha256']}"


def printed_on(artifact: Any) -> str:
    """The datasets of an artifact's printed numbers."""
    return and_list(list(artifact["dataset"].unique()))


def and_list(words: list[str]) -> str:
    """'' of nothing."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def mean(values: Iterable[float]) -> float | None:
    """None of nothing."""
    listed = list(values)
    return fmean(listed) if listed else None
