"""What the ledgers show: held to closed forms and to the networks themselves, and each entry to a place of its own."""

import inspect
import json
import math
import shutil
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from stages import arrays, params
from stages.door import UserError
from stages.study.studies.contradictions import LEDGERS, Sizes, found, study
from stages.tabulate.scored import flat

ROOT = Path(__file__).parents[3]
PAPERS = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in (ROOT / "papers").glob("*.yaml")}
ENTRIES = [(paper, entry) for paper, told in PAPERS.items() for entry in told["ledger"]]
OURS = [(paper, entry) for paper, entry in ENTRIES if str(entry["demonstration"]).startswith("contradictions.")]
OTHERS = [(paper, entry) for paper, entry in ENTRIES if (paper, entry) not in OURS]
SUITE = params.load(ROOT / "params.yaml", "tiny")

about = partial(pytest.approx, rel=1e-6, abs=1e-8)
roughly = partial(pytest.approx, rel=0.03, abs=0.01)  # of numbers that are drawn


@pytest.fixture(scope="module")
def results(digits: Path) -> dict[str, Any]:
    return study(Sizes(images=60), data=digits, papers=ROOT / "papers", suite=SUITE)


@pytest.fixture(scope="module")
def facts(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Of the other studies that entries lead to, at the tiny profile's sizes."""
    found = {}
    for other in {entry["demonstration"].split(".")[0] for _, entry in OTHERS}:
        module = import_module(f"stages.study.studies.{other.replace('-', '_')}")
        folders = {need: request.getfixturevalue({"data": "digits"}.get(need, need)) for need in module.NEEDS}
        results = module.study(module.Sizes(**SUITE.sizes.studies[other]), **folders)
        found |= flat(other, json.loads(json.dumps(results)))
    return found


def name(pair: tuple[str, dict[str, Any]]) -> str:
    return f"{pair[0]}-{pair[1]['id']}"


def test_every_paper_has_a_ledger_that_is_shown() -> None:
    assert set(LEDGERS) == set(PAPERS)


@pytest.mark.parametrize("pair", OURS, ids=name)
def test_an_entry_is_shown_in_numbers(results: dict[str, Any], pair: tuple[str, dict[str, Any]]) -> None:
    paper, entry = pair
    assert entry["demonstration"] == f"contradictions.{paper}.{entry['id']}"
    shown = results[paper][entry["id"]]
    assert shown["says"].endswith(".")
    assert "\n" not in shown["says"]
    assert 2 <= len(shown["numbers"]) <= 7
    for label, value in shown["numbers"].items():
        assert label
        assert isinstance(value, str) or np.isfinite(value).all(), label
    assert any(not isinstance(value, str) for value in shown["numbers"].values())


@pytest.mark.parametrize("pair", OTHERS, ids=name)
def test_an_entry_leads_to_a_fact_of_another_study(facts: dict[str, Any], pair: tuple[str, dict[str, Any]]) -> None:
    assert pair[1]["demonstration"] in facts


@pytest.mark.parametrize("paper", LEDGERS)
def test_no_demonstration_is_of_no_entry(results: dict[str, Any], paper: str) -> None:
    entries = {entry["id"] for _, entry in OURS if entry["demonstration"].split(".")[1] == paper}
    functions = inspect.getmembers(LEDGERS[paper], inspect.isfunction)
    shows = {name for name, function in functions if list(inspect.signature(function).parameters) == ["given"]}
    assert {name.replace("_", "-") for name in shows} == entries == set(results[paper])


def test_an_entry_that_nothing_shows_is_named(digits: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "papers", tmp_path / "papers")
    path = tmp_path / "papers/began.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("began.order", "began.odrer").replace("id: order", "id: odrer")
    )
    with pytest.raises(
        UserError, match=r"papers/began.yaml: odrer has no demonstration; add stages/study/ledger/began.py"
    ):
        study(Sizes(images=60), data=digits, papers=tmp_path / "papers", suite=SUITE)


def test_equal_sizes_give_equal_results(results: dict[str, Any], digits: Path) -> None:
    assert study(Sizes(images=60), data=digits, papers=ROOT / "papers", suite=SUITE) == results
    assert found(results).endswith("18 of pagan are shown in numbers")


M = SUITE.systems["age"]["latent"]
CLOSED: dict[str, dict[str, Any]] = {
    # α-GAN
    "alpha-gan.real-weight": {
        "loss at D = 1/2, weight 2": about(4 * math.log(2)),
        "loss at D = 1/2, weight 1": about(3 * math.log(2)),
        "best D, weight 2": about(1 / 2),
        "best D, weight 1": about(1 / 3),
        "least loss, weight 1": about(math.log(3) + 2 * math.log(3 / 2)),
    },
    "alpha-gan.reconstruction-term": {"slope, of the code": 0, "slope, of the reconstruction": about(-3 * 0.5)},
    "alpha-gan.reverse-kl": {
        "Eq. 9 at D = 0.9": about(-math.log(9)),
        "the text's at D = 0.9": about(math.log(9)),
        "D after steps down Eq. 9": about(1 / (1 + math.exp(-1))),
        "D after steps down the text's": about(1 / (1 + math.exp(1))),
    },
    "alpha-gan.two-lambdas": {"jobs, one weight": 4 * 2, "jobs, two weights": 4 * 4 * 2},
    "alpha-gan.l1": {"weight times sum": about(3072), "weight times mean": about(1)},
    "alpha-gan.twice": {
        "e and g, in turn": about([1 / 2 + 1 / 8, 1 / 4 + 1 / 16]),
        "e and g, one after the other": about([1 / 2 + 1 / 4, 1 / 8 + 1 / 16]),
        "e and g, jointly": about([1 / 2, 1 / 2]),
    },
    "alpha-gan.iteration": {"WGAN-GP's critic, if they are the generator's": 1_000_000},
    "alpha-gan.encoder": {
        "divergence of all codes, no draw": pytest.approx(0, abs=1e-4),
        "divergence of all codes, a draw": pytest.approx(0, abs=1e-4),
        "mean squared distance of two codes, no draw": 0,
        "mean squared distance of two codes, a draw": roughly(2 * 0.5**2),
    },
    "alpha-gan.age-coefficients": {
        "AGE's, its code's term": about(1000 * math.sqrt(3) / 2 / M),
        "10, its code's term": about(10 * math.sqrt(3) / 2 / M),
        "10, a cosine that is not averaged": about(10 * math.sqrt(3) / 2),
    },
    "alpha-gan.eq18-constant": {
        "a half a dimension, over all": 0,
        "half of the size added": 100,
        "half of the size taken from the mean": -49.5,
        "mean 0 and deviation 2, as it is taken": pytest.approx(0.806853, abs=1e-6),
    },
    "alpha-gan.eq18-posterior": {
        "of one image": about((0.01 + 1) / 2 - math.log(0.1) - 0.5),
        "of the batch": pytest.approx(1.01 / 2 - math.log(1.01) / 2 - 0.5, abs=1e-4),
    },
    "alpha-gan.batch-norm": {
        "slope, others 1, 2, 3, without": about(1),
        "slope, others 1, 2, 9, without": about(1),
        # (1 - 1/n - z²/n) / s, of a batch of mean 1.5 and variance 1.25, and of mean 3 and variance 12.5
        "slope, others 1, 2, 3, with batch norm": about((1 - (1 + 1.5**2 / 1.25) / 4) / 1.25**0.5),
        "slope, others 1, 2, 9, with batch norm": about((1 - (1 + 3**2 / 12.5) / 4) / 12.5**0.5),
    },
    "alpha-gan.architecture": {
        "generator, linked": 1_068_928,
        "generator, named": 5_179_907,
        "discriminator, linked": 663_296,
        "discriminator, named": 4_114_689,
    },
    "alpha-gan.two-heads": {
        "softmax of 1.3 and -0.4": about(1 / (1 + math.exp(-1.7))),
        "sigmoid of their difference": about(1 / (1 + math.exp(-1.7))),
    },
    "alpha-gan.dropout": {
        "share of zeros, 0.8 kept": roughly(0.2),
        "share of zeros, 0.8 dropped": roughly(0.8),
        "deviation, 0.8 kept": roughly(math.sqrt(0.2 / 0.8)),
        "deviation, 0.8 dropped": roughly(math.sqrt(0.8 / 0.2)),
    },
    "alpha-gan.code-discriminator": {
        "three hidden layers and the output": 100 * 750 + 2 * 750**2 + 3 * 750 + 750 + 1,
        "two hidden layers and the output": 100 * 750 + 750**2 + 2 * 750 + 750 + 1,
    },
    "alpha-gan.vgg-strides": {
        "sides, printed": [24, 12, 12, 6, 6, 3, 2, 1, 1, 1, 1, 1],
        "sides, repaired": [24, 24, 24, 12, 12, 12, 6, 6, 6, 3, 3, 3],
        "layers that see one pixel, printed": 4,
        "layers that see one pixel, repaired": 0,
        "convolutions' weights, either way": 7_780_032,
    },
    "alpha-gan.vgg-epochs": {"80,000 steps, in epochs": 409.6, "80,000 epochs, in steps": 80_000 * 195},
    "alpha-gan.vgg-crop": {"places of a crop": 81, "share of an image in a crop": 0.5625},
    "alpha-gan.ball": {
        "mean length, sphere": about(1),
        "mean length, ball": pytest.approx(M / (M + 1), abs=1e-3),
        "variance times latent size, sphere": about(1),
        "variance times latent size, ball": pytest.approx(M / (M + 2), abs=2e-3),
    },
    "alpha-gan.colormnist": {
        "kinds, three digits": 10**3,
        "kinds, one digit in colour": 10,
        "correlation of red and green in an image, three digits": pytest.approx(0, abs=0.05),
    },
    "alpha-gan.validation": {"error of a mean over them, in those over all": about(math.sqrt(2))},
    "alpha-gan.ms-ssim": {"sides": [64, 32, 16, 8, 4], "windows taken": [11, 11, 11, 8, 4]},
    "alpha-gan.jensen": {
        "log likelihood, deviation 0.01": about(-0.5 * math.log(2 * math.pi * 1.0001)),
        **{
            f"bound, deviation {s:g}": about(-0.5 * math.log(2 * math.pi * s**2) - 0.5 / s**2) for s in (1.0, 0.1, 0.01)
        },
    },
    "alpha-gan.batches-apart": {"before": 4, "each by itself": about(0), "together": about(4 / math.sqrt(5))},
    # AGE
    "age.code-term": {
        "code met, printed": about(0),
        "code met, the code's": about(2 - 1 / M),
        "printed over the code's": about(2 * M),
        "the weight taken, on the printed term": about(1000 / (2 * M)),
    },
    "age.l1": {"the weight taken, on the sum": about(10 / 3072), "weight times sum": about(3072)},
    "age.weights": {"term of codes": about(100 * math.sqrt(3) / 2 / M), "term of images": about(1)},
    "age.generator-steps": {"of the generator, paper": 50_860, "of the generator, command": 76_290},
    "age.figure-9": {"range of the term of codes": about(2 * 1000 / 64), "weight taken": 10},
    "age.tiny-imagenet": {"steps, 200 classes": 6 * 1562, "steps, ILSVRC-2012": 6 * 20_018},
    "age.cars": {"both parts": 16_185, "missing from the training part": 7_856, "left for a test": 185},
    "age.improved-gan": {"Improved GAN without labels": 4.36, "AGE less Improved GAN": about(1.54)},
    "age.epochs": {"ten epochs": 25_430, "the commands": 12_715 + 635},
    "age.vae": {
        "best guess, laplace": 0,
        "best guess, gaussian": pytest.approx(1 / 3, abs=1e-5),
        "cost of 0.1, laplace": about(0.1),
        "cost of 0.1, gaussian": about(0.005),
    },
    # BEGAN: of means of n exponential losses, E a^-1 is n / (n - 1), and a variance is 1 / n
    "began.expectations": {
        "mean ratio in batches": pytest.approx(0.5 * 16 / 15, abs=0.005),
        "mean of γ a - b": pytest.approx(0, abs=0.005),
        "its deviation": roughly(math.sqrt(2 * 0.5**2 / 16)),
    },
    "began.generator-loss": {
        "slope of the term": about(-1),
        "slope of minus the loss, k = 0.3": about(-0.3),
        "slope of minus the loss, k = 0": 0,
        "Adam's first step, minus the loss, k = 0.3": about(1),
        "Adam's first step, the term": about(1),
    },
    "began.order": {
        "k, losses before": about(1e-3 * (500 - (1 - 0.99**1000) / 0.01)),
        "difference": about(1e-3 * (1 - 0.99**1000)),
        "deviation of one draw's loss from the generator's, same z": 0,
        "deviation of one draw's loss from the generator's, another z": roughly(math.sqrt(2 * 0.5**2 / 16)),
    },
    "began.quoted": {"slides, BEGAN": 5.62, "slides, ALI": 5.34, "AGE's paper, ALI": 5.34},
    # λ-IJAE
    "ijae.weights": {"adversarial weight, objective": about(0.7), "adversarial weight, Eq. 6": about(0.3)},
    "ijae.encoder-weight": {
        "plain steps, without": about(0.98**100),
        "plain steps, λ = 0.3": about(0.994**100),
    },
    "ijae.lambda-zero": {f"slope at λ = {weight:g}": about(weight * 0.5) for weight in (0.0, 0.3, 1.0)},
    "ijae.shifts": {
        "printed constant": about(1.45),
        "sum, as printed": about(2.45 / 1.45),
        "sum, as taken": about(1),
        "chance of no shift, as taken": about(1 / 2.45),
        "chance of each shift by one pixel, as taken": about(1 / 2 / 2.45 / 4),
        "mean shift in pixels, as taken": about((6 - 2.45) / 2.45),
    },
    "ijae.sigma": {
        "deviation, if it is a variance": about(1e-4),
        "single precision's step below 1": 2.0**-24,
        "bytes changed, a deviation": 0,
        "bytes changed, a variance": 0,
    },
    "ijae.noise": {
        "encoder, every number": 6_436_224,
        "encoder, every number, thrice": 6_436_224 + 66_048,
        "discriminator of images, without noise": 1_053_825,
        "discriminator of images, with noise": 6_337_665,
    },
    "ijae.table-6": {"pooled over each half": 1_054_081, "pooled over all": 1_053_953},
    "ijae.table-7": {"256 to 1": 4_526_273, "512 to 256 once more": 4_526_273 - 257 + 131_328},
    "ijae.resnet": {"plain": 4_526_273},
    "ijae.theorem-1": {
        "term of r": about(-2),
        "term of r'": about(0),
        "added": about(-2),
        "subtracted": about(-2),
        "slope of log r(x | G)": about(-2),
    },
    "ijae.differentiable": {
        "normal, left": pytest.approx(0, abs=1e-5),
        "normal, right": pytest.approx(0, abs=1e-5),
        "Laplace, left": about(1),
        "Laplace, right": about(-1),
    },
    "ijae.zero-gradient": {"slope, x in third place": 0, "slope, G(z) in third place": about(-2)},
    "ijae.digits": {"reading taken": 6.9, "least score of any model": about(1), "best of the others": 6.56},
    "ijae.whole-pixels": {"variance left, one pixel": about(1), "shifts in whole pixels": 21},
    "ijae.tiny-imagenet": {"encoder, 32 pixels": 6_436_224, "discriminator of image and code, 32 pixels": 4_526_273},
    "ijae.quoted": {"systems in both": 6, "with the same score": 5},
    "ijae.as-vae": {"Inception Score, this paper": 6.3, "Inception Score, PAGAN's": 6.3, "rows here": 1},
    # PAGAN
    "pagan.defaults": {
        "step after -1, betas of the command line": about(1),
        "step after -1, betas of the example": about(0),
        "step after 10, betas of the command line": about(-10 / math.sqrt(0.9 + 0.1 * 100)),
    },
    "pagan.encoder-norm": {"numbers of a code": 128},
    "pagan.sigma": {
        "outputs, one deviation a dimension": 256,
        "outputs, one an image": 129,
        "weights of the encoder without batch norm, one a dimension": 7_950_080,
        "weights of the encoder without batch norm, one an image": 6_909_569,
        "divergence of the two deviations from the best single one": about(math.log(0.505 / 0.1)),
    },
    "pagan.saturating": {
        "steepness of log(1 - D) at a logit of 0": about(0.5),
        "steepness of -log D at a logit of 0": about(0.5),
        "steepness of log(1 - D) at a logit of -10": about(1 / (1 + math.exp(10))),
        "steepness of -log D at a logit of -10": about(1 / (1 + math.exp(-10))),
    },
    "pagan.pad": {"a tenth of the side, in pixels": about(1.6), "printed, of CIFAR-10": 8.89},
    "pagan.rmse": {"printed, over the root of 3072 numbers": about(8.89 / 55.4256258)},
    "pagan.ris": {
        "WPAGAN's RIS": 13.44,
        "RID of equal predictions": about(1),
        "RID of 0.9 and 0.1 exchanged": about(math.exp(0.8 * math.log(9))),
    },
    "pagan.code": {"printed for a VAE, of CIFAR-10": 5.85},
    "pagan.l1": {
        "sum": about(307.2),
        "mean": about(0.1),
        "sum over mean": about(3072),
        "-log D at a logit of 0": about(math.log(2)),
    },
    # (1/n + 1/m) (d + d (d + 1)/4) for small errors of the moments
    "pagan.fid-samples": {
        f"FID of {n:,} draws": pytest.approx((1 / n + 1e-4) * (32 + 32 * 33 / 4), rel=0.1) for n in (200, 1_000, 5_000)
    },
    "pagan.expectation": {
        "conditional, first image": about(0.8 * math.log(4 / 3) + 0.2 * math.log(1 / 2)),
        "conditional, second image": about(0.2 * math.log(1 / 2) + 0.5 * math.log(5 / 3)),
        "of the joint laws": about(
            0.7 * (0.8 * math.log(4 / 3) - 0.2 * math.log(2)) + 0.3 * (0.5 * math.log(5 / 3) - 0.2 * math.log(2))
        ),
    },
    "pagan.infimum": {
        "couplings": 24,
        "least, which is the Wasserstein distance": about(2.5 / 4),
        "of points in order": about(2.5 / 4),
    },
    "pagan.indices": {
        "value, partners generated": about(-2 * math.log(2)),
        "plain step": about(-2e-7),
        "Adam's step": pytest.approx(-2e-4, rel=1e-4),
    },
    "pagan.no-spread": {"systems with an FID": 4, "FIDs with a spread": 0, "systems that the authors ran": 1},
    "pagan.penalty": {
        "penalty of a linear critic of norm 1": pytest.approx(0, abs=1e-20),
        "distance from the line, α shared": 0,
        "distance from the line, α of each image": roughly(1 / 3 / math.sqrt(2)),
    },
    "pagan.pair": {
        "weights, by width": 5_869_057,
        "weights, by channel": 5_862_593,
        "pixels a side that the last convolution sees": 52,
    },
    "pagan.best": {
        "PAGAN's FID": 32.84,
        "lowest FID of the others": 33.0,
        "highest Inception Score of the others": 6.7,
    },
    "pagan.one-draw": {
        "mean squared distance, one draw": 0,
        "mean squared distance, two draws": roughly(2 * 0.5**2),
        "correlation, two draws": roughly(1 - 0.5**2),
    },
}


def test_every_entry_is_held_to_something() -> None:
    assert set(CLOSED) == {f"{paper}.{entry['id']}" for paper, entry in OURS}


@pytest.mark.parametrize("key", CLOSED)
def test_numbers_are_those_of_closed_forms(results: dict[str, Any], key: str) -> None:
    paper, entry = key.split(".")
    numbers = results[paper][entry]["numbers"]
    for label, wanted in CLOSED[key].items():
        assert numbers[label] == wanted, label


def numbers(results: dict[str, Any], paper: str, entry: str) -> dict[str, Any]:
    found: dict[str, Any] = results[paper][entry]["numbers"]
    return found


def test_a_small_lambda_keeps_to_a_mode_in_the_objective_alone(results: dict[str, Any]) -> None:
    told = numbers(results, "ijae", "weights")
    assert told["deviation at λ = 0.1, objective"] < 1 < 2.5 < told["deviation at λ = 0.1, Eq. 6"] < 9.25**0.5


def test_adam_does_not_mind_a_factor(results: dict[str, Any]) -> None:
    told = numbers(results, "ijae", "encoder-weight")
    assert told["Adam, λ = 0.3"] == pytest.approx(told["Adam, without"], rel=1e-5)


def test_half_a_pixel_mixes_neighbours(results: dict[str, Any], digits: Path) -> None:
    x = np.array(arrays.load(digits / "test" / "images.npy")[:60]).astype(float)
    between = np.stack([(x[:, :, at] + x[:, :, at - 1]) / 2 for at in range(x.shape[2])], axis=2)
    told = numbers(results, "ijae", "whole-pixels")["variance left, half a pixel"]
    assert told == pytest.approx(between.var() / x.var())
    assert told < 1


def test_rmse_is_a_mean_of_norms(results: dict[str, Any]) -> None:
    told = numbers(results, "pagan", "rmse")
    assert told["mean Euclidean norm"] <= told["root of the mean squared norm"]
    assert told["root mean square a number"] == pytest.approx(told["root of the mean squared norm"] / 16)  # of 16 x 16
    assert told["the same, of 0 to 255"] == pytest.approx(255 * told["root mean square a number"])


def test_more_padding_and_flips_are_further_away_and_the_edge_is_little(results: dict[str, Any]) -> None:
    told = numbers(results, "pagan", "pad")
    down, up = told["RMSE, rounded down"], told["RMSE, rounded up"]
    assert down < up
    assert down < told["RMSE, rounded down, with flips"]
    assert told["RMSE, rounded down, the edge repeated"] == pytest.approx(down, rel=0.2)
    assert down == numbers(results, "pagan", "rmse")["mean Euclidean norm"]


def test_a_drawn_code_is_further_away_than_its_mean(results: dict[str, Any], digits: Path) -> None:
    told = numbers(results, "pagan", "code")
    x = np.array(arrays.load(digits / "test" / "images.npy")[:60]).reshape(60, -1) / 127.5 - 1
    values, vectors = np.linalg.eigh(np.cov(x.T, bias=True))
    kept = values > 1
    W = vectors[:, kept] * np.sqrt(values[kept] - 1)  # probabilistic PCA, as Tipping and Bishop write it
    mean = x.mean(axis=0)
    codes = (x - mean) @ W @ np.linalg.inv(W.T @ W + np.eye(kept.sum()))
    assert told["dimensions of the code in use"] == kept.sum()
    assert told["RMSE, the mean"] == pytest.approx(np.linalg.norm(x - mean - codes @ W.T, axis=1).mean() / 2)
    assert told["RMSE, a draw"] > told["RMSE, the mean"]


def test_a_direction_s_variance_is_an_eigenvalue(results: dict[str, Any], digits: Path) -> None:
    told = numbers(results, "pagan", "encoder-norm")
    x = np.array(arrays.load(digits / "test" / "images.npy")[:60]).reshape(60, -1) / 127.5 - 1
    values = np.linalg.eigvalsh(np.cov(x.T, bias=True))[::-1]
    assert told["largest variance of a direction"] == pytest.approx(values[0])
    assert told["tenth variance"] == pytest.approx(values[9])
    assert told["directions of the images with a variance of 1"] == (values >= 1).sum() < told["numbers of a code"]


def test_spectral_normalisation_and_the_penalty_pull_apart(results: dict[str, Any]) -> None:
    told = numbers(results, "pagan", "penalty")
    length = told["mean length of the gradient with spectral normalisation"]
    assert 0 < length < 0.1
    assert 10 * (1 - length) ** 2 <= told["its penalty"] < 10


def test_partners_that_the_augmentation_makes_leave_the_game_a_value(results: dict[str, Any]) -> None:
    real, made = np.array([0.6, 0.3, 0.1]), np.array([0.2, 0.3, 0.5])
    middle = (real + made) / 2
    jsd = 0.5 * (real * np.log(real / middle)).sum() + 0.5 * (made * np.log(made / middle)).sum()
    told = numbers(results, "pagan", "indices")
    assert told["value, partners augmented"] == pytest.approx(-math.log(4) + 2 * jsd)


def test_colours_of_one_digit_are_alike(results: dict[str, Any]) -> None:
    assert numbers(results, "alpha-gan", "colormnist")["correlation of red and green in an image, one digit"] > 0.3


def test_printed_numbers_of_weights_are_met(results: dict[str, Any]) -> None:
    for entry, pairs in {
        "noise": [("encoder, printed", "encoder, every number")],
        "table-6": [("printed", "pooled over each half")],
        "table-7": [("printed", "256 to 1")],
        "resnet": [("printed", "plain")],
        "tiny-imagenet": [("encoder, printed", "encoder, 32 pixels")],
    }.items():
        told = numbers(results, "ijae", entry)
        assert all(told[printed] == told[counted] for printed, counted in pairs)


def test_weights_at_64_pixels_are_those_of_the_printed_layers(results: dict[str, Any]) -> None:
    told = numbers(results, "ijae", "tiny-imagenet")
    # one block more; noise for maps of 32 x 32 and 16 x 16
    blocks = 151_680 + 4 * 311_680 + 65_664
    noise = 129 * 128 * (32**2 + 16**2)
    assert told["encoder, 64 pixels"] == blocks + noise
    joint = 3_136 + 131_200 + (32_768 + 128 + 1) * 512 + 131_328 + 257
    assert told["discriminator of image and code, 64 pixels"] == joint


def test_strides_are_those_of_the_classifier() -> None:
    vgg = import_module("stages.judge.networks.vgg")
    ledger = LEDGERS["alpha-gan"]
    assert ledger.VGG_STRIDES == vgg.STRIDES
    assert tuple(64 * maps for maps in vgg.MAPS) == ledger.VGG_MAPS
    assert vgg.cropped(32) == ledger.VGG_CROP
