"""Measures that have more to show than a number: the critic's curves, codes, the checks of likelihoods."""

from stages.render import charts
from stages.render.cells import mean
from stages.render.markup import Markup, figure, image, join, number, table, tag
from stages.render.results import Results


def critic(results: Results, rows: list[str]) -> Markup:
    """The independent critic's loss on images that it learns from and on others, over its steps."""
    told = {row: [one["curves"] for one in results.measured(row, "critic")] for row in rows}
    told = {row: seeds for row, seeds in told.items() if seeds}
    if not told:
        return tag("p", "Critic: not run.", class_="absent")
    gaps = {row: mean(one["gap"] for one in results.measured(row, "critic")) for row in told}
    alt = "Gap between unseen and seen images: " + ", ".join(f"{row} {number(gap)}" for row, gap in gaps.items())
    words = "solid: images the critic learns from; dashed: images it never sees"
    return figure(
        image(charts.critic_curves(told), "svg+xml", alt, "chart"), f"A line a seed; {words}. {alt}.", id="critic"
    )


def codes(results: Results, rows: list[str]) -> Markup:
    """Means and covariance of the first seed's codes."""
    told, lines = {}, []
    for row in rows:
        means, covariances = (results.measured(row, name) for name in ("Latent mean", "Latent covariance"))
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
    count = results.measured(next(iter(told)), "Latent mean")[0]["codes"]
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


def likelihood_checks(results: Results, rows: list[str]) -> Markup:
    """What annealing misses where the answer is known: an estimate is never better than that."""
    told = {row: found for row in rows if (found := results.likelihoods(row))}
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
    caption = f"Log-likelihood and its checks, nats an image of {protocol['pixels']} pixels, means over seeds; {sizes}"
    return table(caption, head, lines)
