"""BEGAN held to its equations: both players' losses, the controller's traces, and what the slides criticise."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from stages.train.loop import Run
from stages.train.streams import Streams
from stages.train.systems.began import System, controlled, convergence

Build = Callable[..., System]
Silence = Callable[..., None]


# The controller, by itself


def trace(balances: Callable[[int], tuple[float, float]], gamma: float, steps: int, *, project: bool) -> list[float]:
    """k after 0, 1, ... steps from k = 0 at rate 1e-3, the losses (a, b) of step t given."""
    k = torch.zeros((), dtype=torch.float64)
    ks = [0.0]
    for t in range(steps):
        real, fake = (torch.tensor(loss, dtype=torch.float64) for loss in balances(t))
        k = controlled(k, real, fake, gamma, 1e-3, project)
        ks.append(float(k))
    return ks


SCRIPTS: dict[str, tuple[Callable[[int], tuple[float, float]], float]] = {
    "samples too good": (lambda t: (1.0, 0.1), 0.5),
    "samples too bad": (lambda t: (0.2, 0.3), 0.5),
    "no diversity asked for": (lambda t: (0.2, 0.1), 0.0),
    "wound up": (lambda t: (1.0, 0.1 if t < 3000 else 0.8), 0.5),
    "late crossing": (lambda t: (1.0, 0.6 if t < 1000 else 0.3), 0.5),
}
TRACES: list[tuple[str, bool, dict[int, float]]] = [
    ("samples too good", True, {1: 4e-4, 100: 0.04, 1000: 0.4, 2500: 1, 2501: 1, 5000: 1}),
    ("samples too good", False, {1: 4e-4, 100: 0.04, 1000: 0.4, 2500: 1, 2501: 1.0004, 3000: 1.2, 5000: 2}),
    ("samples too bad", True, {1: 0, 100: 0, 5000: 0}),
    ("samples too bad", False, {1: -2e-4, 100: -0.02, 1000: -0.2, 5000: -1}),
    ("no diversity asked for", True, {1: 0, 1000: 0, 5000: 0}),
    ("no diversity asked for", False, {1: -1e-4, 1000: -0.1, 5000: -0.5}),
    ("wound up", True, {3000: 1, 4000: 0.7, 5000: 0.4, 6334: 0, 8000: 0}),
    ("wound up", False, {3000: 1.2, 4000: 0.9, 5000: 0.6, 6334: 0.1998, 7000: 0, 8000: -0.3}),
    ("late crossing", True, {1000: 0, 1001: 2e-4, 1500: 0.1, 2000: 0.2, 3000: 0.4}),
    ("late crossing", False, {1000: -0.1, 1001: -0.0998, 1500: 0, 2000: 0.1, 3000: 0.3}),
]


@pytest.mark.parametrize(("script", "project", "expected"), TRACES, ids=[f"{name} {on}" for name, on, _ in TRACES])
def test_k_follows_the_script(script: str, project: bool, expected: dict[int, float]) -> None:
    balances, gamma = SCRIPTS[script]
    ks = trace(balances, gamma, max(expected), project=project)
    assert {step: ks[step] for step in expected} == pytest.approx(expected, abs=1e-9)


def test_without_projection_a_wound_up_k_is_back_at_0_666_steps_later() -> None:
    balances, gamma = SCRIPTS["wound up"]
    back = [
        next(step for step, k in enumerate(trace(balances, gamma, 7100, project=project)) if step > 3000 and k < 1e-9)
        for project in (True, False)
    ]
    assert back == [6334, 7000]


@pytest.mark.parametrize("project", [True, False])
def test_k_stands_still_where_the_losses_have_the_ratio_gamma(project: bool) -> None:
    k = torch.tensor(0.3)
    assert controlled(k, torch.tensor(0.5), torch.tensor(0.25), 0.5, 1e-3, project).item() == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("real", "fake", "expected"),
    [(1.0, 0.1, 1.4), (0.2, 0.3, 0.4), (0.6, 0.3, 0.6), (0.0, 0.0, 0.0)],
)
def test_convergence_is_the_loss_on_images_and_the_imbalance(real: float, fake: float, expected: float) -> None:
    assert convergence(torch.tensor(real), torch.tensor(fake), 0.5).item() == pytest.approx(expected)


# What each player loses


@pytest.mark.parametrize(("eta", "real", "fake"), [(1, 0.25, 0.5), (2, 0.0625, 0.25)])
def test_an_image_s_loss_is_its_mean_distance_to_what_d_makes_of_it(
    build_row: Build, silence: Silence, eta: int, real: float, fake: float
) -> None:
    system = build_row("began", eta=eta, k_start=0.5)
    silence(system.autoencoder)
    system.generator = nn.Sequential(nn.Linear(4, 256), nn.Unflatten(1, (1, 16, 16)))
    with torch.no_grad():
        system.generator[0].weight.zero_()
        system.generator[0].bias.fill_(-0.5)
    losses = system.losses(torch.full((8, 1, 16, 16), 0.25), Streams(0))
    assert losses["autoencoder"].item() == pytest.approx(real - 0.5 * fake)
    assert losses["generator"].item() == pytest.approx(fake)


class Scale(nn.Module):
    """An autoencoder that gives a part of what it is given, or a generator that gives the same everywhere."""

    def __init__(self, scale: float, *, constant: bool = False):
        super().__init__()
        self.scale, self.constant = nn.Parameter(torch.tensor(scale)), constant

    def forward(self, given: Tensor) -> Tensor:
        return self.scale.expand(len(given), 1, 16, 16) if self.constant else self.scale * given


def test_the_generator_s_gradient_runs_through_both_places_of_its_sample(build_row: Build, x: Tensor) -> None:
    system = build_row("began", k_start=0.5)
    system.autoencoder, system.generator = Scale(0.75), Scale(0.4, constant=True)
    loss = system.losses(x, Streams(0))["generator"]  # |g - 0.75 g|
    assert loss.item() == pytest.approx(0.1)
    assert torch.autograd.grad(loss, system.generator.scale)[0].item() == pytest.approx(0.25)  # not 1


def test_the_autoencoder_s_gradient_has_opposite_signs_on_images_and_samples(build_row: Build) -> None:
    system = build_row("began", k_start=0.5)
    system.autoencoder, system.generator = Scale(0.75), Scale(0.4, constant=True)
    loss = system.losses(torch.full((8, 1, 16, 16), 0.8), Streams(0))["autoencoder"]
    assert torch.autograd.grad(loss, system.autoencoder.scale)[0].item() == pytest.approx(-0.8 + 0.5 * 0.4)


# The controller, in training


def test_after_a_step_k_moves_by_that_step_s_losses_and_the_numbers_of_the_step_are_told(build_row: Build) -> None:
    system = build_row("began", gamma=0.5, k_rate=0.01, k_start=0.25)
    told = system.finish({"autoencoder": torch.tensor(1 - 0.25 * 0.1), "generator": torch.tensor(0.1)})  # a = 1
    expected = {"k": 0.254, "convergence": 1.4, "balance": 0.1, "bound": -0.9, "vacuous": 1.0}
    assert {name: value.item() for name, value in told.items()} == pytest.approx(expected)
    assert system.k.item() == pytest.approx(0.254)


def test_the_bound_is_vacuous_only_where_samples_are_reconstructed_better(build_row: Build) -> None:
    system = build_row("began")
    told = system.finish({"autoencoder": torch.tensor(0.2), "generator": torch.tensor(0.3)})
    assert told["bound"].item() == pytest.approx(0.1)
    assert told["vacuous"].item() == 0


def test_a_number_told_does_not_change_with_the_next_step(build_row: Build) -> None:
    system = build_row("began")
    losses = {"autoencoder": torch.tensor(1.0), "generator": torch.tensor(0.1)}
    first = system.finish(losses)["k"]
    system.finish(losses)
    assert first.item() == pytest.approx(4e-4)


def test_k_is_kept_with_the_weights_and_is_no_parameter(build_row: Build) -> None:
    system, other = build_row("began", k_start=0.5), build_row("began")
    assert "k" not in dict(system.named_parameters())
    assert other.k.item() == 0
    other.load_state_dict(system.state_dict())
    assert other.k.item() == 0.5


def trained(build_row: Build, row: str, iterations: int, **knobs: Any) -> tuple[System, list[float]]:
    system = build_row(row, **knobs)
    images = torch.randint(256, (16, 16, 16, 1), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    run = Run(system, Streams(0), images, 8)
    return system, [run.iterate()["k"].item() for _ in range(iterations)]


def same(one: System, other: System) -> bool:
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return all(torch.equal(first, second) for first, second in pairs)


def test_projected_and_unprojected_runs_are_the_same_until_k_is_cut(build_row: Build) -> None:
    knobs = {"gamma": 1.0, "k_rate": 1.0}
    longer = trained(build_row, "began-unprojected", 8, **knobs)[1]
    cut = next(step for step, k in enumerate(longer) if not 0 <= k <= 1)  # the step that leaves [0, 1]
    assert 0 < cut < 7
    projected, unprojected = (trained(build_row, row, cut + 1, **knobs) for row in ("began", "began-unprojected"))
    assert projected[1][:cut] == unprojected[1][:cut]
    assert projected[1][cut] == 1 < unprojected[1][cut]
    assert same(projected[0], unprojected[0])  # the weights have not met this k yet
    projected, unprojected = (trained(build_row, row, cut + 2, **knobs) for row in ("began", "began-unprojected"))
    assert not same(projected[0], unprojected[0])


def test_with_gamma_0_a_projected_k_never_leaves_0_and_an_unprojected_one_becomes_negative(build_row: Build) -> None:
    assert trained(build_row, "began", 5, gamma=0.0)[1] == [0.0] * 5
    falling = trained(build_row, "began-unprojected", 5, gamma=0.0)[1]
    assert all(later < earlier for earlier, later in zip([0.0, *falling], falling, strict=False))


def test_with_a_rate_of_0_the_controller_is_off(build_row: Build) -> None:
    assert trained(build_row, "began", 3, k_rate=0.0, k_start=1.0)[1] == [1.0] * 3


# Rates, prior and images


def test_rates_halve_down_to_the_least(build_row: Build) -> None:
    system = build_row("began", learning_rate=1e-4, least_rate=2e-5, halve_every=100)
    assert [system.decay(iteration) for iteration in (0, 99, 100, 200, 300, 10_000)] == [1, 1, 0.5, 0.25, 0.2, 0.2]


def test_a_rate_below_the_least_stays(build_row: Build) -> None:
    system = build_row("began", learning_rate=1e-5, least_rate=2e-5, halve_every=100)
    assert [system.decay(iteration) for iteration in (0, 1000)] == [1, 1]


def test_codes_are_uniform_on_minus_1_to_1(build_row: Build) -> None:
    codes = build_row("began").prior(5000, Streams(0))
    assert torch.equal(codes, 2 * Streams(0).uniform(5000, 4) - 1)
    assert -1 <= float(codes.min()) < -0.99 < 0.99 < float(codes.max()) < 1
    assert float(codes.var()) == pytest.approx(1 / 3, rel=0.03)


def test_images_are_cut_to_range_and_losses_are_of_uncut_ones(build_row: Build, silence: Silence, x: Tensor) -> None:
    system = build_row("began")
    silence(system.autoencoder)
    system.generator = Scale(3.0, constant=True)
    assert system.decode(torch.zeros(2, 4)).unique().tolist() == [1.0]
    assert system.losses(x, Streams(0))["generator"].item() == pytest.approx(3.0)


def test_there_is_no_way_from_an_image_to_a_code(build_row: Build) -> None:
    assert not build_row("began").encodes


def test_it_trains_with_the_public_code_s_networks(build_row: Build) -> None:
    system = build_row("began", [16, 16, 3], networks="began", width=4)
    run = Run(system, Streams(0), torch.randint(256, (8, 16, 16, 3), dtype=torch.uint8), 4)
    assert all(math.isfinite(value.item()) for value in run.iterate().values())
    assert system.decode(system.prior(2, Streams(0))).shape == (2, 3, 16, 16)
