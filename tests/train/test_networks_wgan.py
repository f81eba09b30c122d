"""α-GAN's networks: the linked code's to the last weight, Tables 3 and 4, and where there is no norm."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from stages.door import UserError
from stages.train.networks import wgan

Settings = dict[str, Any]
NORMS: Settings = {"encoder_norm": "batch", "discriminator_norm": "batch", "code_norm": "none"}
PAPER: Settings = {"width": 64, "latent": 100} | NORMS
SMALL: Settings = {"width": 8, "latent": 5} | NORMS
CIFAR, CELEBA, COLORMNIST = [32, 32, 3], [64, 64, 3], [28, 28, 3]
SHAPES = pytest.mark.parametrize("shape", [[16, 16, 1], [32, 32, 1], CIFAR, CELEBA, COLORMNIST, [28, 28, 1]], ids=str)
BATCH = (nn.BatchNorm1d, nn.BatchNorm2d)


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def noise(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def blocks(network: nn.Module) -> list[str]:
    return [type(layer).__name__ for layer in network.children()]


@pytest.mark.parametrize(
    ("network", "shape", "latent", "parameters"),
    [
        ("generator", CIFAR, 100, 1_068_928),
        ("generator", CIFAR, 128, 1_183_616),
        ("generator", CELEBA, 100, 3_576_704),
        ("image_discriminator", CIFAR, 100, 663_296),
        ("image_discriminator", CELEBA, 100, 2_765_568),
    ],
)
def test_a_network_of_the_linked_code_has_its_parameters(
    network: str, shape: list[int], latent: int, parameters: int
) -> None:
    with torch.device("meta"):
        assert count(getattr(wgan, network)(PAPER | {"latent": latent}, shape)) == parameters


def test_the_generator_of_table_4_has_the_weights_of_its_layers() -> None:
    kernels = 25 * (64 * 64 + 64 * 32 + 32 * 3)
    norms = 2 * (64 + 64 + 32)
    with torch.device("meta"):
        assert count(wgan.generator(PAPER | {"latent": 50}, COLORMNIST)) == 50 * 3136 + kernels + norms


def test_the_discriminator_of_table_3_has_the_weights_of_its_layers() -> None:
    kernels = 25 * (3 * 8 + 8 * 16 + 16 * 32 + 32 * 64 + 64 * 64)
    norms = 2 * (16 + 32 + 64 + 64)
    with torch.device("meta"):
        assert count(wgan.image_discriminator(PAPER, COLORMNIST)) == kernels + norms + 64 * 4 * 4


@pytest.mark.parametrize("shape", [CIFAR, CELEBA, COLORMNIST], ids=str)
def test_an_encoder_has_as_many_weights_as_the_generator_that_it_mirrors(shape: list[int]) -> None:
    with torch.device("meta"):
        assert count(wgan.encoder(PAPER, shape, 100)) == count(wgan.generator(PAPER, shape))


def test_the_code_discriminator_has_three_layers_of_750_and_one_logit_whatever_the_width() -> None:
    with torch.device("meta"):
        for width in (8, 64):
            network = wgan.code_discriminator(PAPER | {"width": width})
            assert count(network) == 100 * 750 + 750 + 2 * (750 * 750 + 750) + 750 + 1
    assert wgan.code_discriminator(SMALL)(noise(3, 5)).shape == (3, 1)


@SHAPES
def test_codes_become_images_and_images_codes_and_logits(shape: list[int]) -> None:
    height, width, channels = shape
    x = wgan.generator(SMALL, shape)(3 * noise(4, 5))
    assert x.shape == (4, channels, height, width)
    assert float(x.detach().abs().max()) <= 1
    assert wgan.encoder(SMALL, shape, 7)(x).shape == (4, 7)
    assert wgan.image_discriminator(SMALL, shape)(x).shape == (4, 1)


@pytest.mark.parametrize(
    ("shape", "sizes"), [(CIFAR, [16, 8, 4]), (CELEBA, [32, 16, 8, 4]), (COLORMNIST, [14, 14, 7, 7, 4])], ids=str
)
def test_a_discriminator_s_maps_have_the_sizes_of_the_tables(shape: list[int], sizes: list[int]) -> None:
    network, found = wgan.image_discriminator(SMALL, shape), []
    x = noise(2, 3, shape[0], shape[1])
    for layer in network.children():
        x = layer(x)
        if isinstance(layer, nn.Conv2d):
            found.append(x.shape[2])
    assert found == sizes


@SHAPES
def test_batch_norm_follows_every_layer_but_a_discriminator_s_first_and_the_last_of_all(shape: list[int]) -> None:
    hidden = ["Conv2d", "BatchNorm2d", "LeakyReLU"]
    found = blocks(wgan.image_discriminator(SMALL, shape))
    assert found[:5] == ["Conv2d", "LeakyReLU", *hidden]
    assert found[-5:] == [*hidden, "Flatten", "Linear"]
    found = blocks(wgan.encoder(SMALL, shape, 7))
    assert found[:3] == ["Conv2d", "BatchNorm2d", "ReLU"]
    assert found[-3:] == ["ReLU", "Flatten", "Linear"]  # no activation on a code
    found = blocks(wgan.generator(SMALL, shape))
    assert found[-5:] == ["ConvTranspose2d", "BatchNorm2d", "ReLU", "ConvTranspose2d", "Tanh"]


@SHAPES
def test_only_the_code_discriminator_has_biases_beside_batch_norm_s(shape: list[int]) -> None:
    kinds = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
    for network in (
        wgan.generator(SMALL, shape),
        wgan.encoder(SMALL, shape, 7),
        wgan.image_discriminator(SMALL, shape),
    ):
        assert [layer.bias is None for layer in network.modules() if isinstance(layer, kinds)].count(False) == 0
    assert all(
        layer.bias is not None for layer in wgan.code_discriminator(SMALL).modules() if isinstance(layer, nn.Linear)
    )


@pytest.mark.parametrize("shape", [CIFAR, COLORMNIST], ids=str)
def test_other_norms_take_batch_norm_s_place(shape: list[int]) -> None:
    for norm in ("none", "spectral"):
        settings = SMALL | {"encoder_norm": norm, "discriminator_norm": norm, "code_norm": norm}
        for network in (
            wgan.encoder(settings, shape, 7),
            wgan.image_discriminator(settings, shape),
            wgan.code_discriminator(settings),
        ):
            weighty = [layer for layer in network.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
            assert not [layer for layer in network.modules() if isinstance(layer, BATCH)]
            assert all(parametrize.is_parametrized(layer) is (norm == "spectral") for layer in weighty)


def test_batch_norm_in_the_code_discriminator_is_a_choice() -> None:
    network = wgan.code_discriminator(SMALL | {"code_norm": "batch"})
    assert len([layer for layer in network.modules() if isinstance(layer, nn.BatchNorm1d)]) == 3


@pytest.mark.parametrize("shape", [CIFAR, COLORMNIST], ids=str)
def test_weights_start_from_a_normal_of_two_hundredths_and_scales_around_1(shape: list[int]) -> None:
    torch.manual_seed(0)
    networks = nn.ModuleList([wgan.generator(PAPER, shape), wgan.encoder(PAPER, shape, 100)])
    layers = list(networks.modules())
    kernels = [layer.weight for layer in layers if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d)]
    scales = [layer.weight for layer in layers if isinstance(layer, BATCH)]
    for weights, mean in ((kernels, 0), (scales, 1)):
        drawn = torch.cat([weight.detach().flatten() for weight in weights])
        assert float(drawn.mean()) == pytest.approx(mean, abs=0.005)
        assert float(drawn.std()) == pytest.approx(0.02, rel=0.1)


@pytest.mark.parametrize("shape", [[32, 64, 3], [48, 48, 3], [8, 8, 1], [28, 32, 3]], ids=str)
@pytest.mark.parametrize("network", ["generator", "image_discriminator"])
def test_images_without_a_network_are_refused(network: str, shape: list[int]) -> None:
    with pytest.raises(UserError, match=rf"images of {shape[0]}x{shape[1]} do not fit the wgan networks"):
        getattr(wgan, network)(SMALL, shape)


def test_a_width_that_table_3_cannot_divide_is_refused() -> None:
    with pytest.raises(UserError, match="width is 12; give a multiple of 8"):
        wgan.image_discriminator(SMALL | {"width": 12}, COLORMNIST)
