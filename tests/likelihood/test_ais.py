"""Annealed importance sampling against likelihoods that are known: linear decoders with Gaussian noise."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from stages.likelihood.ais import Annealing, Weights, log_mean_exp, schedule
from stages.likelihood.linear import Linear, principal
from stages.train.streams import Streams


def linear(latent: int, pixels: int, scale: float = 0.2, seed: int = 0) -> Linear:
    generator = torch.Generator().manual_seed(seed)
    return Linear(scale * torch.randn(latent, pixels, generator=generator), torch.rand(pixels, generator=generator))


def annealing(model: Linear, chains: int = 16, temperatures: int = 200, variance: float = 0.05) -> Annealing:
    return Annealing(model, len(model.weight), variance, chains, temperatures, 0.2, Streams(0))


def test_the_schedule_rises_from_0_to_1_and_slowest_at_its_ends() -> None:
    betas = np.array(schedule(1000))
    rises = np.diff(betas)
    assert (betas[0], betas[-1], len(betas)) == (0, 1, 1001)
    assert (rises > 0).all()
    assert rises.argmax() in (499, 500)
    assert rises[0] < rises.max() / 10
    assert betas[::-1] == pytest.approx(1 - betas)


def test_the_schedule_is_a_sigmoid_of_radius_4() -> None:
    # t = 1 of 4: (σ(-2) - σ(-4)) / (σ(4) - σ(-4))
    assert schedule(4) == pytest.approx([0, (0.119203 - 0.017986) / (0.982014 - 0.017986), 0.5, 0.895008, 1], abs=1e-5)


def test_log_mean_exp_by_hand() -> None:
    logs = torch.tensor([[0.0, math.log(3)], [1000.0, 1000.0], [-1000.0, -math.inf]], dtype=torch.float64)
    assert log_mean_exp(logs).tolist() == pytest.approx([math.log(2), 1000, -1000 - math.log(2)])


def test_effective_chains_are_all_of_equal_weights_and_one_of_a_single_heavy_one() -> None:
    logs = torch.tensor([[-700.0] * 4, [0.0, -900.0, -900.0, -900.0], [0.0, 0.0, -900.0, -900.0]], dtype=torch.float64)
    assert Weights(logs, 1.0, 0.1).effective.tolist() == pytest.approx([4, 1, 2])


def test_a_linear_model_s_log_likelihood_is_scipy_s() -> None:
    model = linear(3, 7)
    x = torch.rand(5, 7)
    covariance = model.weight.double().T @ model.weight.double() + 0.3 * torch.eye(7, dtype=torch.float64)
    expected = multivariate_normal(model.mean.double().numpy(), covariance.numpy()).logpdf(x.double().numpy())
    assert model.log_likelihood(x, 0.3).numpy() == pytest.approx(expected)


@pytest.mark.parametrize(("latent", "pixels", "scale", "chains"), [(2, 4, 0.5, 200), (10, 256, 0.1, 16)])
def test_a_linear_model_s_log_likelihood_is_found_within_1_percent(
    latent: int, pixels: int, scale: float, chains: int
) -> None:
    one = annealing(linear(latent, pixels, scale), chains, temperatures=300, variance=0.025)
    _, x = one.simulated(8)
    exact = one.decode.log_likelihood(x, one.variance)  # type: ignore[attr-defined]
    weights = one.lower(x, "test")
    assert weights.values.mean().item() == pytest.approx(exact.mean().item(), rel=0.01)
    assert (weights.values - exact).abs().max() < 3
    assert 0.5 < weights.acceptance < 0.9


def test_images_that_the_model_did_not_make_are_found_as_well() -> None:
    one = annealing(linear(4, 16), temperatures=200)
    x = torch.rand(6, 16, generator=torch.Generator().manual_seed(5)) * 2 - 0.5
    exact = one.decode.log_likelihood(x, one.variance)  # type: ignore[attr-defined]
    assert one.lower(x, "test").values.mean().item() == pytest.approx(exact.mean().item(), rel=0.01)


def test_more_temperatures_come_nearer_and_from_below() -> None:
    model = linear(10, 64)
    _, x = annealing(model).simulated(16)
    exact = model.log_likelihood(x, 0.05).mean().item()
    missing = [
        exact - annealing(model, chains=4, temperatures=steps).lower(x, "test").values.mean().item()
        for steps in (10, 50, 250)
    ]
    assert missing[0] > missing[1] > missing[2] > -0.1
    assert missing[2] < missing[0] / 10


def test_without_annealing_it_is_importance_sampling_from_the_prior() -> None:
    model = linear(2, 3, scale=0.1)
    one = annealing(model, chains=20_000, temperatures=1, variance=0.5)
    x = torch.rand(3, 3)
    assert one.lower(x, "test").values.tolist() == pytest.approx(model.log_likelihood(x, 0.5).tolist(), abs=0.02)


def test_both_bounds_hold_the_truth_between_them() -> None:
    model = linear(6, 32)
    few = annealing(model, chains=4, temperatures=20)
    h, x = few.simulated(24)
    exact = model.log_likelihood(x, few.variance).mean().item()
    lower, upper = few.lower(x, "test").values.mean().item(), few.upper(x, h, "test").mean().item()
    assert lower < exact < upper
    many = annealing(model, chains=4, temperatures=200)
    closer = many.upper(x, h, "test").mean().item() - many.lower(x, "test").values.mean().item()
    assert closer < (upper - lower) / 3


def test_images_do_not_disturb_each_other() -> None:
    one = annealing(linear(3, 8), chains=64, temperatures=150)
    _, x = one.simulated(5)
    exact = one.decode.log_likelihood(x, one.variance)  # type: ignore[attr-defined]
    # each image has its own value, though all chains are one tensor
    assert one.lower(x.flip(0), "test").values.tolist() == pytest.approx(exact.flip(0).tolist(), abs=0.5)
    assert float(exact.std()) > 1


def test_the_same_seed_gives_the_same_bits() -> None:
    model = linear(3, 8)
    x = torch.rand(2, 8)
    once, again = (annealing(model, temperatures=20).lower(x, "test").log for _ in range(2))
    assert torch.equal(once, again)


def test_simulated_images_scatter_by_the_variance() -> None:
    one = annealing(linear(3, 50), variance=0.04)
    h, x = one.simulated(400)
    residual = x - one.decode(h)
    assert float(residual.var()) == pytest.approx(0.04, rel=0.03)
    assert float(residual.mean()) == pytest.approx(0, abs=0.01)


def test_the_principal_model_of_a_linear_decoder_has_its_mean_and_covariance() -> None:
    truth = linear(3, 10)
    found = principal(truth, 3, Streams(0))
    covariance = truth.weight.T @ truth.weight
    assert found.mean.tolist() == pytest.approx(truth.mean.tolist(), abs=0.05)
    assert float((found.weight.T @ found.weight - covariance).norm() / covariance.norm()) < 0.1


def test_a_principal_model_may_have_more_dimensions_than_pixels() -> None:
    found = principal(linear(5, 2), 5, Streams(0))
    assert found(torch.zeros(1, 5)).shape == (1, 2)
