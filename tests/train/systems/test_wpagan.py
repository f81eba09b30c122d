"""Wasserstein PAGAN held to its equations: gaps and penalties, where slopes are taken, who moves how often."""

import copy
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from stages import params
from stages.train import contract
from stages.train.augmentation import reflect_crop
from stages.train.loop import Run
from stages.train.networks import dcgan
from stages.train.streams import Streams

Build = Callable[..., contract.System]
CRITICS = ["image", "code", "pair"]


class Line(nn.Module):
    """A linear critic of known slope for each of its inputs, that keeps what it was shown and what it said."""

    def __init__(self, slope: float):
        super().__init__()
        self.slope = nn.Parameter(torch.tensor(slope))
        self.shown: list[tuple[Tensor, ...]] = []
        self.said: list[Tensor] = []

    def forward(self, *given: Tensor) -> Tensor:
        value = sum(tensor.flatten(1).sum(dim=1, keepdim=True) / math.sqrt(tensor[0].numel()) for tensor in given)
        value = self.slope * value
        self.shown.append(tuple(tensor.detach() for tensor in given))
        self.said.append(value)
        return value


def with_lines(system: Any, *slopes: float) -> dict[str, Line]:
    lines = {name: Line(slope) for name, slope in zip(CRITICS, slopes, strict=True)}
    for name, line in lines.items():
        setattr(system, name, line)
    return lines


def values(losses: dict[str, Tensor]) -> dict[str, float]:
    return {name: float(loss.detach()) for name, loss in losses.items()}


def drawn(system: Any, x: Tensor) -> dict[str, Tensor]:
    """What a critics' move draws and makes, in its order, of a system that has not moved yet."""
    draw = Streams(0)
    z, noise = draw.normal(8, 4), draw.normal(8, 4)
    mean, log_variance = system.encoder(x).chunk(2, dim=1)
    code = mean + (log_variance / 2).exp() * noise
    made = {"z": z, "code": code, "sample": system.generator(z), "reconstruction": system.generator(code)}
    made |= {"augmented": reflect_crop(x, 1, draw), "shares": draw.uniform(4, 8)}
    return {name: tensor.detach() for name, tensor in made.items()}


# What each player loses


@pytest.mark.parametrize(("knobs", "penalty"), [({}, 10), ({"penalty_weight": 3.0}, 3)], ids=["paper", "3"])
def test_flat_critics_pay_the_penalty_alone(
    build_row: Build, silence: Callable[..., None], x: Tensor, knobs: dict[str, Any], penalty: float
) -> None:
    system: Any = build_row("wpagan", **knobs)
    silence(system.image, system.code, system.pair)
    assert values(system.critic_losses(x, Streams(0))) == dict.fromkeys(CRITICS, penalty)
    assert values(system.autoencoder_losses(x, Streams(0))) == {"generator": 0, "encoder": 0}


def test_a_critic_loses_fake_less_real_and_ten_times_its_penalty(build_row: Build, x: Tensor) -> None:
    system: Any = build_row("wpagan")
    lines = with_lines(system, 1.5, 0.5, 1.0)
    losses = values(system.critic_losses(x, Streams(0)))
    # Slopes 1.5 and 0.5; of a pair, the root of 1 + 1, because both images count.
    for name, excess in (("image", 0.5), ("code", 0.5), ("pair", math.sqrt(2) - 1)):
        _, real, fake = (float(said.detach().mean()) for said in lines[name].said)  # the first asked for the slope
        assert losses[name] == pytest.approx(fake - real + 10 * excess**2, rel=1e-4)


def test_generator_and_encoder_raise_what_the_critics_say(build_row: Build, x: Tensor) -> None:
    system: Any = build_row("wpagan")
    lines = with_lines(system, 1.5, 0.5, 1.0)
    losses = values(system.autoencoder_losses(x, Streams(0)))
    image, code, pair = (float(line.said[0].detach().mean()) for line in lines.values())
    assert losses == pytest.approx({"generator": -image - pair, "encoder": -code - pair})
    assert [len(line.said) for line in lines.values()] == [1, 1, 1]


# What each critic is shown


def test_each_critic_is_shown_the_game_of_pagan(build_row: Build, x: Tensor) -> None:
    system: Any = build_row("wpagan")
    made = drawn(copy.deepcopy(system), x)
    lines = with_lines(system, 1.0, 1.0, 1.0)
    system.critic_losses(x, Streams(0))
    sides = {
        "image": [(x,), (made["sample"],)],
        "code": [(made["z"],), (made["code"],)],
        "pair": [(x, made["augmented"]), (x, made["reconstruction"])],
    }
    for name, expected in sides.items():
        assert len(lines[name].shown) == 3
        for shown, wanted in zip(lines[name].shown[1:], expected, strict=True):
            assert all(torch.allclose(one, other, atol=1e-5) for one, other in zip(shown, wanted, strict=True))
    assert not torch.equal(made["augmented"], x)


@pytest.mark.parametrize("mixing", ["shared", "independent"])
def test_slopes_are_taken_between_the_real_and_the_fake(build_row: Build, x: Tensor, mixing: str) -> None:
    system: Any = build_row("wpagan", mixing=mixing)
    made = drawn(copy.deepcopy(system), x)
    lines = with_lines(system, 1.0, 1.0, 1.0)
    system.critic_losses(x, Streams(0))

    def between(real: Tensor, fake: Tensor, share: Tensor) -> Tensor:
        share = share.view(-1, *[1] * (real.dim() - 1))
        return share * real + (1 - share) * fake

    shares = made["shares"]
    second = 2 if mixing == "shared" else 3
    others = torch.arange(8) - 1  # a real pair goes with the fake pair of another image
    expected = {
        "image": [between(x, made["sample"], shares[0])],
        "code": [between(made["z"], made["code"], shares[1])],
        "pair": [
            between(x, x[others], shares[2]),
            between(made["augmented"], made["reconstruction"][others], shares[second]),
        ],
    }
    for name, points in expected.items():
        for shown, wanted in zip(lines[name].shown[0], points, strict=True):
            assert torch.allclose(shown, wanted, atol=1e-5)


def test_the_two_ways_of_mixing_give_the_pairs_other_penalties_and_leave_all_else(build_row: Build, x: Tensor) -> None:
    shared, independent = (
        values(build_row("wpagan", mixing=mixing).moves()[0](x, Streams(0))) for mixing in ("shared", "independent")
    )
    assert shared["pair"] != independent["pair"]
    assert {shared[name] == independent[name] for name in ("image", "code")} == {True}


# The critics themselves


def test_the_critics_of_the_paper_are_pagan_s_discriminators_without_norms(suite: dict[str, Any]) -> None:
    settings = params.check(suite | {"profile": "paper"}).settings("wpagan")
    critics = [
        (dcgan.image_discriminator(settings, [32, 32, 3]), 5_860_865),
        (dcgan.code_discriminator(settings), 197_633),
        (dcgan.pair_discriminator(settings, [32, 32, 3]), 5_862_593),  # two images as six channels
    ]
    for critic, parameters in critics:
        assert sum(parameter.numel() for parameter in critic.parameters()) == parameters
        assert not any(parametrize.is_parametrized(layer) for layer in critic.modules())
        assert not list(critic.buffers())  # nor batch norms' averages


# Who moves


def test_ten_moves_of_all_critics_come_before_one_of_generator_and_encoder(build_row: Build, x: Tensor) -> None:
    moved = [set(move(x, Streams(0))) for move in build_row("wpagan").moves()]
    assert moved == [set(CRITICS)] * 10 + [{"generator", "encoder"}]
    assert len(build_row("wpagan", critic_steps=3).moves()) == 4


def test_every_move_sees_images_and_noise_of_its_own(build_row: Build) -> None:
    system: Any = build_row("wpagan", critic_steps=3)
    greys = torch.arange(64, dtype=torch.uint8)[:, None, None, None].expand(64, 16, 16, 1).contiguous()
    run = Run(system, Streams(0), greys, 8)
    seen: list[list[float]] = []
    codes: list[Tensor] = []

    def watched(move: contract.Move) -> contract.Move:
        def watching(x: Tensor, draw: Streams) -> dict[str, Tensor]:
            seen.append(x[:, 0, 0, 0].tolist())
            return move(x, draw)

        return watching

    run.moves = [watched(move) for move in run.moves]
    system.generator.register_forward_hook(lambda network, given, images: codes.append(given[0].detach()))
    run.iterate()
    assert len({grey for batch in seen for grey in batch}) == 4 * 8
    assert len(codes) == 4 * 2
    assert len({float(code.sum()) for code in codes}) == 4 * 2


def test_a_critics_move_has_no_way_back_to_generator_and_encoder(build_row: Build, x: Tensor) -> None:
    system: Any = build_row("wpagan")
    losses = system.critic_losses(x, Streams(0))
    behind = [*system.generator.parameters(), *system.encoder.parameters()]
    for name in CRITICS:
        found = torch.autograd.grad(losses[name], behind, retain_graph=True, allow_unused=True)
        assert not any(gradient is not None for gradient in found)


@pytest.mark.parametrize("player", ["generator", "encoder"])
def test_generator_and_encoder_gain_by_stepping_alone(build_row: Build, x: Tensor, player: str) -> None:
    system: Any = build_row("wpagan")
    stepped: Any = copy.deepcopy(system)
    loss = system.autoencoder_losses(x, Streams(0))[player]
    gradients = torch.autograd.grad(loss, contract.parameters(system.players()[player]))
    size = torch.stack([gradient.norm() for gradient in gradients]).norm()
    with torch.no_grad():
        for parameter, gradient in zip(contract.parameters(stepped.players()[player]), gradients, strict=True):
            parameter.sub_(1e-2 * gradient / size)
    assert float(stepped.autoencoder_losses(x, Streams(0))[player].detach()) < float(loss.detach())


def test_ten_steps_bring_a_critic_s_slope_towards_1(build_row: Build) -> None:
    system: Any = build_row("wpagan", learning_rate=1e-2)
    images = torch.randint(256, (64, 16, 16, 1), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    run = Run(system, Streams(0), images, 8)
    x = contract.to_unit_range(images[:8])

    def slope() -> float:
        points = x.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(system.image(points).sum(), points)
        return float(gradient.flatten(1).norm(dim=1).mean())

    before = slope()
    for _ in range(3):
        run.iterate()
    assert before < 0.4
    assert abs(slope() - 1) < 0.4
