"""λ-IJAE's networks: the tables' numbers of weights to the last one, and where noise, norms and codes enter."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate
from torch.nn.utils import parametrize

from stages.door import UserError
from stages.train.networks import ijae
from stages.train.networks.layers import Nearest, levels

Settings = dict[str, Any]
PAPER: Settings = {"width": 128, "latent": 128, "discriminator_norm": "spectral", "encoder_norm": "none"}
SMALL: Settings = PAPER | {"width": 4, "latent": 5}
NETWORKS = ["noisy_encoder", "generator", "image_discriminator", "triplet_discriminator", "joint_discriminator"]
HELD_OR_FREE = ["spectral", "none"]
JOINT_FREE = {"joint_discriminator": {"discriminator_norm": "none"}}


def noise(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def build(network: str, settings: Settings, shape: list[int]) -> nn.Module:
    built: nn.Module = getattr(ijae, network)(settings | JOINT_FREE.get(network, {}), shape)
    return built


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize(
    ("network", "weights", "of_64_pixels"),
    [
        # twice the side: a block more, and noise, 128 weights and a bias, for each pixel of each map
        ("noisy_encoder", 6_436_224, 151_680 + 4 * 311_680 + 129 * 128 * (32 * 32 + 16 * 16) + 65_664),
        ("generator", 1_154_179, 1_154_179 + 295_424),  # a block more
        ("image_discriminator", 1_053_825, 1_053_825),
        ("triplet_discriminator", 1_054_081, 1_054_081),
        ("joint_discriminator", 4_526_273, 4_526_273 + 512 * (32_768 - 8_192)),  # more features
    ],
)
def test_a_network_of_the_paper_has_the_weights_of_its_table(network: str, weights: int, of_64_pixels: int) -> None:
    free = PAPER | {"discriminator_norm": "none"}  # a norm adds no weight, and takes its time
    with torch.device("meta"):
        assert count(build(network, free, [32, 32, 3])) == weights
        assert count(build(network, free, [64, 64, 3])) == of_64_pixels


def test_a_norm_adds_no_weight() -> None:
    for network in ("image_discriminator", "triplet_discriminator"):
        held, free = (
            build(network, SMALL | {"discriminator_norm": norm}, [16, 16, 3]) for norm in ("spectral", "none")
        )
        assert count(held) == count(free)


def test_an_encoder_without_noise_is_the_same_body_with_as_many_outputs_as_asked_for() -> None:
    with torch.device("meta"):
        body = count(ijae.encoder(PAPER, [32, 32, 3], 256))
    assert body == 151_680 + 3 * 311_680 + 513 * 256


@pytest.mark.parametrize("size", [16, 32, 64])
def test_shapes_and_ranges_are_those_of_the_game(size: int) -> None:
    shape, x, z = [size, size, 3], noise(6, 3, size, size), noise(6, 5)
    images = build("generator", SMALL, shape)(100 * z).detach()
    assert images.shape == (6, 3, size, size)
    assert -1 <= float(images.min()) < 0 < float(images.max()) <= 1
    assert ijae.noisy_encoder(SMALL, shape)(x, noise(2, 6, 5)).shape == (6, 5)
    assert ijae.encoder(SMALL, shape, 10)(x).shape == (6, 10)
    assert build("image_discriminator", SMALL, shape)(x).shape == (6, 1)
    assert build("triplet_discriminator", SMALL, shape)(x, z, x).shape == (6, 1)
    assert build("joint_discriminator", SMALL, shape)(x, z).shape == (6, 1)


@pytest.mark.parametrize("norm", ["none", "batch", "spectral"])
def test_norms_are_where_they_are_asked_for(norm: str) -> None:
    settings, shape = SMALL | {"discriminator_norm": norm, "encoder_norm": norm}, [16, 16, 3]
    networks = [getattr(ijae, network)(settings, shape) for network in NETWORKS[2:]]
    for network in [*networks, ijae.encoder(settings, shape, 10)]:
        layers = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
        assert {parametrize.is_parametrized(layer) for layer in layers} == {norm == "spectral"}
        batch = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d)]
        assert bool(batch) is (norm == "batch")
    plain = ijae.noisy_encoder(settings, shape)
    assert not [layer for layer in plain.modules() if isinstance(layer, nn.BatchNorm2d)]
    assert not any(parametrize.is_parametrized(layer) for layer in plain.modules())


# The blocks


def test_a_block_that_changes_nothing_in_size_adds_to_what_it_is_given() -> None:
    block, x = ijae.DownBlock(4, 4, 1, "none"), noise(2, 4, 8, 8)
    for parameter in block.main.parameters():
        nn.init.zeros_(parameter)
    assert torch.equal(block(x), x)


@pytest.mark.parametrize(("ins", "stride"), [(3, 1), (4, 2), (3, 2)])
def test_a_block_of_another_size_has_a_shortcut_of_its_own_stride(ins: int, stride: int) -> None:
    torch.manual_seed(0)
    block, x = ijae.DownBlock(ins, 4, stride, "none"), noise(2, ins, 8, 8)
    strided = nn.Conv2d(ins, 4, 1, stride=stride)
    strided.load_state_dict(block.shortcut.state_dict())
    for parameter in block.main.parameters():
        nn.init.zeros_(parameter)
    assert torch.allclose(block(x), strided(x), atol=1e-6)


def test_the_first_block_sees_negative_pixels_and_the_others_activate_first() -> None:
    torch.manual_seed(0)
    below = -noise(2, 4, 8, 8).abs()
    for activate in (False, True):
        block = ijae.DownBlock(4, 4, 1, "none", activate=activate)
        blind = torch.allclose(block.main(below), block.main(below / 2), atol=1e-6)
        assert blind is activate


def test_images_with_channels_last_have_the_gradients_of_any_other() -> None:
    # strided 1 x 1 convolutions of them abort the process, now and then
    torch.manual_seed(0)
    block, last = ijae.DownBlock(3, 4, 2, "none", activate=False), noise(4, 16, 16, 3).permute(0, 3, 1, 2)
    found = [torch.autograd.grad(block(x).square().sum(), list(block.parameters())) for x in (last, last.contiguous())]
    for one, other in zip(*found, strict=True):
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-3)


def test_an_up_block_adds_to_its_input_enlarged() -> None:
    block, x = ijae.UpBlock(4), noise(2, 4, 4, 4)
    for layer in block.main:
        if isinstance(layer, nn.Conv2d):
            nn.init.zeros_(layer.weight)
    assert torch.equal(block(x), interpolate(x, scale_factor=2, mode="nearest"))


def test_nearest_enlarging_copies_each_pixel_four_times() -> None:
    x = noise(2, 3, 4, 6)
    assert torch.equal(Nearest()(x), interpolate(x, scale_factor=2, mode="nearest"))


# What enters where


def test_each_noise_moves_the_code_and_without_their_layers_none_does() -> None:
    torch.manual_seed(0)
    encoder, x, given = ijae.noisy_encoder(SMALL, [16, 16, 3]), noise(6, 3, 16, 16), noise(2, 6, 5)
    code = encoder(x, given)
    assert torch.equal(encoder(x, given), code)
    for place in range(encoder.NOISES):
        other = given.clone()
        other[place] += 1
        assert not torch.allclose(encoder(x, other), code, atol=1e-4)
    for parameter in encoder.noises.parameters():
        nn.init.zeros_(parameter)
    assert torch.equal(encoder(x, given), encoder(x, 2 * given))


def test_noise_enters_after_the_first_and_the_second_block() -> None:
    encoder = ijae.noisy_encoder(SMALL, [32, 32, 3])
    shapes = [layer(noise(1, 5)).shape[1:] for layer in encoder.noises]
    assert shapes == [(4, 16, 16), (4, 8, 8)]
    assert len(encoder.blocks) == 4


def test_a_triplet_s_images_are_pooled_each_by_itself() -> None:
    torch.manual_seed(0)
    network, x, y = ijae.triplet_discriminator(SMALL, [32, 32, 3]), noise(1, 3, 32, 32), 5 + noise(1, 3, 32, 32)
    network.eval()
    features = network.images(x, y).view(4, 2)  # of each map, the mean over the left and over the right image
    exchanged = network.images(y, x).view(4, 2)
    assert network.last.in_features == 2 * 4 + 5
    assert torch.allclose(features, exchanged.flip(1), rtol=0.2, atol=0.05)  # but for what the border mixes
    assert not torch.allclose(features, exchanged, rtol=0.2, atol=0.05)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_triplet_discriminator_looks_at_all_three(place: int) -> None:
    torch.manual_seed(0)
    network = ijae.triplet_discriminator(SMALL, [16, 16, 3]).eval()
    given = [noise(2, 3, 16, 16), noise(2, 5), noise(2, 3, 16, 16)]
    logit = network(*given)
    given[place] = given[place] + 1
    assert not torch.allclose(network(*given), logit)


@pytest.mark.parametrize("shape", [[28, 28, 1], [8, 8, 1], [48, 48, 3], [16, 32, 3]], ids=str)
@pytest.mark.parametrize("network", NETWORKS)
def test_sizes_that_are_no_power_of_two_are_refused(network: str, shape: list[int]) -> None:
    with pytest.raises(UserError, match=rf"images of {shape[0]}x{shape[1]} do not fit the ijae networks"):
        build(network, SMALL, shape)


def test_levels_count_doublings_from_4() -> None:
    assert [levels([size, size, 3], "ijae") for size in (16, 32, 64, 128)] == [2, 3, 4, 5]


def test_a_generator_in_evaluation_mode_does_not_look_at_the_batch() -> None:
    torch.manual_seed(0)
    network, z = ijae.generator(SMALL, [16, 16, 1]), noise(5, 5)
    network(z)
    network.eval()
    assert torch.allclose(network(z)[:1], network(z[:1]), atol=1e-5)
