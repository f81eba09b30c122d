"""Codes of encoders' outputs: which half is which, what a draw is, what a sphere keeps."""

import itertools
import math

import pytest
import torch
from torch import Tensor

from stages.train.codes import gaussian, moments, on_great_circle, on_sphere, reconstructed_from
from stages.train.streams import Streams


def output(mean: Tensor, spread: Tensor) -> Tensor:
    """What an encoder would say of codes with these moments."""
    return torch.cat([mean, 2 * spread.log()], dim=1)


@pytest.fixture
def mean() -> Tensor:
    return torch.tensor([[0.0, 3.0], [-1.0, 0.5]])


@pytest.fixture
def spread() -> Tensor:
    return torch.tensor([[1.0, 2.0], [0.5, 0.1]])


def test_the_first_half_is_the_mean_and_the_second_the_log_variance(mean: Tensor, spread: Tensor) -> None:
    means, log_variances = moments(output(mean, spread))
    assert torch.equal(means, mean)
    assert torch.allclose(log_variances, (spread**2).log())


def test_a_draw_is_the_mean_and_the_spread_times_noise(mean: Tensor, spread: Tensor) -> None:
    drawn = gaussian(output(mean, spread), Streams(0))
    assert torch.allclose(drawn, mean + spread * Streams(0).normal(2, 2))


def test_draws_have_the_moments_that_the_encoder_says() -> None:
    draws = gaussian(output(torch.full((100_000, 1), 3.0), torch.full((100_000, 1), 2.0)), Streams(0))
    assert float(draws.mean()) == pytest.approx(3, abs=0.03)  # 5 standard errors
    assert float(draws.std()) == pytest.approx(2, abs=0.03)


def test_gradients_go_through_a_draw_to_both_moments(mean: Tensor, spread: Tensor) -> None:
    given = output(mean, spread).requires_grad_()
    (gradient,) = torch.autograd.grad(gaussian(given, Streams(0)).sum(), given)
    to_mean, to_log_variance = gradient.chunk(2, dim=1)
    assert torch.equal(to_mean, torch.ones(2, 2))
    assert torch.allclose(to_log_variance, spread * Streams(0).normal(2, 2) / 2)


def test_a_reconstruction_decodes_a_draw_or_the_mean_which_draws_nothing(mean: Tensor, spread: Tensor) -> None:
    given, draw = output(mean, spread), Streams(0)
    assert torch.equal(reconstructed_from(given, draw, "mean"), mean)
    assert torch.equal(reconstructed_from(given, draw, "sampled"), gaussian(given, Streams(0)))


def test_codes_on_the_sphere_have_length_1_and_keep_their_direction() -> None:
    assert torch.allclose(on_sphere(torch.tensor([[3.0, 4.0], [0.0, -7.0]])), torch.tensor([[0.6, 0.8], [0.0, -1.0]]))


def test_directions_of_normal_draws_are_uniform() -> None:
    codes = on_sphere(Streams(0).normal(50_000, 4))
    assert codes.mean(0).tolist() == pytest.approx([0] * 4, abs=0.012)
    assert codes.var(0).tolist() == pytest.approx([1 / 4] * 4, rel=0.03)
    products = (codes[::2] * codes[1::2]).sum(1)
    assert float((products**2).mean()) == pytest.approx(1 / 4, rel=0.03)


def test_the_squared_distance_of_codes_on_the_sphere_is_2_less_twice_their_cosine() -> None:
    one, other = on_sphere(torch.tensor([[1.0, 0.0]])), on_sphere(torch.tensor([[1.0, 1.0]]))
    assert float(((one - other) ** 2).sum()) == pytest.approx(2 - 2 * math.cos(math.pi / 4))


def test_half_way_between_two_axes_is_the_diagonal_at_the_mean_length() -> None:
    start, end = torch.tensor([[1.0, 0.0], [2.0, 0.0]]), torch.tensor([[0.0, 1.0], [0.0, 4.0]])
    diagonal = 0.5**0.5
    expected = torch.tensor([[diagonal, diagonal], [3 * diagonal, 3 * diagonal]])
    assert torch.allclose(on_great_circle(start, end, 0.5), expected)


def test_a_third_of_a_right_angle_is_thirty_degrees() -> None:
    found = on_great_circle(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]]), 1 / 3)
    assert torch.allclose(found, torch.tensor([[0.75**0.5, 0.5]]))


def test_a_great_circle_begins_and_ends_at_its_codes() -> None:
    start, end = Streams(0).normal(50, 8), Streams(1).normal(50, 8)
    assert torch.allclose(on_great_circle(start, end, 0.0), start, atol=1e-6)
    assert torch.allclose(on_great_circle(start, end, 1.0), end, atol=1e-6)


def test_on_a_great_circle_direction_and_length_change_evenly() -> None:
    start, end = Streams(0).normal(50, 8), 2 * Streams(1).normal(50, 8)
    walk = [on_great_circle(start, end, step / 10).double() for step in range(11)]
    lengths = torch.stack([codes.norm(dim=1) for codes in walk])
    assert torch.allclose(lengths.diff(dim=0), (lengths[-1] - lengths[0]) / 10, atol=1e-5)
    cosines = torch.stack([(on_sphere(one) * on_sphere(other)).sum(1) for one, other in itertools.pairwise(walk)])
    angle = torch.acos((on_sphere(walk[0]) * on_sphere(walk[-1])).sum(1))
    assert torch.allclose(torch.acos(cosines), angle / 10, atol=1e-4)


def test_on_the_sphere_a_great_circle_is_slerp() -> None:
    one, other = on_sphere(Streams(0).normal(50, 8)), on_sphere(Streams(1).normal(50, 8))
    angle = torch.acos((one * other).sum(1, keepdim=True))
    slerp = (torch.sin(0.7 * angle) * one + torch.sin(0.3 * angle) * other) / torch.sin(angle)
    found = on_great_circle(one, other, 0.3)
    assert torch.allclose(found, slerp, atol=1e-5)
    assert torch.allclose(found.norm(dim=1), torch.ones(50))


def test_between_a_code_and_itself_nothing_moves() -> None:
    code = Streams(0).normal(5, 8)
    assert torch.allclose(on_great_circle(code, code, 0.4), code, atol=1e-6)
