"""The networks: the paper's sizes to the last parameter, spectral norms of 1, shapes, ranges and refusals."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate
from torch.nn.utils import parametrize

from stages.door import UserError
from stages.train.networks import dcgan, dense
from stages.train.networks.layers import PairInput, normalised

Settings = dict[str, Any]
NORMS: Settings = {"encoder_norm": "batch", "discriminator_norm": "spectral", "code_norm": "spectral"}
PAPER: Settings = {"width": 64, "latent": 128, "pair": "width"} | NORMS
SMALL: Settings = {"width": 4, "latent": 5, "pair": "width"} | NORMS
CIFAR, CELEBA, MNIST = [32, 32, 3], [64, 64, 3], [32, 32, 1]  # MNIST padded from 28
BOTH = pytest.mark.parametrize("networks", [dcgan, dense], ids=["dcgan", "dense"])


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)


def noise(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def settle(network: nn.Module) -> None:
    """Reads every weight often: in training mode, each reading, as each forward pass, is a power iteration."""
    for layer in network.modules():
        if parametrize.is_parametrized(layer):
            for _ in range(600):
                _ = layer.weight


def largest_singular_values(network: nn.Module) -> list[float]:
    """Of every effective weight; a convolution's flattened to (out, in x kernel x kernel)."""
    weights = [layer.weight for layer in network.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
    return [float(torch.linalg.matrix_norm(weight.detach().flatten(1), ord=2)) for weight in weights]


@pytest.mark.parametrize(
    ("network", "shape", "parameters"),
    [
        ("generator", CIFAR, 3_828_739),
        ("image_discriminator", CIFAR, 5_860_865),
        ("pair_discriminator", CIFAR, 5_869_057),
        ("generator", CELEBA, 7_048_195),
        ("image_discriminator", CELEBA, 5_885_441),
        ("pair_discriminator", CELEBA, 5_918_209),
        ("image_discriminator", MNIST, 5_859_713),
    ],
)
def test_a_network_of_the_paper_has_the_parameters_of_the_paper(
    network: str, shape: list[int], parameters: int
) -> None:
    assert count(getattr(dcgan, network)(PAPER, shape)) == parameters


@pytest.mark.parametrize(
    ("norm", "shape", "parameters"),
    [
        ("batch", CIFAR, 7_951_872),
        ("none", CIFAR, 7_950_080),
        ("spectral", CIFAR, 7_950_080),
        ("none", CELEBA, 14_241_536),
    ],
)
def test_an_encoder_of_the_paper_has_the_parameters_of_the_paper(norm: str, shape: list[int], parameters: int) -> None:
    assert count(dcgan.encoder(PAPER | {"encoder_norm": norm}, shape, 256)) == parameters


def test_a_pair_side_by_side_in_channels_has_a_larger_first_layer_only() -> None:
    assert count(dcgan.pair_discriminator(PAPER | {"pair": "channel"}, CIFAR)) == 5_862_593


def test_the_code_discriminator_of_the_paper_has_its_parameters() -> None:
    assert count(dcgan.code_discriminator(PAPER)) == 197_633


def test_the_joint_discriminator_of_images_and_codes_has_its_parameters() -> None:
    assert count(dcgan.joint_discriminator(PAPER, CIFAR)) == 10_638_849
    assert count(dcgan.joint_discriminator(PAPER | {"discriminator_norm": "none"}, CIFAR)) == 10_638_849


@pytest.mark.parametrize("network", ["generator", "image_discriminator", "code_discriminator"])
def test_dcgan_weights_start_small_and_biases_at_zero(network: str) -> None:
    torch.manual_seed(0)
    build = getattr(dcgan, network)
    built = build(PAPER) if network == "code_discriminator" else build(PAPER, [16, 16, 1])
    kinds = nn.Linear | nn.Conv2d | nn.ConvTranspose2d
    layers: list[Any] = [layer for layer in built.modules() if isinstance(layer, kinds)]
    assert len(layers) in (3, 5, 8)
    for layer in layers:
        kept = layer.parametrizations.weight.original if parametrize.is_parametrized(layer) else layer.weight
        assert float(kept.detach().std()) == pytest.approx(0.02, rel=0.15)
        assert not layer.bias.any()


@BOTH
def test_shapes_and_ranges_are_those_of_the_game(networks: Any) -> None:
    shape, x = [16, 16, 3], noise(6, 3, 16, 16)
    images = networks.generator(SMALL, shape)(100 * noise(6, 5)).detach()
    assert images.shape == (6, 3, 16, 16)
    assert -1 <= float(images.min()) < 0 < float(images.max()) <= 1
    assert networks.encoder(SMALL, shape, 10)(x).shape == (6, 10)
    assert networks.image_discriminator(SMALL, shape)(x).shape == (6, 1)
    assert networks.code_discriminator(SMALL)(noise(6, 5)).shape == (6, 1)
    for pair in ("width", "channel"):
        assert networks.pair_discriminator(SMALL | {"pair": pair}, shape)(x, x).shape == (6, 1)


def test_the_first_of_a_pair_stands_on_the_left_or_in_the_first_channels() -> None:
    x, y = torch.zeros(1, 3, 4, 4), torch.ones(1, 3, 4, 4)
    side_by_side, stacked = PairInput(nn.Identity(), "width")(x, y), PairInput(nn.Identity(), "channel")(x, y)
    assert side_by_side.shape == (1, 3, 4, 8)
    assert not side_by_side[..., :4].any()
    assert side_by_side[..., 4:].all()
    assert stacked.shape == (1, 6, 4, 4)
    assert not stacked[:, :3].any()
    assert stacked[:, 3:].all()


@BOTH
@pytest.mark.parametrize("name", ["image", "code", "pair"])
def test_every_weight_of_a_discriminator_has_a_largest_singular_value_of_1(networks: Any, name: str) -> None:
    torch.manual_seed(0)
    build = getattr(networks, f"{name}_discriminator")
    network = build(SMALL) if name == "code" else build(SMALL, [16, 16, 1])
    settle(network)
    values = largest_singular_values(network.eval())
    assert len(values) == (8 if networks is dcgan and name != "code" else 3)
    assert values == pytest.approx([1.0] * len(values), abs=1e-3)


@BOTH
def test_an_encoder_is_held_to_1_only_where_asked_to(networks: Any) -> None:
    torch.manual_seed(0)
    for norm, held in (("spectral", True), ("batch", False), ("none", False)):
        network = networks.encoder(SMALL | {"encoder_norm": norm}, [16, 16, 1], 10)
        settle(network)
        values = largest_singular_values(network.eval())
        assert (values == pytest.approx([1.0] * len(values), abs=1e-3)) is held


def test_a_changed_weight_is_held_to_1_again_after_some_passes_in_training_mode_only() -> None:
    torch.manual_seed(0)
    layer: Any = normalised(nn.Linear(20, 10), spectral=True)
    with torch.no_grad():
        layer.parametrizations.weight.original.copy_(noise(10, 20))
    layer.eval()
    stale = largest_singular_values(layer)[0]
    assert stale != pytest.approx(1, abs=0.05)
    layer(noise(3, 20))
    assert largest_singular_values(layer)[0] == stale
    layer.train()
    for _ in range(100):
        layer(noise(3, 20))
    assert largest_singular_values(layer.eval())[0] == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("shape", [[20, 20, 3], [8, 8, 1], [28, 28, 1], [16, 24, 3]], ids=str)
def test_dcgan_refuses_sizes_that_do_not_fit(shape: list[int]) -> None:
    with pytest.raises(UserError, match=rf"images of {shape[0]}x{shape[1]} do not fit .* networks: dense"):
        dcgan.generator(SMALL, shape)


@pytest.mark.parametrize("network", ["image_discriminator", "pair_discriminator"])
def test_dcgan_discriminators_refuse_the_same(network: str) -> None:
    with pytest.raises(UserError, match="images of 20x20 do not fit"):
        getattr(dcgan, network)(SMALL, [20, 20, 3])


@pytest.mark.parametrize("size", [(4, 4), (8, 3)])
def test_enlarging_is_bilinear_interpolation(size: tuple[int, int]) -> None:
    x = noise(2, 3, *size)
    expected = interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
    enlarged = dense.Enlarge(*size)(x)
    assert enlarged.shape == (2, 3, 2 * size[0], 2 * size[1])
    assert torch.allclose(enlarged, expected, atol=1e-6)


def test_enlarging_is_not_learned_nor_kept() -> None:
    assert count(dense.Enlarge(4, 4)) == 0
    assert dense.Enlarge(4, 4).state_dict() == {}


def test_a_dense_generator_draws_at_half_size() -> None:
    layers = dense.generator(SMALL, [16, 16, 3])
    assert [layer.out_features for layer in layers.modules() if isinstance(layer, nn.Linear)][-1] == math.prod(
        (8, 8, 3)
    )


@BOTH
def test_a_generator_and_an_encoder_in_evaluation_mode_do_not_look_at_the_batch(networks: Any) -> None:
    torch.manual_seed(0)
    for network, given in (
        (networks.generator(SMALL, [16, 16, 1]), noise(5, 5)),
        (networks.encoder(SMALL, [16, 16, 1], 10), noise(5, 1, 16, 16)),
    ):
        network(given)
        network.eval()
        assert torch.allclose(network(given)[:1], network(given[:1]), atol=1e-5)


def joint(networks: Any, **knobs: str) -> tuple[nn.Module, list[Tensor]]:
    torch.manual_seed(0)
    return networks.joint_discriminator(SMALL | knobs, [16, 16, 3]), [noise(6, 3, 16, 16), noise(6, 5)]


def triplet(networks: Any, **knobs: str) -> tuple[nn.Module, list[Tensor]]:
    torch.manual_seed(0)
    given = [noise(6, 3, 16, 16), noise(6, 5), noise(6, 3, 16, 16).flip(0)]
    return networks.triplet_discriminator(SMALL | knobs, [16, 16, 3]), given


JUDGES = pytest.mark.parametrize(
    ("build", "networks"), [(joint, dcgan), (joint, dense), (triplet, dense)], ids=["joint-dcgan", "joint", "triplet"]
)


@JUDGES
@pytest.mark.parametrize("norm", ["spectral", "none"])
def test_a_judge_of_images_and_codes_gives_one_number_and_looks_at_all(build: Any, networks: Any, norm: str) -> None:
    network, given = build(networks, discriminator_norm=norm)
    logit = network(*[tensor.requires_grad_() for tensor in given])
    assert logit.shape == (6, 1)
    for gradient in torch.autograd.grad(logit.sum(), given, retain_graph=True):
        assert (gradient.flatten(1).abs().sum(dim=1) > 0).all()
    owned = list(network.parameters())
    assert all(gradient.any() for gradient in torch.autograd.grad(logit.sum(), owned))


@JUDGES
def test_a_judge_of_images_and_codes_treats_each_example_by_itself(build: Any, networks: Any) -> None:
    network, given = build(networks)
    network.eval()
    assert torch.allclose(network(*given)[:2], network(*[tensor[:2] for tensor in given]), atol=1e-5)


@JUDGES
def test_every_layer_of_a_judge_of_images_and_codes_is_held_to_1_where_asked_to(build: Any, networks: Any) -> None:
    for norm, held in (("spectral", True), ("none", False)):
        network, _ = build(networks, discriminator_norm=norm)
        layers = [layer for layer in network.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
        assert len(layers) == (11 if networks is dcgan else 3)  # seven convolutions, two layers of codes, two of both
        assert [parametrize.is_parametrized(layer) for layer in layers] == [held] * len(layers)


def test_a_triplet_s_images_are_not_interchangeable() -> None:
    network, (x, z, y) = triplet(dense)
    network.eval()
    assert not torch.allclose(network(x, z, y), network(y, z, x), atol=1e-4)


def test_a_noisy_encoder_gives_other_codes_for_other_noise_and_other_images() -> None:
    torch.manual_seed(0)
    encoder, x = dense.noisy_encoder(SMALL, [16, 16, 3]), noise(6, 3, 16, 16)
    one, other = noise(2, encoder.NOISES, 6, 5)
    codes = encoder(x, one)
    assert codes.shape == (6, 5)
    assert torch.equal(codes, encoder(x, one))
    for changed in (encoder(x, other), encoder(x.flip(0), one)):
        assert ((changed - codes).abs().sum(dim=1) > 1e-3).all()
    assert all(gradient.any() for gradient in torch.autograd.grad(codes.sum(), list(encoder.parameters())))


def test_the_noise_of_a_noisy_encoder_is_heard_after_its_first_layer() -> None:
    torch.manual_seed(0)
    encoder, x = dense.noisy_encoder(SMALL, [16, 16, 3]), noise(6, 3, 16, 16)
    hidden = encoder.inwards(x) + encoder.noise(noise(6, 5))
    expected = encoder.outwards(torch.where(hidden > 0, hidden, 0.2 * hidden))
    assert torch.allclose(encoder(x, noise(1, 6, 5)), expected, atol=1e-6)


def test_a_dense_autoencoder_gives_images_of_any_grey_through_a_code_and_without_norms() -> None:
    torch.manual_seed(0)
    network, x = dense.autoencoder(SMALL, [16, 16, 3]), noise(6, 3, 16, 16).requires_grad_()
    images = network(x)
    assert images.shape == x.shape
    assert float(network(1e4 * x).detach().abs().max()) > 1
    assert network[0](x).shape == (6, SMALL["latent"])
    assert not any(
        isinstance(layer, nn.BatchNorm1d) or parametrize.is_parametrized(layer) for layer in network.modules()
    )
    (gradient,) = torch.autograd.grad(images.sum(), x, retain_graph=True)
    assert (gradient.flatten(1).abs().sum(dim=1) > 0).all()
    assert all(gradient.any() for gradient in torch.autograd.grad(images.sum(), list(network.parameters())))
