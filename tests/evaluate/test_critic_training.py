"""The independent critic's loss against plain numpy, and what it learns against distances that are known."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from stages.evaluate import critic_training
from stages.evaluate.critic_training import Sets, difference, network, penalty, train, whole_difference
from stages.params import CriticBudget

LEARNING = CriticBudget(steps=300, batch=128, learning_rate=3e-3, width=32, every=300)
SHORT = CriticBudget(steps=30, batch=16, learning_rate=1e-3, width=16, every=10)
N = 40_000


def normal(n: int, *mean: float, scale: float = 1.0, seed: int = 0) -> Tensor:
    """Draws from N(mean, scale² I)."""
    generator = torch.Generator().manual_seed(seed)
    draws = torch.randn(n, len(mean), generator=generator, dtype=torch.float64)
    return scale * draws + torch.tensor(mean, dtype=torch.float64)


def sets_of(images: Tensor, samples: Tensor) -> Sets:
    """Halves to learn from and halves to be scored on."""
    return Sets(images[::2], samples[::2], images[1::2], samples[1::2])


def distance(images: Tensor, samples: Tensor, budget: CriticBudget = LEARNING) -> float:
    """What a fresh critic finds between two sets of vectors."""
    critic = network(images.shape[1:], budget.width)
    return -train(critic, sets_of(images, samples), budget).test[-1]


def linear(*slope: float) -> nn.Linear:
    critic = nn.Linear(len(slope), 1).double()
    critic.weight.data = torch.tensor([slope], dtype=torch.float64)
    return critic


def bent(*shape: int) -> nn.Sequential:
    """A dense critic that is no longer 0 everywhere."""
    critic = network(shape, 8)
    with torch.no_grad():
        critic[-1].weight.copy_(torch.linspace(-1, 2, 8))
    return critic


# What it learns


@pytest.mark.parametrize("shift", [0.5, 1.0])
def test_a_shifted_gaussian_is_as_far_as_it_is_shifted(shift: float) -> None:
    assert distance(normal(N, 0.0), normal(N, shift, seed=1)) == pytest.approx(shift, rel=0.1)


def test_the_shift_may_go_along_any_direction() -> None:
    found = distance(normal(N, 0.0, 0.0, 0.0), normal(N, 0.48, -0.64, 0.6, seed=1))
    assert found == pytest.approx(1.0, rel=0.1)


def test_two_scales_are_apart_by_their_difference_times_the_mean_size_of_a_normal_number() -> None:
    # W1 in one dimension is the mean of |quantile - quantile'| = |2 - 1| E|z|
    found = distance(normal(N, 0.0), normal(N, 0.0, scale=2.0, seed=1))
    assert found == pytest.approx(math.sqrt(2 / math.pi), rel=0.1)


@pytest.mark.parametrize("apart", [2.0, 4.0])
def test_two_points_are_told_apart_by_what_the_penalty_allows(apart: float) -> None:
    # a slope s gains s a and costs 10 (s - 1)², best at s = 1 + a / 20
    found = distance(torch.zeros(200, 1), torch.full((200, 1), apart))
    assert found == pytest.approx(apart * (1 + apart / 20), rel=0.03)


def test_the_distance_is_the_same_both_ways() -> None:
    one, other = normal(N, 0.0), normal(N, 1.0, scale=0.5, seed=1)
    assert distance(one, other) == pytest.approx(distance(other, one), rel=0.1)


def test_two_draws_of_one_law_are_next_to_nothing_apart() -> None:
    assert abs(distance(normal(N, 0.0, 0.0), normal(N, 0.0, 0.0, seed=1))) < 0.05


def test_a_slope_of_the_wrong_sign_never_turns_round() -> None:
    # why the last layer starts from 0: the penalty is 10 at a slope of 0, and no distance here is worth that
    sets = sets_of(normal(N, 1.0), normal(N, 0.0, seed=1))
    wrong, right, level = (train(linear(slope), sets, LEARNING).test[-1] for slope in (-0.3, 0.3, 0.0))
    assert wrong == pytest.approx(0.95, abs=0.1)
    assert right == pytest.approx(-1.05, abs=0.1)
    assert level < -0.8


def test_equal_sets_are_at_distance_0() -> None:
    critic, x = bent(3), normal(50, 0.0, 1.0, 2.0)
    assert whole_difference(critic, x, x) == 0
    assert train(critic, Sets(x, x, x, x), SHORT).test == [0.0, 0.0, 0.0]


# The loss


def test_the_penalty_is_nothing_for_a_slope_of_1_and_10_times_the_square_of_what_it_is_off() -> None:
    images, samples, shares = normal(9, 0.0, 0.0), normal(9, 1.0, 0.0, seed=1), torch.rand(9, dtype=torch.float64)
    for slope, expected in (((0.6, -0.8), 0), ((1.5, 2.0), 10 * (2.5 - 1) ** 2), ((0.0, 0.5), 10 * (0.5 - 1) ** 2)):
        assert penalty(linear(*slope), images, samples, shares).item() == pytest.approx(expected, abs=1e-24)


def test_a_linear_critic_s_loss_and_gradient_are_those_worked_out_by_hand() -> None:
    v, images, samples = np.array([1.5, 2.0, -0.5]), normal(9, 0.0, 0.0, 1.0), normal(7, 1.0, -1.0, 0.0, seed=1)
    critic, shares = linear(*v), torch.rand(7, dtype=torch.float64)
    loss = difference(critic, images, samples) + penalty(critic, images[:7], samples, shares)
    (gradient,) = torch.autograd.grad(loss, [critic.weight])
    size, mean_gap = np.sqrt((v**2).sum()), samples.numpy().mean(axis=0) - images.numpy().mean(axis=0)
    assert loss.item() == pytest.approx(mean_gap @ v + 10 * (size - 1) ** 2)
    assert gradient.numpy()[0] == pytest.approx(mean_gap + 20 * (size - 1) * v / size)


def test_a_curved_critic_s_loss_is_that_of_plain_numpy() -> None:
    draw = np.random.default_rng(0)
    w, a = draw.standard_normal((5, 3)), draw.standard_normal(5)
    x, y, u = draw.standard_normal((6, 3)), draw.standard_normal((6, 3)), draw.random(6)
    points = u[:, None] * x + (1 - u[:, None]) * y
    slopes = (a * (1 - np.tanh(points @ w.T) ** 2)) @ w  # of a' tanh(W p)
    norms = np.sqrt((slopes**2).sum(axis=1))
    expected = (np.tanh(y @ w.T) @ a).mean() - (np.tanh(x @ w.T) @ a).mean() + 10 * ((norms - 1) ** 2).mean()

    def critic(points: Tensor) -> Tensor:
        return torch.tanh(points @ torch.from_numpy(w).T) @ torch.from_numpy(a)

    images, samples = torch.from_numpy(x), torch.from_numpy(y)
    found = difference(critic, images, samples) + penalty(critic, images, samples, torch.from_numpy(u))
    assert found.item() == pytest.approx(expected)


def test_the_penalty_is_taken_at_the_image_where_the_share_is_1() -> None:
    def critic(points: Tensor) -> Tensor:
        return (points**2).sum(dim=1) / 2  # |∇f| at p is |p|

    images, samples, ones = torch.full((2, 1), 3.0), torch.full((2, 1), 1.0), torch.ones(2)
    assert penalty(critic, images, samples, ones).item() == pytest.approx(40)
    assert penalty(critic, images, samples, 0 * ones).item() == pytest.approx(0)


def test_images_and_samples_exchanged_turn_the_difference_round() -> None:
    critic, images, samples = bent(2), normal(40, 0.0, 0.0), normal(30, 1.0, 0.0, seed=1)
    assert whole_difference(critic, images, samples) == pytest.approx(-whole_difference(critic, samples, images))
    assert whole_difference(critic, images, samples) != 0


def test_one_image_s_penalty_does_not_depend_on_the_others() -> None:
    critic, x, y, shares = bent(3), normal(6, 0.0, 0.0, 0.0), normal(6, 1.0, 0.0, 0.0, seed=1), torch.rand(6)
    together = critic_training.slopes(critic, x, y, shares)
    alone = [critic_training.slopes(critic, x[at : at + 1], y[at : at + 1], shares[at : at + 1]) for at in range(6)]
    assert torch.allclose(together, torch.cat(alone))


# How it learns


def test_its_optimiser_is_torch_s_adam() -> None:
    ours, theirs = bent(3), bent(3)
    mine = critic_training.Adam(list(ours.parameters()), 1e-3)
    other = torch.optim.Adam(theirs.parameters(), lr=1e-3, betas=(0.5, 0.9))
    for seed in range(20):
        for model, apply in ((ours, mine.step), (theirs, None)):
            loss = (model(normal(8, 0.0, 1.0, 2.0, seed=seed)) ** 2).mean()
            gradients = torch.autograd.grad(loss, list(model.parameters()))
            if apply:
                apply(gradients)
            else:
                for parameter, gradient in zip(model.parameters(), gradients, strict=True):
                    parameter.grad = gradient
                other.step()
    for parameter, expected in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(parameter, expected, rtol=0, atol=1e-12)


@pytest.mark.slow
def test_learning_imports_no_compiler() -> None:
    # torch.optim's own optimisers do, which takes seconds in each of many short processes
    script = (
        "import sys, torch; from stages.evaluate.critic_training import *; x = torch.zeros(4, 2);"
        "train(network((2,), 4), Sets(x, x + 1, x, x + 1), CriticBudget(3, 2, 1e-3, 4, 1));"
        "assert 'torch._dynamo' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[2])


def test_learning_twice_gives_the_same_bits_and_on_two_threads_the_same_number() -> None:
    sets = sets_of(normal(200, *[0.0] * 256), normal(200, *[0.3] * 256, seed=1))
    budget = CriticBudget(steps=10, batch=64, learning_rate=1e-3, width=128, every=10)
    torch.set_num_threads(1)
    once, again = (train(network((256,), 128), sets, budget) for _ in range(2))
    assert once == again
    torch.set_num_threads(2)
    assert train(network((256,), 128), sets, budget).test == pytest.approx(once.test, rel=1e-9)


def test_what_it_starts_from_depends_on_no_one_s_chance() -> None:
    torch.manual_seed(1)
    once, chance = network((3,), 8), torch.rand(1)
    torch.manual_seed(1)
    assert torch.equal(torch.rand(1), chance)
    assert torch.equal(network((3,), 8)[1].weight, once[1].weight)


def test_it_starts_level() -> None:
    assert float(network((3,), 8)(normal(5, 0.0, 1.0, 2.0)).detach().abs().max()) == 0
    assert float(network((3, 28, 28), 2)(torch.ones(2, 3, 28, 28).double()).detach().abs().max()) == 0


def test_curves_have_a_point_every_few_steps_and_one_at_the_end() -> None:
    sets = sets_of(normal(40, 0.0), normal(40, 3.0, seed=1))
    curves = train(network((1,), 8), sets, CriticBudget(steps=25, batch=8, learning_rate=1e-3, width=8, every=10))
    assert curves.step == [10, 20, 25]
    assert len(curves.validation) == len(curves.test) == 3
    assert curves.test[0] > curves.test[-1]  # the loss falls


def test_the_curve_s_end_is_the_critic_s_value_on_what_was_held_out() -> None:
    sets, critic = sets_of(normal(40, 0.0), normal(60, 3.0, seed=1)), network((1,), 8)
    curves = train(critic, sets, SHORT)
    with torch.no_grad():
        expected = float(critic(sets.test_samples).mean() - critic(sets.test_images).mean())
    assert curves.test[-1] == pytest.approx(expected)


def test_nothing_is_learned_from_what_is_held_out() -> None:
    images, samples = normal(40, 0.0), normal(40, 1.0, seed=1)
    one, other = network((1,), 8), network((1,), 8)
    train(one, Sets(images, samples, images, samples), SHORT)
    train(other, Sets(images, samples, 5 * samples, -images), SHORT)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_few_images_to_learn_from_are_overfitted_and_many_are_not() -> None:
    def gap(n: int) -> float:
        images, samples = normal(2 * n, *[0.0] * 20), normal(2000, *[0.0] * 20, seed=1)
        sets, critic = sets_of(images, samples), network((20,), 64)
        budget = CriticBudget(steps=150, batch=64, learning_rate=2e-3, width=64, every=150)
        return train(critic, sets, budget).test[-1] - whole_difference(critic, sets.images, sets.samples)

    assert gap(10) > 3 * abs(gap(1000))


# Its networks


@pytest.mark.parametrize(("side", "maps"), [(28, [4, 8, 16]), (32, [4, 8, 16]), (64, [4, 8, 16, 32])])
def test_large_images_are_convolved_down_to_4_pixels_or_fewer(side: int, maps: list[int]) -> None:
    critic = network((3, side, side), 4)
    assert [layer.out_channels for layer in critic if isinstance(layer, nn.Conv2d)] == maps
    assert critic(torch.zeros(2, 3, side, side).double()).shape == (2, 1)


def test_at_width_64_it_is_the_discriminator_of_alpha_gan_s_comparison() -> None:
    # without batch norm; with the biases that then are not redundant: 3 x 64, 64 x 128, 128 x 256 times 16, 256 x 16
    weights = 16 * (3 * 64 + 64 * 128 + 128 * 256) + 256 * 16
    biases = 64 + 128 + 256 + 1
    assert sum(parameter.numel() for parameter in network((3, 32, 32), 64).parameters()) == weights + biases


@pytest.mark.parametrize("shape", [(1, 16, 16), (3, 16, 16), (3, 1, 2), (10,)])
def test_small_images_and_vectors_get_dense_layers(shape: tuple[int, ...]) -> None:
    critic = network(shape, 8)
    assert [type(layer) for layer in critic] == [nn.Flatten, *[nn.Linear, nn.LeakyReLU] * 2, nn.Linear]
    assert critic(torch.zeros(2, *shape).double()).shape == (2, 1)


def test_images_in_bytes_reach_it_in_the_range_of_the_networks() -> None:
    x = critic_training.as_input(torch.tensor([[[[0, 255, 51]]]], dtype=torch.uint8))
    assert x.shape == (1, 3, 1, 1)
    assert x.flatten().tolist() == pytest.approx([-1, 1, -0.6])


def test_the_slope_is_that_of_the_critic() -> None:
    sets = sets_of(normal(40, 0.0, 0.0), normal(60, 1.0, 0.0, seed=1))
    assert critic_training.slope(linear(1.5, 2.0), sets) == pytest.approx(2.5)
