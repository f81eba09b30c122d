"""The residual networks: the library's sizes to the last parameter, its order of layers, its first weights."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from stages.door import UserError
from stages.train.networks import resnet
from stages.train.networks.layers import Nearest

PAPER: dict[str, Any] = {"width": 128, "latent": 128, "encoder_norm": "none"}
SMALL: dict[str, Any] = {"width": 4, "latent": 5, "encoder_norm": "none"}


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def noise(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("shape", "generator", "encoder"), [([32, 32, 3], 1_597_699, 3_632_000), ([64, 64, 3], 2_390_275, 9_923_456)]
)
def test_the_networks_of_the_library_have_their_parameters(shape: list[int], generator: int, encoder: int) -> None:
    assert count(resnet.generator(PAPER, shape)) == generator
    assert count(resnet.encoder(PAPER, shape, 256)) == encoder


@pytest.mark.parametrize("shape", [[16, 16, 1], [32, 32, 3], [24, 24, 2]], ids=str)
def test_shapes_and_ranges_are_those_of_images_and_codes(shape: list[int]) -> None:
    height, width, channels = shape
    torch.manual_seed(0)
    images = resnet.generator(SMALL, shape)(100 * noise(6, 5)).detach()
    assert images.shape == (6, channels, height, width)
    assert -1 <= float(images.min()) < 0 < float(images.max()) <= 1
    assert resnet.encoder(SMALL, shape, 10)(noise(6, channels, height, width)).shape == (6, 10)


@pytest.mark.parametrize("build", ["generator", "encoder"])
def test_sizes_that_do_not_fit_are_refused(build: str) -> None:
    arguments = (SMALL, [20, 20, 3]) if build == "generator" else (SMALL, [20, 20, 3], 10)
    with pytest.raises(UserError, match="images of 20x20 do not fit the resnet networks"):
        getattr(resnet, build)(*arguments)


def test_a_batch_norm_that_the_encoder_does_not_have_is_refused() -> None:
    with pytest.raises(UserError, match="choose encoder_norm none or spectral"):
        resnet.encoder(SMALL | {"encoder_norm": "batch"}, [16, 16, 1], 10)


def test_a_spectral_norm_holds_every_layer_of_the_encoder() -> None:
    for norm, held in (("spectral", True), ("none", False)):
        network = resnet.encoder(SMALL | {"encoder_norm": norm}, [16, 16, 1], 10)
        layers = [layer for layer in network.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
        assert len(layers) == 11
        assert [parametrize.is_parametrized(layer) for layer in layers] == [held] * 11


def test_the_generator_rectifies_its_last_maps_before_it_normalises_them() -> None:
    layers = resnet.generator(SMALL, [16, 16, 1])
    assert isinstance(layers, nn.Sequential)
    assert [type(layer) for layer in layers][-4:] == [nn.ReLU, nn.BatchNorm2d, nn.Conv2d, nn.Tanh]


def test_weights_start_small_but_those_of_the_code_and_biases_at_0() -> None:
    torch.manual_seed(0)
    settings = {"width": 16, "latent": 9, "encoder_norm": "none"}
    generator, encoder = resnet.generator(settings, [16, 16, 1]), resnet.encoder(settings, [16, 16, 1], 18)
    of_generator, of_encoder = (
        [layer for layer in network.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
        for network in (generator, encoder)
    )
    spreads = [float(layer.weight.detach().std()) for layer in [*of_generator, *of_encoder]]
    assert spreads == pytest.approx([1 / 3, *[0.02] * (len(spreads) - 1)], rel=0.2)
    assert not any(layer.bias.any() for layer in [*of_generator, *of_encoder] if layer.bias is not None)


def silent(layer: nn.Module) -> None:
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)


def test_an_up_block_repeats_pixels() -> None:
    torch.manual_seed(0)
    block, x = resnet.UpBlock(3), noise(2, 3, 4, 4)
    silent(block.main[-1])
    shortcut = block.shortcut[-1]
    assert isinstance(shortcut, nn.Conv2d)
    nn.init.dirac_(shortcut.weight)
    nn.init.zeros_(shortcut.bias)  # type: ignore[arg-type]
    assert torch.allclose(block(x), x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3))
    assert sum(isinstance(layer, Nearest) for layer in block.modules()) == 2


def test_a_plain_block_adds_to_what_it_was_given() -> None:
    block, x = resnet.PlainBlock(3, spectral=False), noise(2, 3, 4, 4)
    silent(block.main[-1])
    assert torch.equal(block(x), x)


def test_only_the_first_block_takes_its_input_as_it_is() -> None:
    # A negative image passes no rectifier; behind one, all negative images are the same.
    torch.manual_seed(0)
    for activate in (False, True):
        block = resnet.DownBlock(3, 4, spectral=False, activate=activate)
        silent(block.shortcut)
        one, other = (block(-noise(1, 3, 8, 8).abs() * size) for size in (1, 2))
        assert torch.equal(one, other) is activate
    first, second = (block for block in resnet.encoder(SMALL, [16, 16, 1], 10) if isinstance(block, resnet.DownBlock))
    assert not isinstance(first.main[0], nn.ReLU)
    assert isinstance(second.main[0], nn.ReLU)


def test_in_evaluation_mode_no_image_depends_on_its_batch() -> None:
    torch.manual_seed(0)
    generator = resnet.generator(SMALL, [16, 16, 1])
    generator(noise(8, 5))
    generator.eval()
    assert torch.allclose(generator(noise(8, 5))[:1], generator(noise(8, 5)[:1]), atol=1e-5)
