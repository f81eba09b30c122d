"""The shared loss terms against values worked by hand, and their directions."""

import math

import pytest
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from stages.train.terms import l1, pass_for_real, tell_apart

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
