"""AGE's networks: the authors' code to the last weight, and what is special about 32 pixels and 28."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from stages.door import UserError
from stages.train.networks import age, wgan

Settings = dict[str, Any]
CODE: Settings = {"width": 64, "latent": 128, "encoder_norm": "batch"}
SMALL: Settings = {"width": 8, "latent": 5, "encoder_norm": "batch"}
CIFAR, CELEBA, COLORMNIST, MNIST = [32, 32, 3], [64, 64, 3], [28, 28, 3], [32, 32, 1]
SHAPES = pytest.mark.parametrize("shape", [CIFAR, CELEBA, COLORMNIST, MNIST], ids=str)


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def noise(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("shape", "latent", "encoder", "generator"),
    [(CELEBA, 64, 3_281_728, 3_281_792), (CIFAR, 128, 1_183_616, 3_934_595)],
    ids=["64", "32"],
)
def test_the_networks_have_the_parameters_of_the_authors(
    shape: list[int], latent: int, encoder: int, generator: int
) -> None:
    with torch.device("meta"):
        assert count(age.encoder(CODE, shape, latent)) == encoder
        assert count(age.generator(CODE | {"latent": latent}, shape)) == generator


@SHAPES
def test_codes_become_images_and_images_codes(shape: list[int]) -> None:
    height, width, channels = shape
    x = age.generator(SMALL, shape)(3 * noise(4, 5))
    assert x.shape == (4, channels, height, width)
    assert float(x.detach().abs().max()) <= 1
    assert age.encoder(SMALL, shape, 7)(x).shape == (4, 7)


def test_of_32_pixels_a_code_is_the_mean_of_two_by_two() -> None:
    network = age.encoder(SMALL, CIFAR, 7)
    *_, pool, flatten = network.children()
    x = noise(4, 3, 32, 32)
    maps = nn.Sequential(*list(network.children())[:-2]).eval()(x)
    assert maps.shape == (4, 7, 2, 2)
    assert torch.allclose(flatten(pool(maps)), maps.mean(dim=(2, 3)), atol=1e-6)


@SHAPES
def test_only_an_encoder_s_last_layer_and_the_convolution_of_one_pixel_have_biases(shape: list[int]) -> None:
    kinds = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
    found = [layer.bias is not None for layer in age.encoder(SMALL, shape, 7).modules() if isinstance(layer, kinds)]
    assert found == [False] * (len(found) - 1) + [True]
    found = [layer.bias is not None for layer in age.generator(SMALL, shape).modules() if isinstance(layer, kinds)]
    assert found == [False] * (len(found) - 1) + [shape[0] == 32]


@SHAPES
def test_an_encoder_has_batch_norm_after_every_hidden_convolution_but_the_first(shape: list[int]) -> None:
    found = [type(layer).__name__ for layer in age.encoder(SMALL, shape, 7).children()]
    assert found[:5] == ["Conv2d", "LeakyReLU", "Conv2d", "BatchNorm2d", "LeakyReLU"]
    assert found.count("BatchNorm2d") == found.count("LeakyReLU") - 1
    assert found.index("BatchNorm2d") == 3
    assert "BatchNorm2d" not in str(age.encoder(SMALL | {"encoder_norm": "none"}, shape, 7))


def test_of_colormnist_encoder_and_generator_are_alpha_gan_s_discriminator_and_generator() -> None:
    discriminator = wgan.image_discriminator(SMALL | {"discriminator_norm": "batch"}, COLORMNIST)
    layers = [str(layer) for layer in age.encoder(SMALL, COLORMNIST, 7).children()]
    assert layers[:-1] == [str(layer) for layer in discriminator.children()][:-1]
    assert str(age.generator(SMALL, COLORMNIST)) == str(wgan.generator(SMALL, COLORMNIST))


@pytest.mark.parametrize(
    "network", [lambda: age.encoder(SMALL, [48, 48, 3], 7), lambda: age.generator(SMALL, [48, 48, 3])]
)
def test_images_without_a_network_are_refused(network: Any) -> None:
    with pytest.raises(UserError, match="images of 48x48 do not fit"):
        network()
