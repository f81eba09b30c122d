"""ALICE held to its objective: ALI's game, and the two cycles, explicit or judged, in both networks' losses."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from stages.train.streams import Streams
from stages.train.systems import alice

LOG2 = math.log(2)
Build = Callable[..., Any]
Silence = Callable[..., None]


class Always(nn.Module):
    """Gives the same row for every input."""

    def __init__(self, row: Tensor):
        super().__init__()
        self.row = nn.Parameter(row)

    def forward(self, x: Tensor) -> Tensor:
        return self.row.expand(len(x), *self.row.shape)


class Witness(nn.Module):
    """A discriminator that keeps what it was shown and says the mean of it."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[tuple[Tensor, ...]] = []
        self.said: list[Tensor] = []

    def forward(self, *given: Tensor) -> Tensor:
        self.shown.append(given)
        self.said.append(2 * torch.stack([tensor.flatten(1).mean(1, keepdim=True) for tensor in given]).sum(0))
        return self.said[-1]


def test_without_weight_it_is_ali_to_the_last_bit(build_row: Build, x: Tensor) -> None:
    ali, ours = build_row("ali"), build_row("alice", cycle_weight=0.0, schedule="simultaneous")
    expected, found = ali.losses(x, Streams(0)), ours.losses(x, Streams(0))
    assert {name: loss.item() for name, loss in found.items()} == {name: loss.item() for name, loss in expected.items()}


@pytest.mark.parametrize("weight", [1e-6, 1.0, 10.0])
def test_explicit_cycles_are_mean_distances_of_images_and_of_codes_in_both_losses(
    build_row: Build, silence: Silence, x: Tensor, weight: float
) -> None:
    system = build_row("alice", cycle_weight=weight)
    silence(system.joint)
    system.generator = Always(torch.full((1, 16, 16), 0.25))
    system.encoder = Always(torch.tensor([0.5] * 4 + [-200.0] * 4))  # no spread: every z̃ is 0.5
    losses = system.losses(x, Streams(0))
    cycles = (x - 0.25).abs().mean() + (Streams(0).normal(8, 4) - 0.5).abs().mean()
    assert losses["joint"].item() == pytest.approx(2 * LOG2)
    assert losses["encoder"].item() == pytest.approx(LOG2 + weight * cycles.item())
    assert losses["generator"].item() == pytest.approx(LOG2 + weight * cycles.item())


def test_either_cycle_moves_both_networks(build_row: Build, x: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    terms = []

    def kept(one: Tensor, other: Tensor, reduction: str) -> Tensor:
        terms.append((one - other).abs().mean())
        return terms[-1]

    monkeypatch.setattr(alice, "l1", kept)
    system = build_row("alice")
    system.losses(x, Streams(0))
    assert len(terms) == 2
    for term in terms:
        for network in (system.generator, system.encoder):
            (first, *_) = torch.autograd.grad(term, list(network.parameters()), retain_graph=True)
            assert float(first.abs().sum()) > 0


def test_where_no_discriminator_can_tell_judged_cycles_cost_2_log_2_each(
    build_row: Build, silence: Silence, x: Tensor
) -> None:
    system = build_row("alice", cycle="adversarial", cycle_weight=0.1)
    silence(system.joint, system.pair, system.codes)
    losses = {name: loss.item() for name, loss in system.losses(x, Streams(0)).items()}
    assert sum(losses[name] for name in ("joint", "pair", "codes")) == pytest.approx(6 * LOG2)
    assert losses["encoder"] == pytest.approx(LOG2 + 0.1 * 2 * LOG2)
    assert losses["generator"] == pytest.approx(LOG2 + 0.1 * 2 * LOG2)


def test_a_judged_cycle_tells_an_image_or_a_code_twice_from_it_and_its_reconstruction(
    build_row: Build, x: Tensor
) -> None:
    system = build_row("alice", cycle="adversarial", cycle_weight=0.1)
    system.joint, system.pair, system.codes = joint, pair, codes = Witness(), Witness(), Witness()
    losses = system.losses(x, Streams(0))

    draw = Streams(0)
    z, noise, again = draw.normal(8, 4), draw.normal(8, 4), draw.normal(8, 4)

    def coded(images: Tensor, noise: Tensor) -> Tensor:
        mean, log_variance = system.encoder(images).chunk(2, dim=1)
        return mean + (log_variance / 2).exp() * noise

    (fake_pair, real_pair), (fake_codes, real_codes) = pair.shown, codes.shown
    assert torch.equal(fake_pair[0], x)
    assert torch.allclose(fake_pair[1], system.generator(coded(x, noise)), atol=1e-5)
    assert torch.equal(torch.cat(real_pair), torch.cat([x, x]))
    assert torch.equal(fake_codes[0][:, :4], z)
    assert torch.allclose(fake_codes[0][:, 4:], coded(system.generator(z), again), atol=1e-5)
    assert torch.equal(real_codes[0], torch.cat([z, z], dim=1))

    for name, judge in (("pair", pair), ("codes", codes)):
        fake, real = judge.said
        assert losses[name].item() == pytest.approx((softplus(-real).mean() + softplus(fake).mean()).item())
    passing = 0.1 * sum(softplus(-judge.said[0]).mean().item() for judge in (pair, codes))
    encoded, decoded = joint.said
    assert losses["encoder"].item() == pytest.approx(softplus(encoded).mean().item() + passing)
    assert losses["generator"].item() == pytest.approx(softplus(-decoded).mean().item() + passing)


@pytest.mark.parametrize(
    ("cycle", "discriminators"), [("explicit", {"joint"}), ("adversarial", {"joint", "pair", "codes"})]
)
def test_the_discriminators_step_first_on_the_same_game(
    build_row: Build, x: Tensor, cycle: str, discriminators: set[str]
) -> None:
    first, second = (move(x, Streams(0)) for move in build_row("alice", cycle=cycle).moves())
    assert set(first) == discriminators
    assert set(second) == {"generator", "encoder"}
    (move,) = build_row("alice", cycle=cycle, schedule="simultaneous").moves()
    whole = {name: loss.item() for name, loss in move(x, Streams(0)).items()}
    assert set(whole) == discriminators | {"generator", "encoder"}
    assert {name: loss.item() for name, loss in first.items()} == pytest.approx(
        {name: whole[name] for name in discriminators}
    )


def test_its_rows_are_the_published_weight_and_one_that_counts(declared: dict[str, Any]) -> None:
    assert declared["systems"]["alice"]["cycle"] == "explicit"
    assert declared["systems"]["alice"]["cycle_weight"] == 1e-6
    assert "cycle_weight" not in declared["rows"]["alice"]
    assert declared["rows"]["alice-reconstruction"]["cycle_weight"] == 1.0
