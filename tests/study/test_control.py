"""The controller's traces by hand, the small BEGAN's gradients by finite differences."""

import math

import numpy as np
import pytest

from stages.study.control import Began, Network, loop, moved, trace, trained
from stages.study.studies.began_control import SCRIPTS

TRACES: list[tuple[str, bool, dict[int, float]]] = [
    ("A", True, {1: 4e-4, 100: 0.04, 1000: 0.4, 2500: 1, 2501: 1, 5000: 1}),
    ("A", False, {1: 4e-4, 100: 0.04, 1000: 0.4, 2500: 1, 2501: 1.0004, 3000: 1.2, 5000: 2}),
    ("B", True, {1: 0, 100: 0, 5000: 0}),
    ("B", False, {1: -2e-4, 100: -0.02, 1000: -0.2, 5000: -1}),
    ("C", True, {1: 0, 1000: 0, 5000: 0}),
    ("C", False, {1: -1e-4, 1000: -0.1, 5000: -0.5}),
    ("D", True, {3000: 1, 4000: 0.7, 5000: 0.4, 6334: 0, 8000: 0}),
    ("D", False, {3000: 1.2, 4000: 0.9, 5000: 0.6, 6334: 0.1998, 7000: 0, 8000: -0.3}),
    ("E", True, {1000: 0, 1001: 2e-4, 1500: 0.1, 2000: 0.2, 3000: 0.4}),
    ("E", False, {1000: -0.1, 1001: -0.0998, 1500: 0, 2000: 0.1, 3000: 0.3}),
]


@pytest.mark.parametrize(("name", "project", "expected"), TRACES, ids=[f"{name} {on}" for name, on, _ in TRACES])
def test_k_follows_the_script(name: str, project: bool, expected: dict[int, float]) -> None:
    script = SCRIPTS[name]
    ks = trace(script.losses, script.gamma, script.steps, project)
    assert {step: ks[step] for step in expected} == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("project", [True, False])
def test_k_stands_still_at_the_equilibrium(project: bool) -> None:
    assert moved(0.3, 0.5, 0.25, 0.5, project) == 0.3


def test_the_loop_circles_around_gamma_times_a() -> None:
    period = 2 * math.pi / math.sqrt(1e-3 * 0.01)
    k, fake = loop(gamma=0.5, real=1.0, gain=0.01, rest=0.3, steps=round(2 * period))
    assert fake[0] == 0.25
    assert fake[round(period / 2)] == pytest.approx(0.75, abs=0.01)  # as far on the other side of 0.5
    assert fake[round(period)] == pytest.approx(0.25, abs=0.02)
    assert fake.mean() == pytest.approx(0.5, abs=0.01)
    assert k.mean() == pytest.approx(0.3, abs=0.01)
    assert k.max() == pytest.approx(0.3 + 0.25 * math.sqrt(1e-3 / 0.01), abs=0.003)  # the circle's other axis


@pytest.fixture
def players() -> Began:
    return Began(12, np.random.default_rng(0), np.float64)


@pytest.fixture
def batch() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    return rng.uniform(-1, 1, (5, 12)), rng.uniform(-1, 1, (5, Began.LATENT))


def slope_of(value, network: Network, step: float = 1e-6) -> np.ndarray:
    """By finite differences, of a third of the parameters."""
    found = []
    for at in range(0, network.vector.size, 3):
        network.vector[at] += step
        ahead = value()
        network.vector[at] -= 2 * step
        behind = value()
        network.vector[at] += step
        found.append((ahead - behind) / (2 * step))
    return np.array(found)


@pytest.mark.parametrize("k", [0.0, 0.7, -0.2])
def test_the_discriminators_gradient_by_finite_differences(players, batch, k: float) -> None:
    at = players.slopes(*batch, k)
    fake = players.generator(batch[1])[1]

    def value() -> float:
        return players.unlike(batch[0])[0] - k * players.unlike(fake)[0]

    assert value() == pytest.approx(at.real - k * at.fake)
    assert at.discriminator[::3] == pytest.approx(slope_of(value, players.discriminator), rel=1e-4, abs=1e-7)


def test_the_generators_gradient_runs_through_both_places_of_the_sample(players, batch) -> None:
    at = players.slopes(*batch, 0.5)

    def value() -> float:
        return players.unlike(players.generator(batch[1])[1])[0]

    assert value() == pytest.approx(at.fake)
    assert at.generator[::3] == pytest.approx(slope_of(value, players.generator), rel=1e-4, abs=1e-7)


def test_the_loss_is_the_mean_distance_of_an_image_from_what_d_makes_of_it(players, batch) -> None:
    x = batch[0]
    inner, bias, outer, shift = players.discriminator.parts
    assert players.unlike(x)[0] == pytest.approx(np.abs(x - (np.tanh(x @ inner + bias) @ outer + shift)).mean())


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (50, 12)).astype(np.float32)


def test_with_and_without_projection_a_run_is_the_same_until_k_leaves(images) -> None:
    log = np.array(list(trained(images, [0.0, 0.0], [True, False], 20, seed=3)))
    on, off = log[..., 0], log[..., 1]
    assert (on[:2, :2] == off[:2, :2]).all()  # the second was made by a step with k = 0
    assert (on[0, 2], off[0, 2]) == (0, pytest.approx(-1e-3 * off[0, 1]))  # gamma is 0: k loses λ_k b
    assert (on[3, :2] != off[3, :2]).all()
    assert (on[:, 2] == 0).all()


def test_runs_at_once_are_those_one_by_one(images) -> None:
    gammas, projects = [0.0, 0.5, 1.0], [True, False, True]
    together = np.array(list(trained(images, gammas, projects, 30, seed=1)))
    for place, (gamma, project) in enumerate(zip(gammas, projects, strict=True)):
        alone = np.array(list(trained(images, [gamma], [project], 30, seed=1)))
        assert together[..., place] == pytest.approx(alone[..., 0], rel=1e-4)


def test_training_lowers_the_loss_on_images(images) -> None:
    losses = [step[0, 0] for step in trained(images[:8], [0.5], [True], 300, seed=0)]
    assert np.mean(losses[-20:]) < 0.8 * np.mean(losses[:20])
