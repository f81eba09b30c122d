"""Hamiltonian Monte Carlo: what it must leave alone, and how its step follows the acceptance rate."""

import pytest
import torch
from torch import Tensor

from stages.likelihood import hmc
from stages.likelihood.hmc import Sampler, State, energy, leapfrog
from stages.train.streams import Streams


def gaussian(h: Tensor) -> State:
    """log L(h) = -(h - 2)² / (2 · ½²), a dimension: with N(0, 1) and β, a Gaussian that is known."""
    return State(h, (-2 * (h - 2) ** 2).sum(dim=1).double(), -4 * (h - 2))


def posterior(beta: float) -> tuple[float, float]:
    """(mean, variance) of N(h; 0, 1) L(h)^β: precisions 1 and 4 β."""
    return 8 * beta / (1 + 4 * beta), 1 / (1 + 4 * beta)


def start(n: int, dimensions: int = 2, seed: int = 0) -> Tensor:
    return torch.randn(n, dimensions, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_leapfrog_comes_back_when_the_velocity_is_turned_round() -> None:
    first, velocity = gaussian(start(50)), start(50, seed=1)
    there, end = leapfrog(gaussian, first, velocity, 0.1, 0.7)
    back, came = leapfrog(gaussian, there, -end, 0.1, 0.7)
    assert not torch.allclose(there.h, first.h, atol=0.1)
    assert torch.allclose(back.h, first.h, atol=1e-12)
    assert torch.allclose(-came, velocity, atol=1e-12)


def test_leapfrog_keeps_energy_to_the_second_order_of_the_step() -> None:
    first, velocity = gaussian(start(200)), start(200, seed=1)

    def error(step: float) -> float:
        last, end = leapfrog(gaussian, first, velocity, step, 1.0)
        return float((energy(last, end, 1.0) - energy(first, velocity, 1.0)).abs().mean())

    assert error(0.1) > 0
    # one step's error falls with the third power, but those of a longer path cancel in part
    assert error(0.01) < error(0.1) / 50


def test_leapfrog_keeps_volume() -> None:
    h, velocity = start(1)[0], start(1, seed=1)[0]

    def flow(place: Tensor) -> Tensor:
        state, end = leapfrog(gaussian, gaussian(place[None, :2]), place[None, 2:], 0.2, 0.5)
        return torch.cat([state.h[0], end[0]])

    jacobian = torch.autograd.functional.jacobian(flow, torch.cat([h, velocity]))
    assert float(torch.linalg.det(jacobian)) == pytest.approx(1)


def test_energy_is_minus_the_log_of_the_density() -> None:
    state, velocity = gaussian(torch.tensor([[1.0, 3.0]])), torch.tensor([[2.0, 0.0]])
    # |h|² / 2 = 5, |v|² / 2 = 2, log L = -2 - 2
    assert float(energy(state, velocity, 0.5)[0]) == pytest.approx(5 + 2 + 0.5 * 4)


@pytest.mark.parametrize("beta", [0.0, 0.3, 1.0])
def test_a_move_leaves_the_distribution_as_it_is(beta: float) -> None:
    mean, variance = posterior(beta)
    sampler = Sampler(gaussian, 0.45, Streams(0))  # large enough for moves to be refused
    state = gaussian(mean + variance**0.5 * start(40_000))
    for _ in range(5):
        state = sampler.move(state, beta)
    assert 0.5 < sampler.acceptance < 1
    assert state.h.mean(dim=0).tolist() == pytest.approx([mean] * 2, abs=0.02)
    assert state.h.var(dim=0).tolist() == pytest.approx([variance] * 2, rel=0.03)


def test_without_refusals_a_large_step_would_not_leave_it() -> None:
    # the test above can tell: at this step the leapfrog alone widens the distribution
    mean, variance = posterior(1.0)
    state = gaussian(mean + variance**0.5 * start(40_000))
    for seed in range(5):
        state, _ = leapfrog(gaussian, state, start(40_000, seed=seed + 1), 0.8, 1.0)
    assert float(state.h.var()) != pytest.approx(variance, rel=0.1)


def test_chains_come_to_the_distribution_from_elsewhere() -> None:
    sampler = Sampler(gaussian, 0.01, Streams(0))
    state = gaussian(torch.full((5000, 2), -4.0, dtype=torch.float64))
    for _ in range(200):
        state = sampler.move(state, 1.0)
    mean, variance = posterior(1.0)
    assert state.h.mean(dim=0).tolist() == pytest.approx([mean] * 2, abs=0.03)
    assert state.h.var(dim=0).tolist() == pytest.approx([variance] * 2, rel=0.1)


def test_a_state_keeps_the_value_and_slope_of_where_it_is() -> None:
    sampler = Sampler(gaussian, 0.5, Streams(0))
    state = sampler.move(gaussian(start(100)), 1.0)
    again = gaussian(state.h)
    assert torch.allclose(state.value, again.value)
    assert torch.allclose(state.slope, again.slope)


def test_a_proposal_that_is_lost_is_refused() -> None:
    def cliff(h: Tensor) -> State:
        value = torch.where(h.sum(dim=1) > 0, torch.nan, 0.0).double()
        return State(h, value, torch.zeros_like(h))

    sampler = Sampler(cliff, 0.5, Streams(0))
    state = sampler.move(cliff(-start(200).abs()), 1.0)
    assert bool((state.h.sum(dim=1) <= 0).all())
    assert 0 < sampler.acceptance < 1


def test_the_step_follows_the_acceptance_rate_within_its_bounds() -> None:
    sampler = Sampler(gaussian, 0.01, Streams(0))
    sampler.adapt(1.0)  # the rate before was the one that is wanted, so no more
    assert sampler.step == pytest.approx(0.01 * 0.98)
    assert sampler.rate == pytest.approx(0.9 * 0.65 + 0.1)
    sampler.adapt(1.0)
    assert sampler.step == pytest.approx(0.01 * 0.98 * 1.02)
    for _ in range(500):
        sampler.adapt(1.0)
    assert sampler.step == 0.5
    for _ in range(2000):
        sampler.adapt(0.0)
    assert sampler.step == 1e-4


def test_long_chains_are_accepted_at_the_rate_that_is_wanted() -> None:
    sampler = Sampler(lambda h: gaussian(10 * h)._replace(h=h, slope=-40 * (10 * h - 2)), 0.01, Streams(0))
    state = sampler.likelihood(start(200))
    for _ in range(400):
        state = sampler.move(state, 1.0)
    assert sum(sampler.shares[200:]) / 200 == pytest.approx(hmc.WANTED, abs=0.1)
