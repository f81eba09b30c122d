"""λ-IJAE held to its equations: what each player loses and is shown, what λ weighs, and what frozen optima teach."""

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from stages import params
from stages.train import contract
from stages.train.loop import Run
from stages.train.streams import Streams
from stages.train.systems.ijae import System, cyclic_shift, shift_probabilities
from stages.train.terms import tell_apart

Build = Callable[..., System]
Silence = Callable[..., None]
LOG4 = 2 * math.log(2)


def values(losses: dict[str, Tensor]) -> dict[str, float]:
    return {name: loss.item() for name, loss in losses.items()}


class Witness(nn.Module):
    """A discriminator that keeps what it was shown and what it said."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[tuple[Tensor, ...]] = []
        self.said: list[Tensor] = []

    def forward(self, *given: Tensor) -> Tensor:
        logit = 3 * torch.stack([tensor.flatten(1).mean(dim=1, keepdim=True) for tensor in given]).sum(dim=0)
        self.shown.append(given)
        self.said.append(logit)
        return logit


def witnessed(system: System) -> tuple[Witness, Witness, Witness]:
    system.image, system.triplet, system.joint = witnesses = Witness(), Witness(), Witness()
    return witnesses


# What each player loses


def test_where_no_discriminator_can_tell_they_lose_2_log_2_and_the_others_nothing(
    build_row: Build, silence: Silence, x: Tensor
) -> None:
    system = build_row("ijae")
    silence(system.image, system.triplet, system.joint)
    expected = {"image": LOG4, "triplet": LOG4, "joint": LOG4, "generator": 0.0, "encoder": 0.0}
    assert values(system.losses(x, Streams(0))) == pytest.approx(expected)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("weights", ["objective", "printed"])
def test_the_losses_are_the_paper_s_of_what_the_discriminators_say(
    build_row: Build, x: Tensor, weights: str, share: float
) -> None:
    system = build_row("ijae", weights=weights, **{"lambda": share})
    image, triplet, joint = witnessed(system)
    losses = values(system.losses(x, Streams(0)))
    (fake_image, real_image), (fake_triplet, real_triplet), (fake_joint, real_joint) = (
        image.said,
        triplet.said,
        joint.said,
    )
    assert losses["image"] == pytest.approx(tell_apart(real_image, fake_image).item())
    assert losses["triplet"] == pytest.approx(tell_apart(real_triplet, fake_triplet).item())
    assert losses["joint"] == pytest.approx(tell_apart(real_joint, fake_joint).item())
    adversarial, likelihood = (share, 1 - share) if weights == "printed" else (1 - share, share)
    generator = -adversarial * fake_image.mean() - likelihood * fake_triplet.mean()
    assert losses["generator"] == pytest.approx(generator.item(), abs=1e-6)
    encoder = -share * (fake_triplet.mean() + fake_joint.mean())  # however (6) is weighed
    assert losses["encoder"] == pytest.approx(encoder.item(), abs=1e-6)


@pytest.mark.parametrize(
    ("row", "knobs", "distance"),
    [
        ("ijae-l1", {}, 256 * 0.25),
        ("ijae-l2", {}, 256 * 0.0625 / 2),
        ("ijae-l1", {"likelihood_scale": 2.0}, 256 * 0.25 / 2),
        ("ijae-l2", {"likelihood_scale": 2.0}, 256 * 0.0625 / 8),
    ],
)
def test_an_explicit_likelihood_stands_in_the_place_of_the_triplet_game(
    build_row: Build, silence: Silence, row: str, knobs: dict[str, Any], distance: float
) -> None:
    system = build_row(row, **{"lambda": 0.25} | knobs)
    silence(system.image, system.joint, system.generator)  # x̂ = 0
    losses = values(system.losses(torch.full((8, 1, 16, 16), 0.25), Streams(0)))
    expected = {"image": LOG4, "joint": LOG4, "generator": distance / 4, "encoder": distance / 4}
    assert losses == pytest.approx(expected)
    assert set(system.players()) == set(losses)
    assert not hasattr(system, "triplet")


# What each discriminator is shown


def test_each_discriminator_is_shown_its_own_game_of_one_forward_pass(build_row: Build, x: Tensor) -> None:
    system = build_row("ijae")
    image, triplet, joint = witnessed(system)
    system.losses(x, Streams(0))

    draw = Streams(0)
    z, noise = draw.normal(8, 4), draw.normal(1, 8, 4)
    code = system.encoder(x, noise)
    (sample,), (real,) = image.shown  # two calls: no reconstruction is among them
    assert torch.equal(real, x)
    assert torch.allclose(sample, system.generator(z), atol=1e-6)
    (fake_x, fake_code), (real_x, real_code) = joint.shown
    assert torch.equal(fake_x, x)
    assert torch.equal(real_x, x)
    assert torch.equal(real_code, z)  # the prior is the real side
    assert torch.allclose(fake_code, code, atol=1e-6)
    (fake_x, fake_code, reconstruction), (real_x, real_code, shifted) = triplet.shown
    assert torch.equal(fake_x, x)
    assert torch.equal(real_x, x)
    assert torch.allclose(fake_code, code, atol=1e-6)
    assert torch.equal(real_code, fake_code)  # both classes carry the same code
    assert torch.allclose(reconstruction, system.generator(code), atol=1e-5)
    assert torch.equal(shifted, cyclic_shift(x, system.shifts, Streams(0)))


@pytest.mark.parametrize("row", ["ijae", "ijae-l1"])
def test_shifts_leave_the_codes_that_are_drawn_alone(build_row: Build, x: Tensor, row: str) -> None:
    system, draw, other = build_row(row), Streams(0), Streams(0)
    system.losses(x, draw)
    other.normal(8, 4)
    other.normal(1, 8, 4)
    assert torch.equal(draw.normal(3), other.normal(3))


# Cyclic shifts


def test_the_sizes_of_a_shift_have_the_printed_probabilities_divided_by_their_sum() -> None:
    expected = [0.40816, 0.20408, 0.13605, 0.10204, 0.08163, 0.06803]  # 1 / (k + 1) over 2.45
    assert shift_probabilities(5, identity=True) == pytest.approx(expected, abs=5e-6)


def test_without_the_identity_they_are_the_printed_probabilities_of_1_to_5() -> None:
    expected = [0, 0.3448, 0.2299, 0.1724, 0.1379, 0.1149]  # 1 / (k + 1) over 1.45
    assert shift_probabilities(5, identity=False) == pytest.approx(expected, abs=5e-5)


def test_the_knobs_of_the_shift_reach_it(build_row: Build) -> None:
    assert build_row("ijae").shifts == shift_probabilities(5, identity=True)
    assert build_row("ijae", shift_size=2, shift_identity=False).shifts == pytest.approx([0, 0.6, 0.4])


def moves_of_a_dot(n: int, probabilities: list[float]) -> Counter[tuple[int, int]]:
    """How often a lit pixel at (8, 8) moved by (rows, columns)."""
    dot = torch.zeros(n, 1, 16, 16)
    dot[:, 0, 8, 8] = 1
    places = cyclic_shift(dot, probabilities, Streams(3)).flatten(1).argmax(dim=1)
    return Counter((int(place) // 16 - 8, int(place) % 16 - 8) for place in places)


def test_a_shift_is_symmetric_and_has_its_mode_at_the_image_itself() -> None:
    n = 20_000
    moved = moves_of_a_dot(n, shift_probabilities(5, identity=True))
    expected = {(0, 0): 1 / 2.45}
    for size in range(1, 6):
        for move in ((size, 0), (-size, 0), (0, size), (0, -size)):  # up is as likely as down, left as right
            expected[move] = 1 / (size + 1) / 2.45 / 4
    assert set(moved) == set(expected)
    for move, probability in expected.items():
        assert moved[move] / n == pytest.approx(probability, abs=4 * (probability / n) ** 0.5)
    assert max(moved, key=lambda move: moved[move]) == (0, 0)


def test_a_shift_is_a_roll_of_the_whole_image_in_one_direction() -> None:
    x = torch.rand(64, 3, 12, 16, generator=torch.Generator().manual_seed(0))
    shifted = cyclic_shift(x, shift_probabilities(5, identity=False), Streams(0))
    rolls = [(size, axis) for size in (*range(-5, 0), *range(1, 6)) for axis in (1, 2)]
    found = [
        [roll for roll in rolls if torch.equal(image.roll(roll[0], roll[1]), rolled)]
        for image, rolled in zip(x, shifted, strict=True)
    ]
    assert all(len(matches) == 1 for matches in found)
    assert {axis for matches in found for _, axis in matches} == {1, 2}


# What λ weighs


def gradients(loss: Tensor, networks: list[nn.Module]) -> list[Tensor]:
    return list(torch.autograd.grad(loss, contract.parameters(networks), retain_graph=True))


def reaches(loss: Tensor, network: nn.Module) -> bool:
    found = torch.autograd.grad(loss, list(network.parameters()), retain_graph=True, allow_unused=True)
    return any(gradient is not None and bool(gradient.any()) for gradient in found)


@pytest.mark.parametrize(("weights", "share"), [("objective", 0.0), ("printed", 1.0)])
def test_at_one_end_the_generator_is_a_gan_s(build_row: Build, x: Tensor, weights: str, share: float) -> None:
    system = build_row("ijae", weights=weights, **{"lambda": share})
    loss = system.losses(x, Streams(0))["generator"]
    assert reaches(loss, system.image)
    assert not reaches(loss, system.triplet)


@pytest.mark.parametrize(("weights", "share"), [("objective", 1.0), ("printed", 0.0)])
def test_at_the_other_it_is_an_autoencoder_s(build_row: Build, x: Tensor, weights: str, share: float) -> None:
    system = build_row("ijae", weights=weights, **{"lambda": share})
    loss = system.losses(x, Streams(0))["generator"]
    assert reaches(loss, system.triplet)
    assert not reaches(loss, system.image)


@pytest.mark.parametrize("row", ["ijae", "ijae-l1", "ijae-l2"])
def test_at_lambda_0_the_encoder_stands_still_and_the_others_train(build_row: Build, row: str) -> None:
    system = build_row(row, **{"lambda": 0.0})
    run = Run(system, Streams(0), torch.randint(256, (8, 16, 16, 1), dtype=torch.uint8), 8)
    before = {name: [owned.detach().clone() for owned in all_owned] for name, all_owned in run.parameters.items()}
    for _ in range(2):
        losses = run.iterate()
    assert all(value.isfinite() for value in losses.values())
    for name, owned in run.parameters.items():
        still = all(torch.equal(new, old) for new, old in zip(owned, before[name], strict=True))
        assert still is (name == "encoder")


def test_rows_of_ijae_follow_the_lambda_at_the_top_of_params_and_no_other_row_does(suite: dict[str, Any]) -> None:
    low, high = (params.check(suite | {"lambda": share}) for share in (0.25, 0.75))
    following = {name for name in low.rows if low.settings(name) != high.settings(name)}
    assert following == {name for name, row in low.rows.items() if row.system == "ijae"}
    assert {"ijae", "ijae-l1", "ijae-l2"} <= following
    assert high.settings("ijae") == low.settings("ijae") | {"lambda": 0.75}


# What frozen optimal discriminators teach: images of one pixel, so that every density is known


class Function(nn.Module):
    def __init__(self, function: Callable[..., Tensor]):
        super().__init__()
        self.function = function

    def forward(self, *given: Tensor) -> Tensor:
        return self.function(*given)


class Pixel(nn.Module):
    """An encoder m + s ξ whatever it is given, or a generator z -> m + s z of images."""

    NOISES = 1

    def __init__(self, mean: float, slope: float):
        super().__init__()
        self.mean, self.slope = nn.Parameter(torch.tensor(mean)), slope

    def forward(self, given: Tensor, noise: Tensor | None = None) -> Tensor:
        if noise is not None:
            return self.mean + self.slope * noise[0]
        return (self.mean + self.slope * given)[:, :, None, None]


def toy(build_row: Build, generator: Pixel, encoder: Pixel, share: float) -> System:
    """λ-IJAE of one pixel and one latent number, whose discriminators say nothing."""
    system = build_row("ijae", latent=1, **{"lambda": share})
    system.generator, system.encoder = generator, encoder
    for name in ("image", "triplet", "joint"):
        setattr(system, name, Function(lambda *given: 0 * given[0].flatten(1)))
    return system


def slope_at(loss: Tensor, network: Pixel) -> float:
    return torch.autograd.grad(loss, network.mean, allow_unused=True)[0].item()


def test_the_generator_descends_the_reverse_kl(build_row: Build) -> None:
    # data N(0, 1), samples N(θ, 1): the best logit is θ²/2 - θ x, and the KL's gradient is θ
    theta = 0.7
    system = toy(build_row, Pixel(theta, 1.0), Pixel(0.0, 1.0), share=0.0)
    system.image = Function(lambda x: (theta**2 / 2 - theta * x).flatten(1))
    loss = system.losses(torch.zeros(8, 1, 1, 1), Streams(0))["generator"]
    assert slope_at(loss, system.generator) == pytest.approx(theta)


@pytest.mark.parametrize("spread", [0.5, 2.0])
def test_the_generator_ascends_the_log_likelihood_whatever_the_spread_of_the_fakes(
    build_row: Build, spread: float
) -> None:
    # Theorem 1: r = N(y|x, s²), r' = N(y|G, t²), logit log r/r' frozen, seen at y = G = θ: -(x - θ)/s², t is not in it
    theta, x, s = 0.7, 0.2, 0.5
    system = toy(build_row, Pixel(theta, 0.0), Pixel(0.0, 1.0), share=1.0)
    system.triplet = Function(
        lambda x, z, y: (-((y - x) ** 2) / (2 * s**2) + (y - theta) ** 2 / (2 * spread**2)).flatten(1)
    )
    loss = system.losses(torch.full((8, 1, 1, 1), x), Streams(0))["generator"]
    assert slope_at(loss, system.generator) == pytest.approx((theta - x) / s**2)


@pytest.mark.parametrize("spread", [0.5, 2.0])
def test_so_does_the_encoder_since_its_own_slot_of_the_triplet_has_no_slope_there(
    build_row: Build, spread: float
) -> None:
    mean, slope, x, s = 0.7, 1.5, 0.2, 0.5  # code m, reconstruction 1.5 m
    system = toy(build_row, Pixel(0.0, slope), Pixel(mean, 0.0), share=1.0)
    system.triplet = Function(
        lambda x, z, y: (
            -((y.flatten(1) - x.flatten(1)) ** 2) / (2 * s**2) + (y.flatten(1) - slope * z) ** 2 / (2 * spread**2)
        )
    )
    loss = system.losses(torch.full((8, 1, 1, 1), x), Streams(0))["encoder"]
    assert slope_at(loss, system.encoder) == pytest.approx(slope * (slope * mean - x) / s**2)


def test_the_encoder_descends_the_kl_to_the_prior(build_row: Build) -> None:
    # q(z|x) = N(m, 1), p = N(0, 1): the best logit is log p/q, and the KL's gradient is m
    mean = 0.7
    system = toy(build_row, Pixel(0.0, 1.0), Pixel(mean, 1.0), share=1.0)
    system.joint = Function(lambda x, z: -(z**2) / 2 + (z - mean) ** 2 / 2)
    loss = system.losses(torch.zeros(8, 1, 1, 1), Streams(0))["encoder"]
    assert slope_at(loss, system.encoder) == pytest.approx(mean)


# Codes, and whom a loss moves


def test_the_encoder_learns_from_the_triplet_s_code_where_its_reconstruction_teaches_nothing(
    build_row: Build, silence: Silence, x: Tensor
) -> None:
    system = build_row("ijae")
    silence(system.generator, system.joint)
    found = gradients(system.losses(x, Streams(0))["encoder"], [system.encoder])
    assert all(gradient.any() for gradient in found)


def test_the_encoder_learns_through_the_generator_where_the_triplet_s_code_is_not_looked_at(
    build_row: Build, silence: Silence, x: Tensor
) -> None:
    system = build_row("ijae")
    silence(system.joint)
    system.triplet = Function(lambda x, z, y: y.flatten(1).mean(dim=1))
    found = gradients(system.losses(x, Streams(0))["encoder"], [system.encoder])
    assert all(gradient.any() for gradient in found)


def test_the_encoder_is_stochastic_and_given_its_noise_it_is_not(build_row: Build, x: Tensor) -> None:
    system = build_row("ijae").eval()
    assert torch.equal(system.encode(x, Streams(5)), system.encode(x, Streams(5)))
    assert float((system.encode(x, Streams(5)) - system.encode(x, Streams(6))).detach().abs().mean()) > 1e-2
    expected = system.encoder(x, Streams(5).normal(1, 8, 4))
    assert torch.equal(system.encode(x, Streams(5)), expected)


def held(network: nn.Module) -> bool:
    layers = [layer for layer in network.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
    spectral = {parametrize.is_parametrized(layer) for layer in layers}
    assert len(spectral) == 1
    return spectral.pop()


@pytest.mark.parametrize(("networks", "shape"), [("dense", [16, 16, 1]), ("ijae", [16, 16, 1])])
def test_discriminators_of_images_and_triplets_are_held_and_that_of_codes_is_free(
    build_row: Build, networks: str, shape: list[int]
) -> None:
    system = build_row("ijae", shape, networks=networks)
    assert held(system.image)
    assert held(system.triplet)
    assert not held(system.joint)
    system = build_row("ijae", shape, networks=networks, joint_norm="spectral", discriminator_norm="none")
    assert not held(system.image)
    assert not held(system.triplet)
    assert held(system.joint)


def test_all_players_step_at_once_each_side_at_its_own_rate(build_row: Build, x: Tensor) -> None:
    system = build_row("ijae", learning_rate=0.25, discriminator_rate=0.5)
    (move,) = system.moves()
    rates = {name: system.learning_rate(name) for name in move(x, Streams(0))}
    assert rates == {"image": 0.5, "triplet": 0.5, "joint": 0.5, "generator": 0.25, "encoder": 0.25}


def test_it_trains_with_the_paper_s_networks(build_row: Build) -> None:
    system = build_row("ijae", [16, 16, 3], networks="ijae", width=4)
    run = Run(system, Streams(0), torch.randint(256, (8, 16, 16, 3), dtype=torch.uint8), 4)
    assert all(loss.isfinite() for loss in run.iterate().values())
    assert system.decode(system.encode(torch.zeros(2, 3, 16, 16), Streams(0))).shape == (2, 3, 16, 16)
