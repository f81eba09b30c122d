"""The shared loss terms against values worked by hand, and their directions."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from stages.train.terms import (
    F_DIVERGENCES,
    GAMES,
    critic_gap,
    gradient_penalty,
    kl_of_fitted_gaussian,
    kl_to_prior,
    l1,
    mmd,
    pass_for_real,
    reverse_kl,
    squared,
    tell_apart,
)

FORMS = ["nonsaturating", "minimax"]


def logits(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)[:, None]


def slope(form: str, at: float) -> float:
    logit = logits(at).requires_grad_()
    return float(torch.autograd.grad(pass_for_real(logit, form), logit)[0])


def test_a_discriminator_that_cannot_tell_loses_2_log_2() -> None:
    assert float(tell_apart(logits(0, 0), logits(0, 0, 0))) == pytest.approx(2 * math.log(2))


def test_two_logits_worked_by_hand() -> None:
    # σ(log 3) = 3/4, so a real at log 3 and a fake at -log 3 cost -log(3/4) each.
    assert float(tell_apart(logits(math.log(3)), logits(-math.log(3)))) == pytest.approx(2 * math.log(4 / 3))
    # Swapped, each is taken for the other: -log(1/4) twice.
    assert float(tell_apart(logits(-math.log(3)), logits(math.log(3)))) == pytest.approx(2 * math.log(4))


def test_the_discriminator_s_loss_is_the_cross_entropy_of_its_labels() -> None:
    generator = torch.Generator().manual_seed(0)
    real, fake = (3 * torch.randn(8, 1, generator=generator, dtype=torch.float64) for _ in range(2))
    expected = binary_cross_entropy_with_logits(real, torch.ones_like(real))
    expected = expected + binary_cross_entropy_with_logits(fake, torch.zeros_like(fake))
    assert float(tell_apart(real, fake)) == pytest.approx(float(expected))


def test_the_mean_is_over_the_batch_and_each_side_weighs_the_same() -> None:
    one, many = tell_apart(logits(1), logits(-2)), tell_apart(logits(1, 1, 1), logits(-2, -2))
    assert float(one) == pytest.approx(float(many))


def test_at_zero_the_other_side_loses_log_2_or_in_minimax_form_its_negative() -> None:
    assert float(pass_for_real(logits(0), "nonsaturating")) == pytest.approx(math.log(2))
    assert float(pass_for_real(logits(0), "minimax")) == pytest.approx(-math.log(2))


def test_both_forms_pull_alike_where_the_discriminator_cannot_tell() -> None:
    assert slope("nonsaturating", 0) == pytest.approx(-0.5)
    assert slope("minimax", 0) == pytest.approx(-0.5)


def test_the_minimax_form_dies_where_the_discriminator_wins() -> None:
    assert slope("nonsaturating", -10) == pytest.approx(-1, abs=1e-4)
    assert slope("minimax", -10) == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("at", [-3.0, 0.0, 3.0])
def test_passing_better_always_lowers_the_loss(form: str, at: float) -> None:
    assert slope(form, at) < 0


def test_the_minimax_term_is_what_the_discriminator_gains_from_its_fakes() -> None:
    real, fake = logits(0.3, 2), logits(-1, 0.5)
    of_fakes = tell_apart(real, fake) - pass_for_real(real, "nonsaturating")  # -log(1 - σ(fake))
    assert float(of_fakes + pass_for_real(fake, "minimax")) == pytest.approx(0)


@pytest.mark.parametrize("form", FORMS)
def test_extreme_logits_stay_finite(form: str) -> None:
    far = logits(-1e4, 1e4)
    assert torch.isfinite(pass_for_real(far, form))
    assert torch.isfinite(tell_apart(far, far))


def test_the_l1_norm_of_a_constant_difference_is_the_pixels_times_it() -> None:
    x = torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert float(l1(x, x + 0.25, "sum")) == pytest.approx(3072 * 0.25)
    assert float(l1(x, x - 0.25, "sum")) == pytest.approx(3072 * 0.25)
    assert float(l1(x, x + 0.25, "mean")) == pytest.approx(0.25)


def test_the_l1_norm_is_averaged_over_the_batch() -> None:
    x, y = torch.zeros(2, 1, 2, 2), torch.zeros(2, 1, 2, 2)
    y[1] = 3.0
    assert float(l1(x, y, "sum")) == pytest.approx((0 + 4 * 3) / 2)


def test_the_squared_distance_of_a_constant_difference_is_the_pixels_times_its_square() -> None:
    x, y = torch.zeros(2, 3, 32, 32), torch.zeros(2, 3, 32, 32)
    y[1] = 0.25
    assert float(squared(x, y)) == pytest.approx((0 + 3072 * 0.0625) / 2)  # the mean is over the batch


# Density ratios


def standard_normal(n: int = 200_000) -> Tensor:
    """The midpoints of n slices of equal weight, so that a mean over them is an expectation."""
    return torch.special.ndtri((torch.arange(n, dtype=torch.float64) + 0.5) / n)


def log_ratio(x: Tensor, m: float) -> Tensor:
    """log p(x) / q(x) of p = N(0, 1) and q = N(m, 1)."""
    return m * (m / 2 - x)


def test_the_reverse_kl_term_is_the_negative_logit() -> None:
    fake = logits(-3, 0, 1.5, 4)
    expected = pass_for_real(fake, "nonsaturating") + pass_for_real(fake, "minimax")  # -log σ + log(1 - σ)
    assert float(reverse_kl(fake)) == pytest.approx(float(expected)) == pytest.approx(-2.5 / 4)


def test_at_the_best_logit_the_reverse_kl_term_is_the_divergence_of_fake_from_real() -> None:
    for m in (0.5, 1.0, 2.0):
        assert float(reverse_kl(log_ratio(standard_normal() + m, m))) == pytest.approx(m**2 / 2, rel=1e-4)


# f-divergences (Nowozin et al. 2016)

F: dict[str, Callable[[Tensor], Tensor]] = {
    "kl": lambda u: u * u.log(),
    "rkl": lambda u: -u.log(),
    "chi2": lambda u: (u - 1) ** 2,
    "hellinger": lambda u: (u.sqrt() - 1) ** 2,
    "js": lambda u: u * u.log() - (u + 1) * ((u + 1) / 2).log(),
    "gan": lambda u: u * u.log() - (u + 1) * (u + 1).log(),
}
LOGIT_OF_LOG_RATIO: dict[str, Callable[[Tensor], Tensor]] = {  # where g_f(logit) = f'(p/q), of r = log p/q
    "kl": lambda r: 1 + r,
    "rkl": lambda r: r,
    "chi2": lambda r: 2 * (r.exp() - 1),
    "hellinger": lambda r: r / 2,
    "js": lambda r: r,
    "gan": lambda r: r,
}


def twice_jensen_shannon(m: float) -> float:
    """Of N(0, 1) and N(m, 1), by the trapezoidal rule."""
    x = torch.linspace(-12, 12 + m, 200_001, dtype=torch.float64)
    p, q = (torch.exp(-((x - mean) ** 2) / 2) / math.sqrt(2 * math.pi) for mean in (0, m))
    middle = (p + q) / 2
    terms = p * torch.where(p > 0, (p / middle).log(), 0) + q * torch.where(q > 0, (q / middle).log(), 0)
    return float(torch.trapezoid(terms, x))


DIVERGENCE: dict[str, Callable[[float], float]] = {  # of real N(0, 1) from fake N(m, 1)
    "kl": lambda m: m**2 / 2,
    "rkl": lambda m: m**2 / 2,
    "chi2": lambda m: math.exp(m**2) - 1,
    "hellinger": lambda m: 2 * (1 - math.exp(-(m**2) / 8)),
    "js": twice_jensen_shannon,
    "gan": lambda m: twice_jensen_shannon(m) - math.log(4),
}
EVERY_F = pytest.mark.parametrize("name", F_DIVERGENCES)


@EVERY_F
def test_where_real_and_fake_are_as_likely_t_is_the_slope_of_f_at_1(name: str) -> None:
    game, one = F_DIVERGENCES[name], torch.ones((), dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(F[name](one), one)
    assert float(game.output(torch.tensor(game.even, dtype=torch.float64))) == pytest.approx(float(slope), abs=1e-12)


@EVERY_F
def test_a_conjugate_is_the_largest_ut_minus_f_of_u(name: str) -> None:
    game, u = F_DIVERGENCES[name], torch.linspace(-6, 6, 200_001, dtype=torch.float64).exp()
    for logit in torch.linspace(-1.5, 1.5, 13, dtype=torch.float64):
        largest = (u * game.output(logit) - F[name](u)).max()
        assert float(game.conjugate(logit)) == pytest.approx(float(largest), abs=1e-6)


@EVERY_F
@pytest.mark.parametrize("m", [0.5, 1.0])
def test_at_the_best_logit_a_discriminator_loses_minus_the_divergence_and_elsewhere_more(name: str, m: float) -> None:
    game, draws = F_DIVERGENCES[name], standard_normal()

    def loss(change: float) -> float:
        real, fake = (LOGIT_OF_LOG_RATIO[name](log_ratio(x, m)) + change * x.cos() for x in (draws, draws + m))
        return float(game.tell_apart(real, fake))

    assert loss(0) == pytest.approx(-DIVERGENCE[name](m), rel=4e-3)
    assert loss(0) < min(loss(0.05), loss(-0.05))


def test_the_two_directions_of_kl_differ_where_the_variances_do() -> None:
    # Real N(0, 1), fake N(0, 4): KL(real || fake) = log 2 + 1/8 - 1/2 and KL(fake || real) = 2 - log 2 - 1/2.
    x = torch.linspace(-30, 30, 200_001, dtype=torch.float64)
    p, q = (torch.exp(-((x / spread) ** 2) / 2) / (spread * math.sqrt(2 * math.pi)) for spread in (1, 2))
    for name, expected in (("kl", math.log(2) - 3 / 8), ("rkl", 3 / 2 - math.log(2))):
        game, logit = F_DIVERGENCES[name], LOGIT_OF_LOG_RATIO[name](math.log(2) - 3 / 8 * x**2)
        value = torch.trapezoid(p * game.output(logit) - q * game.conjugate(logit), x)
        assert float(value) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "discriminator", "minimax", "nonsaturating"),
    [
        ("kl", math.exp(-1), -math.exp(-1), 0),
        ("rkl", 0, 1, 1),
        ("chi2", 0, 0, 0),
        ("hellinger", 0, 0, 0),
        ("js", 0, 0, 0),
        ("gan", 2 * math.log(2), -math.log(2), math.log(2)),
        ("logistic", 2 * math.log(2), -math.log(2), math.log(2)),
    ],
)
def test_the_losses_of_every_game_at_logit_0(
    name: str, discriminator: float, minimax: float, nonsaturating: float
) -> None:
    game = GAMES[name]
    assert float(game.tell_apart(logits(0, 0), logits(0))) == pytest.approx(discriminator)
    assert float(game.pass_for_real(logits(0), "minimax")) == pytest.approx(minimax)
    assert float(game.pass_for_real(logits(0), "nonsaturating")) == pytest.approx(nonsaturating)


def test_every_game_has_been_told_its_losses_at_logit_0() -> None:
    assert set(GAMES) == {"logistic", *F} == {"logistic", *F_DIVERGENCES}


@EVERY_F
def test_the_minimax_term_is_what_the_discriminator_pays_for_its_fakes(name: str) -> None:
    game, real = F_DIVERGENCES[name], logits(0.3, 2)
    rest = [
        float(game.tell_apart(real, fake) + game.pass_for_real(fake, "minimax"))
        for fake in (logits(-1, 0.5), logits(1, 2, 3))
    ]
    assert rest[0] == pytest.approx(rest[1])  # of the reals alone


@EVERY_F
@pytest.mark.parametrize("form", FORMS)
def test_a_higher_logit_makes_a_real_cheaper_and_a_fake_dearer_and_the_fake_side_wants_it(name: str, form: str) -> None:
    game, low, high = F_DIVERGENCES[name], logits(-0.5), logits(0.5)
    assert game.tell_apart(high, low) < game.tell_apart(low, low) < game.tell_apart(low, high)
    assert game.pass_for_real(high, form) < game.pass_for_real(low, form)


def test_the_gan_s_f_gives_the_logistic_game_exactly() -> None:
    generator = torch.Generator().manual_seed(0)
    real, fake = (5 * torch.randn(64, 1, generator=generator) for _ in range(2))
    assert torch.equal(GAMES["gan"].tell_apart(real, fake), tell_apart(real, fake))
    for form in FORMS:
        assert torch.equal(GAMES["gan"].pass_for_real(fake, form), pass_for_real(fake, form))


@EVERY_F
def test_a_sure_discriminator_stays_finite_in_single_precision(name: str) -> None:
    # f* of T = g_f(20) is infinite for `js` and `hellinger` if T is rounded before f* is taken.
    for at in (-20.0, 20.0):
        logit = torch.full((1, 1), at, requires_grad=True)
        for value in (F_DIVERGENCES[name].conjugate(logit), F_DIVERGENCES[name].output(logit)):
            assert value.isfinite()
            (gradient,) = torch.autograd.grad(value.sum(), logit)
            assert gradient.isfinite()


# Wasserstein critics


def test_the_best_critic_of_two_points_loses_minus_their_distance() -> None:
    real, fake = torch.full((4,), 3.0), torch.full((6,), 0.5)
    assert float(critic_gap(real, fake)) == -2.5  # f(x) = x is 1-Lipschitz
    assert float(critic_gap(fake, real)) == 2.5
    assert float(critic_gap(real + 7, fake + 7)) == -2.5  # a constant is neither here nor there


def normals(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def line(weight: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda x: x.flatten(1) @ weight


@pytest.mark.parametrize("length", [0.0, 0.5, 1.0, 3.0])
def test_the_penalty_of_a_linear_critic_is_how_far_its_slope_is_from_1(length: float) -> None:
    weight = length * torch.nn.functional.normalize(normals(12), dim=0)
    real, fake, share = normals(8, 3, 2, 2, seed=1), normals(8, 3, 2, 2, seed=2), torch.rand(8, dtype=torch.float64)
    penalty = gradient_penalty(line(weight), (real,), (fake,), (share,))
    assert float(penalty) == pytest.approx((length - 1) ** 2, abs=1e-12)


def test_the_penalty_is_averaged_over_examples_and_not_taken_of_the_average() -> None:
    points = torch.tensor([[0.0], [1.0], [2.0]])
    penalty = gradient_penalty(lambda x: x**2 / 2, (points,), (points,), (torch.zeros(3),))  # slopes 0, 1, 2
    assert float(penalty.detach()) == pytest.approx((1 + 0 + 1) / 3)


def test_a_critic_of_two_inputs_has_one_slope_over_both() -> None:
    first, second = torch.tensor([0.6, 0.0], dtype=torch.float64), torch.tensor([0.0, 0.0, 0.8], dtype=torch.float64)
    pair = (normals(5, 2), normals(5, 3))
    share = torch.full((5,), 0.5, dtype=torch.float64)
    penalty = gradient_penalty(lambda x, y: x @ first + y @ second, pair, pair, (share, share))
    assert float(penalty) == pytest.approx(0, abs=1e-12)  # 0.36 + 0.64 = 1, where apart they are (0.16 + 0.04)


Pair = tuple[Tensor, Tensor]


def points_of(mixing: Pair) -> tuple[Pair, Pair, tuple[Tensor, ...]]:
    """Real pairs, fake pairs, and the points between them at which a critic was asked for its slope."""
    real = normals(6, 1, 2, 2, seed=1), normals(6, 3, seed=2)
    fake = normals(6, 1, 2, 2, seed=3), normals(6, 3, seed=4)
    asked: list[tuple[Tensor, ...]] = []

    def critic(*points: Tensor) -> Tensor:
        asked.append(tuple(point.detach() for point in points))
        return torch.stack([point.flatten(1).sum(1) for point in points]).sum(0)

    gradient_penalty(critic, real, fake, mixing)
    (found,) = asked
    return real, fake, found


def test_a_share_of_1_is_the_real_pair_and_of_0_the_fake_one() -> None:
    ones, zeros = torch.ones(6), torch.zeros(6)
    real, fake, found = points_of((ones, zeros))
    assert torch.equal(found[0], real[0])
    assert torch.equal(found[1], fake[1])


def test_one_share_keeps_the_point_on_the_line_between_two_pairs_and_two_do_not() -> None:
    def off_the_line(mixing: Pair) -> float:
        real, fake, found = (torch.cat([part.flatten(1) for part in pair], dim=1) for pair in points_of(mixing))
        way, place = real - fake, found - fake
        along = (place * way).sum(1, keepdim=True) / (way**2).sum(1, keepdim=True)
        return float((place - along * way).norm(dim=1).max())

    one, other = torch.linspace(0.1, 0.9, 6, dtype=torch.float64), torch.linspace(0.8, 0.2, 6, dtype=torch.float64)
    assert off_the_line((one, one)) == pytest.approx(0, abs=1e-12)
    assert off_the_line((one, other)) > 0.1


def test_the_penalty_moves_the_critic_alone() -> None:
    critic = nn.Linear(3, 1).double()
    real, fake = normals(4, 3, seed=1).requires_grad_(), normals(4, 3, seed=2).requires_grad_()
    penalty = gradient_penalty(critic, (real,), (fake,), (torch.full((4,), 0.3),))
    weight = critic.weight.detach()
    length = weight.norm()
    (gradient,) = torch.autograd.grad(penalty, [critic.weight], retain_graph=True)
    assert torch.allclose(gradient, 2 * (length - 1) * weight / length)
    assert torch.autograd.grad(penalty, [real, fake], allow_unused=True) == (None, None)


# Gaussians

MOMENTS = [  # of one dimension: mean, standard deviation, KL to N(0, 1)
    (0, 1, 0),
    (1, 1, 0.5),
    (0, 2, 0.806853),
    (0, 0.5, 0.318147),
    (1, 2, 1.306853),
    (0.5, 0.5, 0.443147),
]


@pytest.mark.parametrize(("mean", "spread", "divergence"), MOMENTS)
def test_the_kl_of_a_gaussian_to_the_prior(mean: float, spread: float, divergence: float) -> None:
    means, log_variances = torch.full((2, 3), float(mean)), torch.full((2, 3), 2 * math.log(spread))
    assert float(kl_to_prior(means, log_variances)) == pytest.approx(3 * divergence, abs=1e-5)  # summed over dimensions


def test_the_kl_to_the_prior_is_averaged_over_the_batch() -> None:
    assert float(kl_to_prior(torch.tensor([[0.0], [2.0]]), torch.zeros(2, 1))) == pytest.approx((0 + 2) / 2)


@pytest.mark.parametrize(("mean", "spread", "divergence"), MOMENTS)
def test_the_kl_of_the_gaussian_fitted_to_codes(mean: float, spread: float, divergence: float) -> None:
    codes = torch.tensor([[mean - spread], [mean + spread]], dtype=torch.float64)  # the biased deviation is `spread`
    assert float(kl_of_fitted_gaussian(codes)) == pytest.approx(divergence, abs=1e-6)
    assert float(kl_of_fitted_gaussian(codes.repeat(3, 4))) == pytest.approx(divergence, abs=1e-6)  # dimensions: mean


@pytest.mark.parametrize(
    ("dimensions", "of_std", "of_variance"),
    [(3, 0.215973, 0.654168), (10, 0.701293, 1.807585), (64, 1.587254, 3.659005), (128, 1.929921, 4.352061)],
)
def test_codes_spread_evenly_on_a_sphere_reach_the_least_that_unit_vectors_can(
    dimensions: int, of_std: float, of_variance: float
) -> None:
    axes = torch.eye(dimensions, dtype=torch.float64)
    even = torch.cat([axes, -axes])  # mean 0 and variance 1 / dimensions in each
    assert float(kl_of_fitted_gaussian(even)) == pytest.approx(of_std, abs=1e-6)
    assert float(kl_of_fitted_gaussian(even, "variance")) == pytest.approx(of_variance, abs=1e-6)
    uneven = torch.nn.functional.normalize(even + 0.3 * normals(2 * dimensions, dimensions), dim=1)
    assert float(kl_of_fitted_gaussian(uneven)) > of_std


@pytest.mark.parametrize(("batch", "excess"), [(16, 0.066342), (64, 0.015853), (256, 0.003920)])
def test_a_finite_batch_of_the_prior_itself_exceeds_0_by_a_known_mean(batch: int, excess: float) -> None:
    # 1/2 - (ψ((B - 1) / 2) + log(2 / B)) / 2 - 1/2 in each dimension
    found = float(kl_of_fitted_gaussian(normals(batch, 40_000)))
    assert found == pytest.approx(excess, rel=0.03)


def test_a_fitted_diagonal_gaussian_does_not_see_correlation() -> None:
    one, other = torch.tensor([[1.0, 1.0], [-1.0, -1.0]]), torch.tensor([[1.0, -1.0], [-1.0, 1.0]])
    assert float(kl_of_fitted_gaussian(torch.cat([*[one] * 19, other]))) == pytest.approx(0, abs=1e-6)  # ρ = 0.9


# Maximum mean discrepancy

SCALES = (0.1, 0.2, 0.5, 1, 2, 5, 10)


def test_mmd_of_two_and_two_points_worked_by_hand() -> None:
    def kernel(distance: float) -> float:
        return sum(4 * scale / (4 * scale + distance**2) for scale in SCALES)  # C_s = 4 s in two dimensions

    line = torch.tensor([[0.6, 0.8]], dtype=torch.float64)
    x, y = torch.tensor([[0.0], [1.0]]) * line, torch.tensor([[3.0], [5.0]]) * line
    across = (kernel(3) + kernel(5) + kernel(2) + kernel(4)) / 4
    assert float(mmd(x, y)) == pytest.approx(kernel(1) + kernel(2) - 2 * across)
    assert float(mmd(y, x)) == pytest.approx(float(mmd(x, y)))


def test_mmd_pairs_no_point_with_itself() -> None:
    far = torch.tensor([[0.0], [1e6], [2e6]], dtype=torch.float64)
    assert float(mmd(far, far + 5e5)) == pytest.approx(0, abs=1e-6)  # every self pair would add 7 / 9


def test_mmd_of_equal_laws_is_0_on_average_and_may_be_negative() -> None:
    found = torch.stack([mmd(normals(16, 4, seed=seed), normals(16, 4, seed=10_000 + seed)) for seed in range(400)])
    assert float(found.min()) < 0 < float(found.max())
    assert abs(float(found.mean())) < 3 * float(found.std()) / 20


def test_mmd_of_different_laws_is_above_0_and_grows_with_their_distance() -> None:
    x, y = normals(200, 4, seed=1), normals(200, 4, seed=2)
    near, far = float(mmd(x, y + 0.5)), float(mmd(x, y + 2))
    assert 0.1 < near < far


def test_mmd_does_not_depend_on_the_order_of_either_sample() -> None:
    x, y = normals(20, 3, seed=1), normals(25, 3, seed=2) + 1
    order = torch.randperm(25, generator=torch.Generator().manual_seed(0))
    assert float(mmd(x, y[order])) == pytest.approx(float(mmd(x, y)))
    assert float(mmd(x[order[order < 20]], y)) == pytest.approx(float(mmd(x, y)))
