"""The two-stage VAE held to its likelihoods, and to one stage after the other."""

import copy
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from stages.train.loop import Run
from stages.train.streams import Streams
from stages.train.systems.two_stage_vae import Likelihood

HALF_LOG_TWO_PI = 0.5 * math.log(2 * math.pi)
Build = Callable[..., Any]


class Gives(nn.Module):
    """The same numbers for every input; a parameter, so that there is something to step."""

    def __init__(self, *row: float):
        super().__init__()
        self.row = nn.Parameter(torch.tensor(row))

    def forward(self, x: Tensor) -> Tensor:
        return self.row.expand(len(x), -1)


def with_gamma(gamma: float) -> Likelihood:
    likelihood = Likelihood()
    nn.init.constant_(likelihood.log_gamma, math.log(gamma))
    return likelihood


# Likelihoods


def test_gamma_starts_from_1() -> None:
    assert Likelihood().gamma.item() == 1


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_a_constant_error_s_likelihood_worked_by_hand(gamma: float) -> None:
    x = torch.zeros(5, 3, 4, 4)
    found = with_gamma(gamma)(x, x + 0.3).item()
    assert found == pytest.approx(48 * (0.09 / (2 * gamma**2) + math.log(gamma) + HALF_LOG_TWO_PI), rel=1e-5)


def test_the_best_gamma_is_the_root_of_the_mean_square() -> None:
    x, mean_square = torch.zeros(5, 10), 0.09
    best = with_gamma(0.3)(x, x + 0.3).item()
    assert best == pytest.approx(10 * (0.5 + 0.5 * math.log(2 * math.pi * mean_square)), abs=1e-4)
    for gamma in (0.25, 0.35):
        assert with_gamma(gamma)(x, x + 0.3).item() > best + 0.05


def test_a_perfect_reconstruction_s_loss_falls_without_end_as_gamma_does() -> None:
    x = torch.zeros(5, 10)
    for gamma in (1e-2, 1e-4, 1e-8):
        assert with_gamma(gamma)(x, x).item() == pytest.approx(10 * (math.log(gamma) + HALF_LOG_TWO_PI), rel=1e-5)


def test_the_first_stage_s_loss_worked_by_hand(build_row: Build) -> None:
    system = build_row("two-stage-vae", latent=2)
    raw = math.log(math.e**2 - 1)  # softplus of it is 2
    system.encoder = Gives(0.5, -1.0, raw, raw)
    system.generator.register_forward_hook(lambda module, given, output: 0 * output + 0.25)
    system.of_images = with_gamma(0.5)
    losses = system.losses(torch.full((8, 1, 16, 16), 0.5), Streams(0))  # 0.75 on [0, 1]
    kl = 0.5 * (0.25 + 1 + 2 * (4 - 1 - 2 * math.log(2)))
    expected = 256 * (0.25 / (2 * 0.25) + math.log(0.5) + HALF_LOG_TWO_PI) + kl
    assert {name: loss.item() for name, loss in losses.items()} == pytest.approx({"first": expected}, rel=1e-4)


@pytest.mark.parametrize("weight", [0.0, 0.6])
def test_on_normal_codes_the_second_stage_s_minimum_is_reached_by_every_exact_linear_model(
    build_row: Build, weight: float
) -> None:
    class Posterior(nn.Module):
        """Of u, where z = weight u + √(1 - weight²) ε: mean and log standard deviation."""

        def forward(self, z: Tensor) -> Tensor:
            return torch.cat([weight * z, torch.full_like(z, 0.5 * math.log(1 - weight**2))], dim=1)

    system = build_row("two-stage-vae", latent=2)
    one = math.log(math.e - 1)  # softplus of it is 1
    system.encoder, system.second_encoder = Gives(0.0, 0.0, one, one), Posterior()
    system.second_generator.register_forward_hook(lambda module, given, output: weight * given[0])
    system.of_codes = with_gamma(math.sqrt(1 - weight**2))
    loss = system.second_loss(torch.zeros(200_000, 1, 1, 1), Streams(0)).item()
    assert loss == pytest.approx(2 * 1.418939, abs=0.02)  # two numbers' ½ log 2πe


# Stages


def test_the_second_stage_begins_after_the_first_s_share_of_the_iterations(build_row: Build) -> None:
    system = build_row("two-stage-vae", iterations=6, first_stage_share=0.5)
    images = torch.randint(256, (32, 16, 16, 1), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    run = Run(system, Streams(0), images, 8)
    frozen = {"encoder": system.encoder, "generator": system.generator, "gamma": system.of_images}
    still = {"encoder": system.second_encoder, "generator": system.second_generator, "gamma": system.of_codes}
    system.train()
    before = {name: copy.deepcopy(network.state_dict()) for name, network in still.items()}
    for iteration in range(3):
        assert set(run.iterate()) == {"first", "gamma", "gamma_z"}
        assert system.iteration.item() == iteration + 1
    assert all(same(network, before[name]) for name, network in still.items())
    before = {name: copy.deepcopy(network.state_dict()) for name, network in frozen.items()}
    for _ in range(3):
        assert set(run.iterate()) == {"second", "gamma", "gamma_z"}
    assert all(same(network, before[name]) for name, network in frozen.items())  # averages of batch norm too
    assert system.state_dict()["iteration"].item() == 6  # survives a checkpoint


def same(network: nn.Module, state: dict[str, Tensor]) -> bool:
    return all(torch.equal(tensor, state[name]) for name, tensor in network.state_dict().items())


def test_the_second_stage_sees_codes_of_the_encoder_as_it_is_used(build_row: Build, x: Tensor) -> None:
    system = build_row("two-stage-vae", iterations=2, first_stage_share=0.5)
    for _ in range(3):
        system.first_loss(x, Streams(0))  # moves the averages of batch norm
    system.finish({})
    seen: list[Tensor] = []
    system.second_encoder.register_forward_hook(lambda module, given, output: seen.append(given[0]))
    assert set(system.losses(x, Streams(4))) == {"second"}
    assert torch.equal(seen[0], system.eval().encode(x, Streams(4)))
    assert not seen[0].requires_grad


def test_each_stage_s_rate_is_halved_at_its_own_shares(build_row: Build) -> None:
    system = build_row("two-stage-vae", iterations=30, first_stage_share=1 / 3, halve_share=0.3)
    rates = [system.decay(iteration) for iteration in range(30)]
    assert rates[:10] == [1] * 3 + [0.5] * 3 + [0.25] * 3 + [0.125]
    assert rates[10:] == [1] * 6 + [0.5] * 6 + [0.25] * 6 + [0.125] * 2
    assert {build_row("two-stage-vae", halve_share=0.0).decay(iteration) for iteration in (0, 10**6)} == {1.0}


def test_on_cifar_10_the_stages_are_1000_and_2000_epochs_halved_every_300_and_600(build_row: Build) -> None:
    system = build_row("two-stage-vae")
    epoch = 50_000 // 64
    assert system.first_stage == 1000 * epoch
    assert system.settings["iterations"] == 3000 * epoch
    for start, epochs in ((0, 300), (1000, 600)):
        halved = (start + epochs) * epoch
        assert (system.decay(halved - 1), system.decay(halved)) == (1, 0.5)


# Samples and reconstructions


def test_samples_come_through_both_stages(build_row: Build) -> None:
    system, draw = build_row("two-stage-vae").eval(), Streams(3)
    system.of_codes = with_gamma(0.5)
    u = draw.normal(6, 4)
    expected = system.second_generator(u) + 0.5 * draw.normal(6, 4)
    assert torch.allclose(system.prior(6, Streams(3)), expected, atol=1e-6)


def test_a_reconstruction_decodes_a_draw_of_the_first_stage(build_row: Build, x: Tensor) -> None:
    system = build_row("two-stage-vae").eval()
    mean, raw = system.encoder((x + 1) / 2).chunk(2, dim=1)
    expected = mean + (1e-6 + nn.functional.softplus(raw)) * Streams(5).normal(8, 4)
    assert torch.allclose(system.encode(x, Streams(5)), expected, atol=1e-6)
    system.settings["code"] = "mean"
    assert torch.equal(system.encode(x, Streams(5)), mean)


def test_images_of_0_to_1_come_back_as_images_of_minus_1_to_1(build_row: Build) -> None:
    system = build_row("two-stage-vae").eval()
    images = system.decode(300 * Streams(0).normal(64, 4)).detach()
    assert -1 <= float(images.min()) < -0.5
    assert 0.5 < float(images.max()) <= 1


@pytest.mark.parametrize("shape", [[16, 16, 1], [32, 32, 3]], ids=str)
def test_the_paper_s_own_networks_run_through_both_stages(build_row: Build, shape: list[int]) -> None:
    system = build_row("two-stage-vae", shape=shape, networks="infogan", width=4, iterations=2, first_stage_share=0.5)
    images = torch.randint(256, (16, *shape), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    run = Run(system, Streams(0), images, 8)
    assert [*run.iterate(), *run.iterate()] == ["first", "gamma", "gamma_z", "second", "gamma", "gamma_z"]
    system.eval()
    assert system.decode(system.prior(3, Streams(0))).shape == (3, shape[2], *shape[:2])
