"""PAGAN held to its equations: what each player loses, what it is shown, and whom its loss moves."""

import copy
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus
from torch.nn.utils.parametrizations import _SpectralNorm

from stages import params
from stages.train import contract
from stages.train.loop import Run
from stages.train.streams import Streams
from stages.train.systems.pagan import System
from stages.train.terms import F_DIVERGENCES, l1, tell_apart

SHAPE = [16, 16, 1]
PLAYERS = ["image", "code", "pair", "generator", "encoder"]
SIZES: dict[str, dict[str, Any]] = {
    "dense": {"networks": "dense", "width": 16},
    "dcgan": {"networks": "dcgan", "width": 4},
}
Build = Callable[..., System]


@pytest.fixture(params=SIZES)
def build(request: pytest.FixtureRequest, suite: dict[str, Any]) -> Build:
    """Builds PAGAN, small, of dense or convolutional networks, with some knobs turned."""
    paper = params.check(suite).settings("pagan") | {"latent": 4, "batch": 8}

    def make(shape: list[int] = SHAPE, **knobs: Any) -> System:
        system = contract.build("pagan", paper | SIZES[request.param] | knobs, shape, seed=1)
        assert isinstance(system, System)
        return system

    return make


def images(n: int = 8, shape: list[int] = SHAPE) -> Tensor:
    height, width, channels = shape
    return torch.rand(n, channels, height, width, generator=torch.Generator().manual_seed(0)) * 2 - 1


def last_linear(network: nn.Module) -> tuple[nn.Sequential, int]:
    """Where a network's last linear layer stands."""
    layers = getattr(network, "network", network)
    assert isinstance(layers, nn.Sequential)
    return layers, max(place for place, layer in enumerate(layers) if isinstance(layer, nn.Linear | nn.ConvTranspose2d))


def silence(network: nn.Module) -> None:
    """The network gives 0 whatever it is given. A spectral norm cannot divide by 0, so it goes with the layer."""
    layers, place = last_linear(network)
    last = layers[place]
    if isinstance(last, nn.Linear):
        layers[place] = last = nn.Linear(int(last.in_features), int(last.out_features))
    with torch.no_grad():
        for parameter in last.parameters():
            parameter.zero_()


def cannot_tell(system: System) -> System:
    for name in ("image", "code", "pair"):
        if hasattr(system, name):
            silence(getattr(system, name))
    return system


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
    system.image, system.code, system.pair = witnesses = Witness(), Witness(), Witness()
    return witnesses


# What each player loses


def test_where_no_discriminator_can_tell_every_player_loses_2_log_2(build: Build) -> None:
    losses = values(cannot_tell(build()).losses(images(), Streams(0)))
    assert losses == pytest.approx(dict.fromkeys(PLAYERS, 2 * math.log(2)))


def test_in_minimax_form_generator_and_encoder_then_lose_its_negative(build: Build) -> None:
    losses = values(cannot_tell(build(generator_loss="minimax")).losses(images(), Streams(0)))
    log4 = 2 * math.log(2)
    assert losses == pytest.approx({"image": log4, "code": log4, "pair": log4, "generator": -log4, "encoder": -log4})


@pytest.mark.parametrize(
    ("knobs", "distance"),
    [
        ({}, 256 * 0.25),
        ({"l1_weight": 0.5}, 256 * 0.25 / 2),
        ({"l1_reduction": "mean"}, 0.25),
    ],
    ids=["norm", "half-weight", "mean"],
)
def test_with_l1_the_distance_stands_in_the_place_of_the_pair_game(
    build: Build, knobs: dict[str, Any], distance: float
) -> None:
    system = cannot_tell(build(reconstruction="l1", augmentation="none", **knobs))
    silence(system.generator)  # x̂ = tanh(0) = 0
    losses = values(system.losses(torch.full((8, 1, 16, 16), 0.25), Streams(0)))
    log2 = math.log(2)
    assert losses == pytest.approx(
        {"image": 2 * log2, "code": 2 * log2, "generator": log2 + distance, "encoder": log2 + distance}
    )
    assert "pair" not in system.players()


def test_the_losses_are_the_paper_s_of_what_the_discriminators_say(build: Build) -> None:
    system, x = build(), images()
    image, code, pair = witnessed(system)
    losses = system.losses(x, Streams(0))
    (fake_image, real_image), (fake_code, real_code), (fake_pair, real_pair) = image.said, code.said, pair.said
    assert losses["image"].item() == pytest.approx(tell_apart(real_image, fake_image).item())
    assert losses["code"].item() == pytest.approx(tell_apart(real_code, fake_code).item())
    assert losses["pair"].item() == pytest.approx(tell_apart(real_pair, fake_pair).item())
    passing = {name: softplus(-said).mean() for name, said in (("x", fake_image), ("z", fake_code), ("xx", fake_pair))}
    assert losses["generator"].item() == pytest.approx((passing["x"] + passing["xx"]).item())
    assert losses["encoder"].item() == pytest.approx((passing["z"] + passing["xx"]).item())


# What is measured of the pair game


class Alike(nn.Module):
    """A pair discriminator that finds two images the same or not."""

    def __init__(self, even: float = 0.0) -> None:
        super().__init__()
        self.even = even

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.even + 0.01 - (x - y).abs().flatten(1).sum(1, keepdim=True)


def test_a_pair_discriminator_that_cannot_tell_is_right_half_of_the_time_and_gives_no_gradient(build: Build) -> None:
    told = values(cannot_tell(build()).eval().measured(images(), Streams(0)))
    assert told == {"pair accuracy": 0.5, "pair gradient": 0.0}


def test_without_augmentation_a_test_for_equality_is_always_right(build: Build) -> None:
    plain, augmented = build(augmentation="none").eval(), build().eval()
    for system in (plain, augmented):
        system.pair = Alike()
    x = images(64)
    assert values(plain.measured(x, Streams(0)))["pair accuracy"] == 1
    unmoved = (augmented.augmented(x, Streams(0)) == x).flatten(1).all(dim=1).float().mean()
    right = values(augmented.measured(x, Streams(0)))["pair accuracy"]
    assert right == pytest.approx((1 + float(unmoved)) / 2)


@pytest.mark.parametrize(("form", "sign"), [("nonsaturating", -1), ("minimax", 1)])
def test_the_gradient_of_the_pair_term_by_hand(build: Build, form: str, sign: int) -> None:
    system, x = build(generator_loss=form).eval(), images()
    pair = witnessed(system)[2]  # 3 (mean of x + mean of y)
    system.generator = nn.Sequential(nn.Linear(4, 256, bias=False), nn.Unflatten(1, (1, 16, 16)))
    told = system.measured(x, Streams(0))
    codes = system.sampled_code(x, Streams(0))
    logit = pair.said[1]
    slope = sign * torch.sigmoid(sign * logit)  # of softplus(-v), or of -log(1 + exp v), negative
    by_hand = (slope * codes).mean(0) * 3 / 256  # the same for each of the 256 pixels
    assert float(told["pair gradient"]) == pytest.approx(by_hand.detach().norm().item() * 16, rel=1e-4)


@pytest.mark.parametrize(("game", "even"), [("kl", 1), ("rkl", 0), ("chi2", 0)])
def test_an_f_discriminator_is_right_on_its_own_side_of_an_even_chance(build: Build, game: str, even: float) -> None:
    system: Any = build(game=game, augmentation="none").eval()
    system.pair = Alike(even)
    assert values(system.measured(images(), Streams(0)))["pair accuracy"] == 1


def test_with_l1_there_is_no_pair_game_to_measure(build: Build) -> None:
    assert build(reconstruction="l1", augmentation="none").measured(images(), Streams(0)) == {}


# f-PAGAN


@pytest.mark.parametrize(
    ("row", "discriminator", "fake_side"),
    [("fpagan-kl", math.exp(-1), -2 * math.exp(-1)), ("fpagan-rkl", 0, 2), ("fpagan-chi2", 0, 0)],
)
def test_at_logit_0_each_player_of_an_f_pagan_loses_what_its_divergence_says(
    suite: dict[str, Any], row: str, discriminator: float, fake_side: float
) -> None:
    settings = params.check(suite).settings(row) | {"latent": 4, "batch": 8} | SIZES["dense"]
    system: Any = contract.build("pagan", settings, SHAPE, seed=1)
    losses = values(cannot_tell(system).losses(images(), Streams(0)))
    expected = dict.fromkeys(PLAYERS[:3], discriminator) | dict.fromkeys(PLAYERS[3:], fake_side)
    assert losses == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("form", ["minimax", "nonsaturating"])
def test_the_gan_s_own_f_gives_the_losses_of_pagan_exactly(build: Build, form: str) -> None:
    logistic, gan = (build(game=game, generator_loss=form).losses(images(), Streams(0)) for game in ("logistic", "gan"))
    assert logistic.keys() == gan.keys()
    assert all(torch.equal(gan[player], logistic[player]) for player in PLAYERS)


@pytest.mark.parametrize("game", ["kl", "rkl", "chi2"])
def test_all_three_games_of_an_f_pagan_are_for_the_same_divergence_and_on_pagan_s_sides(
    build: Build, game: str
) -> None:
    system, f = build(game=game, generator_loss="minimax"), F_DIVERGENCES[game]
    image, code, pair = witnesses = witnessed(system)
    losses = values(system.losses(images(), Streams(0)))
    for player, witness in zip(PLAYERS[:3], witnesses, strict=True):
        fake, real = witness.said
        expected = f.conjugate(fake).mean() - f.output(real).mean()
        assert losses[player] == pytest.approx(expected.item(), rel=1e-5)
    passing = [-f.conjugate(witness.said[0]).mean().item() for witness in (image, code, pair)]
    assert losses["generator"] == pytest.approx(passing[0] + passing[2], rel=1e-5)
    assert losses["encoder"] == pytest.approx(passing[1] + passing[2], rel=1e-5)


# What each discriminator is shown


def test_each_discriminator_is_shown_its_own_game_of_one_forward_pass(build: Build) -> None:
    system, x = build(), images()
    image, code, pair = witnessed(system)
    system.losses(x, Streams(0))

    draw = Streams(0)
    z, noise = draw.normal(8, 4), draw.normal(8, 4)
    mean, log_variance = system.encoder(x).chunk(2, dim=1)
    encoded = mean + (log_variance / 2).exp() * noise

    (fake_code,), (real_code,) = code.shown
    assert torch.equal(real_code, z)  # the prior is the real side
    assert torch.allclose(fake_code, encoded, atol=1e-6)
    (sample,), (real_image,) = image.shown  # two calls: no reconstruction is among them
    assert torch.equal(real_image, x)
    assert torch.allclose(sample, system.generator(z), atol=1e-6)
    (fake_first, reconstruction), (real_first, augmented) = pair.shown
    assert torch.equal(fake_first, x)
    assert torch.equal(real_first, x)
    assert torch.allclose(reconstruction, system.generator(encoded), atol=1e-5)  # of the code that was judged
    assert torch.equal(augmented, system.augmented(x, Streams(0)))


def test_a_real_pair_is_an_image_and_its_augmented_copy(build: Build) -> None:
    system, x = build(), images(64)
    pair = witnessed(system)[2]
    system.losses(x, Streams(0))
    first, second = pair.shown[1]
    assert torch.equal(first, x)
    assert not torch.equal(second, x)
    moved = (second - x).flatten(1).abs().sum(dim=1) > 0
    assert 0 < int((~moved).sum()) < 32  # one copy in nine is the image itself


def test_without_augmentation_a_real_pair_is_an_image_twice(build: Build) -> None:
    system, x = build(augmentation="none"), images(64)
    pair = witnessed(system)[2]
    system.losses(x, Streams(0))
    first, second = pair.shown[1]
    assert torch.equal(first, x)
    assert torch.equal(second, x)


def test_ten_percent_are_3_pixels_of_32_and_1_of_16(build: Build) -> None:
    assert build(shape=[32, 32, 3]).pad == 3
    assert build().pad == 1
    assert build(augmentation="none").pad == 0


def test_changing_the_augmentation_leaves_the_codes_that_are_drawn_alone(build: Build) -> None:
    drawn = []
    for augmentation in ("reflect-crop", "none"):
        system, draw = build(augmentation=augmentation), Streams(0)
        system.losses(images(), draw)
        drawn.append(draw.normal(8, 4))
    assert torch.equal(*drawn)


# Whom a loss moves


@pytest.mark.parametrize("player", PLAYERS)
@pytest.mark.parametrize("knobs", [{}, {"generator_loss": "minimax"}], ids=["nonsaturating", "minimax"])
def test_a_player_gains_by_stepping_alone(build: Build, player: str, knobs: dict[str, Any]) -> None:
    gains_by_stepping_alone(build(**knobs), player)


@pytest.mark.parametrize("player", ["image", "code", "generator", "encoder"])
def test_a_player_of_pagan_l1_gains_by_stepping_alone(build: Build, player: str) -> None:
    gains_by_stepping_alone(build(reconstruction="l1", augmentation="none"), player)


def gains_by_stepping_alone(system: System, player: str) -> None:
    x, stepped = images(), copy.deepcopy(system)
    loss = system.losses(x, Streams(0))[player]
    gradients = torch.autograd.grad(loss, contract.parameters(system.players()[player]))
    size = torch.stack([gradient.norm() for gradient in gradients]).norm()
    assert size > 0
    with torch.no_grad():
        for parameter, gradient in zip(contract.parameters(stepped.players()[player]), gradients, strict=True):
            parameter.sub_(1e-2 * gradient / size)
    after = stepped.losses(x, Streams(0))[player]  # the same draws, and as many power iterations
    assert after.item() < loss.item()


@pytest.mark.parametrize("player", PLAYERS)
def test_a_loss_moves_its_own_player_and_no_other(build: Build, player: str) -> None:
    system = build()
    run = Run(system, Streams(0), torch.zeros(8, 16, 16, 1, dtype=torch.uint8), 8)
    before = copy.deepcopy(run.parameters)
    run.step(lambda x, draw: {player: system.losses(x, draw)[player]}, images())
    for name, owned in run.parameters.items():
        moved = any(not torch.equal(new, old) for new, old in zip(owned, before[name], strict=True))
        assert moved is (name == player)


def test_the_discriminators_losses_do_not_depend_on_one_another_s_networks(build: Build) -> None:
    system = build()
    losses, players = system.losses(images(), Streams(0)), system.players()
    for one in ("image", "code", "pair"):
        for other in {"image", "code", "pair"} - {one}:
            owned = contract.parameters(players[other])
            reached = torch.autograd.grad(losses[one], owned, retain_graph=True, allow_unused=True)
            assert all(gradient is None for gradient in reached)


@pytest.mark.parametrize(
    "knobs", [{}, {"reconstruction": "l1"}, {"pair": "channel"}, {"encoder_norm": "spectral"}], ids=str
)
def test_every_parameter_belongs_to_exactly_one_player(build: Build, knobs: dict[str, Any]) -> None:
    system = build(**knobs)
    owned = [id(parameter) for networks in system.players().values() for parameter in contract.parameters(networks)]
    assert len(owned) == len(set(owned))
    assert set(owned) == {id(parameter) for parameter in system.parameters()}


def test_a_move_takes_one_power_iteration_and_not_one_a_forward_pass(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = build()
    run = Run(system, Streams(0), torch.zeros(8, 16, 16, 1, dtype=torch.uint8), 8)
    taken: list[object] = []
    iterate = _SpectralNorm._power_method

    def counted(norm: _SpectralNorm, weight: Tensor, iterations: int) -> None:
        taken.extend([norm] * iterations)
        iterate(norm, weight, iterations)

    monkeypatch.setattr(_SpectralNorm, "_power_method", counted)
    run.step(system.losses, images())
    norms = [module for module in system.modules() if isinstance(module, _SpectralNorm)]
    assert len(norms) >= 9  # three discriminators of three layers or more
    assert sorted(map(id, taken)) == sorted(map(id, norms))


# Schedules


def test_by_default_all_players_step_at_once(build: Build) -> None:
    (move,) = build().moves()
    assert set(move(images(), Streams(0))) == set(PLAYERS)


def test_in_sequence_the_discriminators_step_first(build: Build) -> None:
    first, second = build(schedule="sequential").moves()
    assert set(first(images(), Streams(0))) == {"image", "code", "pair"}
    assert set(second(images(), Streams(0))) == {"generator", "encoder"}


def test_in_sequence_the_others_face_the_discriminators_that_have_stepped(build: Build) -> None:
    system = build(schedule="sequential")
    run = Run(system, Streams(0), torch.zeros(8, 16, 16, 1, dtype=torch.uint8), 8)
    before, seen = system.image.state_dict(), []
    before = {name: tensor.clone() for name, tensor in before.items() if name.endswith("bias")}
    second = run.moves[1]

    def watched(x: Tensor, draw: Streams) -> dict[str, Tensor]:
        seen.append([torch.equal(system.image.state_dict()[name], tensor) for name, tensor in before.items()])
        return second(x, draw)

    run.moves[1] = watched
    run.iterate()
    assert not any(seen[0])


# Codes


def test_a_sampled_code_is_the_mean_and_its_spread_times_a_draw(build: Build) -> None:
    system, x = build().eval(), images()
    mean, log_variance = system.encoder(x).chunk(2, dim=1)
    expected = mean + (log_variance.exp() ** 0.5) * Streams(5).normal(8, 4)
    assert torch.allclose(system.encode(x, Streams(5)), expected, atol=1e-6)
    assert not torch.allclose(system.encode(x, Streams(6)), expected, atol=1e-2)


def test_a_mean_code_draws_nothing(build: Build) -> None:
    system, x, draw = build(code="mean").eval(), images(), Streams(5)
    assert torch.equal(system.encode(x, draw), system.encoder(x)[:, :4])
    assert torch.equal(draw.normal(3), Streams(5).normal(3))


def test_mean_and_sampled_codes_of_one_model_differ(build: Build) -> None:
    x = images()
    sampled, mean = (build(code=code).eval().encode(x, Streams(5)) for code in ("sampled", "mean"))
    assert float((sampled - mean).detach().abs().mean()) > 0.1


def test_training_samples_the_code_whatever_reconstructions_decode(build: Build) -> None:
    losses = [values(build(code=code).losses(images(), Streams(0))) for code in ("sampled", "mean")]
    assert losses[0] == losses[1]


def test_the_generator_of_pagan_l1_pays_the_norm_of_its_reconstruction_s_difference(build: Build) -> None:
    system, x = build(reconstruction="l1", augmentation="none"), images()
    reference, draw = copy.deepcopy(system), Streams(0)
    losses = system.losses(x, Streams(0))
    z = draw.normal(8, 4)
    reconstruction = reference.generator(reference.sampled_code(x, draw))
    expected = softplus(-reference.image(reference.generator(z))).mean() + l1(x, reconstruction, "sum")
    assert losses["generator"].item() == pytest.approx(expected.item(), rel=1e-4)
