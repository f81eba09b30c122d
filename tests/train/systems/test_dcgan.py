"""DCGAN as α-GAN's authors ran it: the losses, one step of D to two of G, and dropout before D's last layer."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from stages.train import contract
from stages.train.loop import Run
from stages.train.streams import Streams
from stages.train.systems.dcgan import System

LOG2 = math.log(2)
Build = Callable[..., System]


@pytest.fixture
def build(build_row: Callable[..., contract.System]) -> Build:
    def make(**knobs: Any) -> System:
        system = build_row("dcgan", **knobs)
        assert isinstance(system, System)
        return system

    return make


def given_to_the_last_layer(system: System) -> list[Tensor]:
    """What the discriminator's last layer is given, from now on."""
    given: list[Tensor] = []
    system.image[-1].register_forward_hook(lambda module, inputs, output: given.append(inputs[0].detach()))
    return given


def test_a_discriminator_that_cannot_tell_loses_2_log_2_and_the_generator_log_2(
    build: Build, silence: Callable[..., None], x: Tensor
) -> None:
    system = build()
    silence(system.image)
    assert system.discriminator_loss(x, Streams(0))["image"].item() == pytest.approx(2 * LOG2)
    assert system.generator_loss(x, Streams(0))["generator"].item() == pytest.approx(LOG2)


def test_an_image_is_real_and_a_sample_is_fake(build: Build, silence: Callable[..., None]) -> None:
    class Brightness(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.flatten(1).mean(dim=1, keepdim=True)

    system = build()
    silence(system.generator)  # samples are 0
    system.image = Brightness()  # type: ignore[assignment]
    x = torch.full((8, 1, 16, 16), math.log(3))  # D(x) = 3/4, D(0) = 1/2
    assert system.discriminator_loss(x, Streams(0))["image"].item() == pytest.approx(math.log(4 / 3) + LOG2)


def test_the_generator_sees_no_image(build: Build, x: Tensor) -> None:
    system = build()
    assert torch.equal(*(system.generator_loss(images, Streams(0))["generator"] for images in (x, -x)))


def test_the_generator_steps_twice_on_fresh_codes_after_one_step_of_the_discriminator(build: Build) -> None:
    system = build()
    run = Run(system, Streams(0), torch.zeros(64, 16, 16, 1, dtype=torch.uint8), 8)
    codes: list[Tensor] = []
    system.generator.register_forward_pre_hook(lambda module, inputs: codes.append(inputs[0]))
    order = [name for move in run.moves for name in move(torch.zeros(8, 1, 16, 16), Streams(0))]
    assert order == ["image", "generator", "generator"]
    codes.clear()
    run.iterate()
    assert len({tuple(z.flatten().tolist()) for z in codes}) == 3
    steps = {name: int(adam.steps[0]) for name, adam in run.optimisers.items()}
    assert steps == {"image": 1, "generator": 2}


def test_a_share_of_the_features_is_dropped_and_the_rest_makes_up_for_it(build: Build, x: Tensor) -> None:
    system = build(dropout_share=0.2, width=2000, discriminator_norm="none")
    given = given_to_the_last_layer(system)
    features = system.image[:-1](x)
    system.discriminator_loss(x, Streams(0))
    of_images, of_samples = given
    kept = of_images != 0
    assert float((~kept).float().mean()) == pytest.approx(0.2, abs=0.02)  # 16,000 features: 5 standard deviations
    assert torch.allclose(of_images[kept], features[kept] / 0.8)
    assert not torch.equal(kept, of_samples != 0)  # every image has its own


def test_the_generator_faces_the_discriminator_with_its_dropout(build: Build, x: Tensor) -> None:
    system = build(dropout_share=0.2)
    given = given_to_the_last_layer(system)
    system.generator_loss(x, Streams(0))
    assert 0 < float((given[0] == 0).float().mean()) < 0.5


def test_without_dropout_nothing_is_dropped_and_only_codes_are_drawn(build: Build, x: Tensor) -> None:
    system, draw, expected = build(), Streams(0), Streams(0)
    given = given_to_the_last_layer(system)
    system.discriminator_loss(x, draw)
    assert all(bool((features != 0).all()) for features in given)
    system.prior(8, expected)
    assert torch.equal(draw.normal(3), expected.normal(3))


def test_both_sides_have_a_rate(build: Build) -> None:
    system = build(learning_rate=1e-4, discriminator_rate=3e-4)
    assert {player: system.learning_rate(player) for player in system.players()} == {"image": 3e-4, "generator": 1e-4}


def test_it_has_no_way_from_image_to_code(build: Build) -> None:
    assert not build().encodes


@pytest.mark.parametrize("shape", [[32, 32, 3], [28, 28, 3]], ids=str)
def test_it_runs_on_the_networks_of_the_paper_with_dropout_and_without(build: Build, shape: list[int]) -> None:
    images = torch.randint(256, (16, *shape), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    for share in (0.0, 0.2):
        system = build(shape=shape, networks="wgan", width=8, dropout_share=share)
        run = Run(system, Streams(0), images, 8)
        assert all(bool(value.isfinite()) for value in run.iterate().values())
