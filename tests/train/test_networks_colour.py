"""The networks of colorization: sizes, and how a code enters."""

from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from stages.door import UserError
from stages.train.networks import cage, dense, pix2pix
from stages.train.networks.layers import CodeAsMaps

PAPER: dict[str, Any] = {"width": 32, "latent": 3, "encoder_norm": "batch", "discriminator_norm": "batch"}
SMALL = PAPER | {"width": 4}
NETWORKS = pytest.mark.parametrize("networks", [cage, pix2pix, dense], ids=lambda module: module.__name__)


def noise(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_each_number_of_a_code_is_a_map_that_is_constant_over_the_pixels() -> None:
    x, z = noise(4, 1, 8, 8), noise(4, 3)
    seen = CodeAsMaps(nn.Identity())(x, z)
    assert seen.shape == (4, 4, 8, 8)
    assert torch.equal(seen[:, :1], x)
    assert torch.equal(seen[:, 1:].amax(dim=(2, 3)), z)
    assert torch.equal(seen[:, 1:].amin(dim=(2, 3)), z)


@pytest.mark.parametrize("networks", [cage, pix2pix], ids=lambda module: module.__name__)
def test_a_code_enters_as_maps(networks: ModuleType) -> None:
    assert isinstance(networks.colorizer(SMALL, [16, 16, 3]), CodeAsMaps)


@NETWORKS
@pytest.mark.parametrize("side", [16, 32, 64])
def test_grey_and_a_code_become_two_colours(networks: ModuleType, side: int) -> None:
    network = networks.colorizer(SMALL, [side, side, 3])
    made = network(noise(4, 1, side, side), noise(4, 3))
    assert made.shape == (4, 2, side, side)
    assert float(made.detach().abs().max()) <= 1


@NETWORKS
def test_both_the_grey_and_the_code_are_heeded(networks: ModuleType) -> None:
    network = networks.colorizer(SMALL, [16, 16, 3])
    grey, z = noise(4, 1, 16, 16), noise(4, 3)
    assert not torch.equal(network(grey, z), network(grey, -z))
    assert not torch.equal(network(grey, z), network(-grey, z))


def test_johnson_s_generator_has_the_layers_that_its_paper_names() -> None:
    with torch.device("meta"):
        network = cage.colorizer(PAPER, [64, 64, 3])
    kernels = [tuple(one.weight.shape) for one in network.modules() if isinstance(one, nn.Conv2d | nn.ConvTranspose2d)]
    assert kernels == [
        (32, 4, 9, 9),  # L and three maps
        (64, 32, 3, 3),
        (128, 64, 3, 3),
        *[(128, 128, 3, 3)] * 10,
        (128, 64, 3, 3),  # transposed
        (64, 32, 3, 3),
        (2, 32, 9, 9),
    ]


def test_the_encoder_is_age_s_of_64_pixels_at_its_width() -> None:
    from stages.train.networks import age

    with torch.device("meta"):
        assert count(cage.encoder(PAPER, [64, 64, 3], 3)) == count(age.encoder(PAPER | {"width": 64}, [64, 64, 3], 3))


def test_the_u_net_halves_64_pixels_to_one_and_passes_every_size_on() -> None:
    with torch.device("meta"):
        network = pix2pix.colorizer(PAPER | {"width": 64}, [64, 64, 3])
    downs = [one for one in network.modules() if isinstance(one, nn.Conv2d)]
    ups = [one for one in network.modules() if isinstance(one, nn.ConvTranspose2d)]
    assert [(one.in_channels, one.out_channels) for one in downs] == [
        *[(4, 64), (64, 128), (128, 256), (256, 512), (512, 512), (512, 512)]
    ]
    assert [(one.in_channels, one.out_channels) for one in ups] == [
        *[(512, 512), (1024, 512), (1024, 256), (512, 128), (256, 64), (128, 2)]
    ]


def test_a_patch_of_the_discriminator_is_70_pixels_wide() -> None:
    with torch.device("meta"):
        network = pix2pix.image_discriminator(PAPER | {"width": 64}, [64, 64, 3])
    seen = 1
    for layer in reversed([one for one in network.modules() if isinstance(one, nn.Conv2d)]):
        seen = (seen - 1) * layer.stride[0] + layer.kernel_size[0]
    assert seen == 70
    with torch.device("meta"):
        assert network(torch.empty(2, 3, 64, 64)).shape == (2, 1, 6, 6)


def test_sides_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UserError, match="images of 18x18 do not fit the cage networks; give sides of a multiple of 4"):
        cage.colorizer(SMALL, [18, 18, 3])
    with pytest.raises(UserError, match="images of 24x24 do not fit the pix2pix networks"):
        pix2pix.colorizer(SMALL, [24, 24, 3])
