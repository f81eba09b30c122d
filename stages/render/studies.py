"""What the studies found, as plots and tables: one function a study, listed at the end under its name."""

import base64
from collections.abc import Callable
from math import exp
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns

from stages.render.charts import svg
from stages.render.grids import GAP, GREY, png
from stages.render.markup import Markup, figure, image, join, number, table, tag

DIVERGENCES = {
    "jeffreys": "λ-Jeffreys, λ = 0.5",
    "reverse-kl": "reverse KL",
    "forward-kl": "forward KL",
    "jsd": "Jensen–Shannon",
}
LEAST_DENSITY = -15  # of the logarithms that are drawn: what is less likely is nowhere near


def chart(name: str, drawn: bytes, alt: str, caption: str) -> Markup:
    return figure(image(drawn, "svg+xml", alt, "chart"), caption, id=name)


def ijae_figure1(told: dict[str, Any]) -> Markup:
    """λ-IJAE, Fig. 1: what each divergence makes of two Gaussians that must stand for four."""
    sns.set_theme(style="whitegrid", palette="colorblind")
    sketch, panels = plt.subplots(2, 2, figsize=(8, 5.4), sharex=True, sharey=True)
    for panel, (name, title) in zip(panels.flat, DIVERGENCES.items(), strict=True):
        curve = told[name]["curve"]
        panel.plot(curve["x"], curve["log_target"], color="black", linestyle="--", linewidth=1, label="target")
        panel.plot(curve["x"], curve["log_density"], linewidth=1.8, label="fitted")
        panel.set_ylim(LEAST_DENSITY, 1)
        panel.set_title(title, fontsize=10)
        panel.set_xlabel("x", fontsize=9)
        panel.set_ylabel("log density (nats)", fontsize=9)
        panel.legend(fontsize=8, frameon=False)
    sketch.suptitle("Two Gaussians fitted to a mixture of four", fontsize=11)
    sketch.tight_layout()
    lines = []
    for name, title in DIVERGENCES.items():
        found, theta = told[name], told[name]["theta"]
        parts = [f"{number(theta[at], 3)} ± {number(exp(theta[at + 1] / 2), 3)}" for at in (0, 2)]
        near = " · ".join(number(mass, 2) for mass in found["mass_near_modes"])
        improbable = f"{found['mass_where_improbable']:.1%}"
        lines.append([title, number(found["value"]), number(found["optimum"]["value"]), *parts, near, improbable])
    head = [
        "divergence",
        "reached (nats)",
        "least possible",
        "first Gaussian",
        "second",
        "mass near −8 · −3 · 3 · 8",
        "mass where the target has 1 %",
    ]
    alt = "Log densities. " + "; ".join(f"{line[0]}: {line[3]} and {line[4]}" for line in lines)
    caption = "Fig. 1 at the paper's scale: the best of 50 restarts of 10,000 steps, with the target dashed."
    values = "Reached and least possible are integrals, not estimates; Gaussians as mean ± deviation"
    return join([chart("fig1", svg(sketch), alt, caption), table(f"Fig. 1 in numbers. {values}", head, lines)])


def pagan_figure3(told: dict[str, Any]) -> Markup:
    """PAGAN, Fig. 3: RID of distortions that all have the RMSE of the augmentation."""
    if told["not_computed"]:
        return tag("p", f"Fig. 3: not computed: {told['not_computed']}.", class_="absent")
    found = told["distortions"]
    order = sorted(found, key=lambda name: float(found[name]["rid"]))
    sns.set_theme(style="whitegrid", palette="colorblind")
    sketch, panel = plt.subplots(figsize=(7.5, 0.9 + 0.36 * len(order)))
    blue, orange = sns.color_palette("colorblind", 2)
    colours = [orange if name == "augmentation" else blue for name in order]
    bars = panel.barh(order, [found[name]["rid"] for name in order], color=colours, edgecolor="black")
    bars[order.index("augmentation")].set_hatch("//")
    panel.axvline(2 * found["augmentation"]["rid"], color="black", linestyle="--", linewidth=1)
    panel.annotate("twice the augmentation's", (2 * found["augmentation"]["rid"], -0.7), fontsize=8, ha="center")
    panel.invert_yaxis()
    title = f"{told['metric']} at an RMSE of {number(found['augmentation']['rmse'], 3)}, {told['dataset']}"
    panel.set_title(title, fontsize=10, pad=14)
    panel.set_xlabel(f"{told['metric']} (1 is perfect, lower is better)", fontsize=9)
    sketch.tight_layout()
    alt = "; ".join(f"{name} {number(found[name]['rid'])}" for name in order)
    words = f"Distortions of {told['images']:,} images brought to the same RMSE; judge {told['judge']}."
    stand_in = " A stand-in: the paper's figure is on CIFAR-10." if told["stand_in"] else ""
    caption = f"Fig. 3. {words} Hatched: PAGAN's augmentation.{stand_in}"
    strip, kinds = picture(told["strip"]), ", ".join(told["strip"]["kinds"])
    shown = figure(image(strip, "png", f"One row a kind: {kinds}", "grid"), f"From top to bottom: {kinds}.")
    return join([chart("fig3", svg(sketch), alt, caption), shown])


def picture(strip: dict[str, Any]) -> bytes:
    """A line a kind, a column an image."""
    images = np.frombuffer(base64.b64decode(strip["uint8"]), np.uint8).reshape(strip["shape"])
    kinds, columns, height, width, channels = images.shape
    sheet = np.full((kinds * (height + GAP) + GAP, columns * (width + GAP) + GAP, channels), GREY, np.uint8)
    for line, column in np.ndindex(kinds, columns):
        top, left = line * (height + GAP) + GAP, column * (width + GAP) + GAP
        sheet[top : top + height, left : left + width] = images[line, column]
    return png(sheet, scale=3)


def began_control(told: dict[str, Any]) -> Markup:
    """BEGAN's controller on scripted losses, with k held in [0, 1] and as printed, and on a small trained BEGAN."""
    sns.set_theme(style="whitegrid", palette="colorblind")
    scripts = told["scripts"]
    sketch, panels = plt.subplots(-(-len(scripts) // 2), 2, figsize=(8, 2.3 * -(-len(scripts) // 2)), squeeze=False)
    for panel in panels.flat[len(scripts) :]:
        panel.set_visible(False)
    for panel, (name, script) in zip(panels.flat, sorted(scripts.items()), strict=False):
        panel.axhspan(0, 1, color="0.9", zorder=0)
        panel.plot(script["steps"], script["unprojected"], linestyle="--", label="as printed")
        panel.plot(script["steps"], script["projected"], label="projected")
        panel.set_title(f"{name}: {script['says']}", fontsize=8)
        panel.set_xlabel("step", fontsize=8)
        panel.set_ylabel("k", fontsize=8)
        panel.legend(fontsize=7, frameon=False)
    sketch.suptitle("The control variable k on scripted losses; the interval [0, 1] is shaded", fontsize=10)
    sketch.tight_layout()
    facts = [[name.replace("_", " "), number(value)] for name, value in told["facts"].items()]
    head = ["γ", "k", "b / a at the end", "m₂ − m₁, the bound used", "|m₁ − m₂|, the bound that holds"]
    head += ["least and largest k", "steps outside [0, 1]", "steps with b < a"]
    lines = [
        [
            f"γ = {gamma}",
            kind,
            number(run["end"]["balance"], 3),
            number(run["end"]["chosen_bound"], 3),
            number(run["end"]["true_bound"], 3),
            f"{number(run['k_least'], 3)} to {number(run['k_most'], 3)}",
            f"{run['share_outside']:.1%}",
            f"{run['share_vacuous']:.1%}",
        ]
        for gamma, kinds in told["trained"].items()
        for kind, run in kinds.items()
    ]
    alt = "k over steps. " + "; ".join(
        f"{name}, {script['says']}: ends at {number(script['projected'][-1], 3)} projected, "
        f"{number(script['unprojected'][-1], 3)} as printed"
        for name, script in sorted(scripts.items())
    )
    caption = "a is the loss on images, b on samples; λ_k = 0.001, γ = 0.5 but in C, where it is 0."
    trained = "A small BEGAN trained with k in the loop; a and b are its losses on images and samples"
    return join(
        [
            chart("traces", svg(sketch), alt, caption),
            table("Facts of the controller, worked out by code", ["fact", "value"], facts),
            table(trained, head, lines),
        ]
    )


def age_theory(told: dict[str, Any]) -> Markup:
    """AGE, Theorems 1 to 3 checked over all pairs of maps on a few points, and claim A13 by descent."""
    counted = {
        "theorem_1": "Theorem 1: the divergence of two encoded sets",
        "theorem_2": "Theorem 2: with a fixed reference",
    }
    settings = {
        "one-to-one": "an encoder carries the data onto the prior one to one",
        "another-reference": "the same, with a prior that is not uniform",
        "fewer-data": "no encoder carries the data onto the prior",
    }
    lines = [
        [
            title,
            settings[setting],
            {"kl": "KL", "total-variation": "total variation"}[divergence],
            f"{found['saddles']:,}",
            f"{found['saddles_not_aligned']:,}",
            f"{found['aligned_pairs_no_saddle']:,}",
        ]
        for theorem, title in counted.items()
        for setting, kinds in told[theorem].items()
        for divergence, found in kinds.items()
    ]
    head = ["theorem", "setting", "divergence", "saddle points", "of these g(Z) ≠ X", "g(Z) = X but no saddle"]
    third = [
        [
            where.replace("-", " "),
            *(
                f"{found[key]:,}"
                for key in (
                    "pairs",
                    "no_latent_error",
                    "no_latent_error_but_data_error",
                    "no_data_error",
                    "no_data_error_but_latent_error",
                )
            ),
        ]
        for where, found in told["theorem_3"].items()
    ]
    third_head = ["points", "pairs", "e(g(z)) = z", "of these g(e(x)) ≠ x", "g(e(x)) = x", "of these e(g(z)) ≠ z"]
    sns.set_theme(style="whitegrid", palette="colorblind")
    sketch, (left, right) = plt.subplots(1, 2, figsize=(8, 3))
    falling = told["minimising_g"]
    left.plot(np.linspace(0, 1, len(falling["divergence"])), falling["divergence"], marker="o", markersize=3)
    left.axhline(falling["least_possible"], color="black", linestyle="--", linewidth=1, label="least possible")
    left.set_yscale("log")
    left.set(title="g minimises, e fixed", xlabel="share of the descent", ylabel="divergence Δ (nats)")
    left.legend(fontsize=8, frameon=False)
    right.plot(told["maximising_e"]["halvings"], told["maximising_e"]["value"], color="C1", marker="s", markersize=3)
    right.set(title="e maximises, g fixed", xlabel="halvings of a deviation", ylabel="divergence Δ (nats)")
    sketch.tight_layout()
    alt = (
        f"Minimising over g from a near collapse ends at {number(falling['divergence'][-1])} nats, the least possible "
        f"is {number(falling['least_possible'])}. Maximising over e reaches "
        f"{number(told['maximising_e']['value'][-1])} nats and has no end."
    )
    return join(
        [
            table("Every pair of encoder and generator on a few points, counted", head, lines),
            table("Theorem 3: no latent error makes e and g inverse to each other", third_head, third),
            chart("descent", svg(sketch), alt, "Sec. 2.1: minimising over g does not collapse; e can go on for ever."),
        ]
    )


def alpha_gan_noise(told: dict[str, Any]) -> Markup:
    """α-GAN, sec. 5: how much more diverse images are once normal noise has been added."""
    noisy = told["noisy"]
    sns.set_theme(style="whitegrid", palette="colorblind")
    sketch, panel = plt.subplots(figsize=(6, 3.2))
    levels, values = [one["deviation"] for one in noisy], [one["more"]["mean"] for one in noisy]
    errors = [1.96 * one["more"]["standard_error"] for one in noisy]
    panel.errorbar(levels, values, yerr=errors, marker="o", markersize=5, capsize=4)
    panel.axhline(0, color="black", linestyle="--", linewidth=1)
    panel.axvline(told["deviation"], color="black", linestyle=":", linewidth=1)
    panel.set_yscale("symlog", linthresh=1e-3)
    panel.set_xscale("log")
    panel.set_xticks(levels, [f"{level:g}" for level in levels])
    panel.minorticks_off()
    panel.set(
        title=f"Diversity that normal noise adds: {told['dataset_title']}",
        xlabel="standard deviation of the noise (share of the range of a pixel)",
        ylabel="added 1 - MS-SSIM",
    )
    alt = f"Without noise {number(told['plain'])}; noise adds " + ", ".join(
        f"{one['more']['mean']:+.2g} ± {1.96 * one['more']['standard_error']:.1g} at {one['deviation']:g}"
        for one in noisy
    )
    words = (
        f"Diversity of {told['images']:,} images, by the same {told['pairs']:,} pairs with and without noise, "
        f"bars of 95 %; the claim is judged at {told['deviation']} (dotted)"
    )
    return chart("noise", svg(sketch), alt, f"{words}. {alt}.")


SHOWN: dict[str, Callable[[dict[str, Any]], Markup]] = {
    "alpha-gan-noise": alpha_gan_noise,
    "ijae-figure1": ijae_figure1,
    "pagan-figure3": pagan_figure3,
    "began-control": began_control,
    "age-theory": age_theory,
}
