"""AGE's theorems counted on finite spaces, each count worked by hand; and what becomes of g and of e."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from stages.study.studies import age_theory
from stages.study.studies.age_theory import Sizes, fitted_kl, found, halved, sphere, study


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    return study(Sizes(points=4, batch=32, latent=4, steps=300))


@pytest.fixture(scope="module")
def small() -> dict[str, Any]:
    return study(Sizes(points=3, batch=8, latent=3, steps=5))


@pytest.mark.parametrize("divergence", ["kl", "total-variation"])
@pytest.mark.parametrize("setting", ["one-to-one", "another-reference", "fewer-data"])
def test_theorem_1_holds_in_every_setting(results: dict[str, Any], setting: str, divergence: str) -> None:
    told = results["theorem_1"][setting][divergence]
    assert told["saddles"] == told["aligned_generators"] * told["encoders"]  # with any encoder
    assert told["saddles_not_aligned"] == told["aligned_pairs_no_saddle"] == 0
    # g(Z) = X: a permutation of four points; one of four codes on the lighter of two points
    assert told["aligned_generators"] == (4 if setting == "fewer-data" else 24)


def test_theorem_2_where_an_encoder_carries_x_onto_y(results: dict[str, Any]) -> None:
    # An encoder whose image is two points, three to one (6 · 8 = 48 of 256), is beaten by a generator that makes it
    # two to two; with any other, each of the 24 aligned generators is a saddle point.
    assert results["theorem_2"]["one-to-one"]["kl"] == {
        "generators": 256,
        "encoders": 256,
        "aligned_generators": 24,
        "saddles": 24 * 208,
        "saddles_not_aligned": 0,
        "aligned_pairs_no_saddle": 24 * 48,
        "aligned_generators_never_in_a_saddle": 0,
    }


def test_theorem_2_under_total_variation(results: dict[str, Any]) -> None:
    # 3:1 and 2:2 on two points are as far from uniform on four: ½ (½ + 0 + ¼ + ¼) = ½ (4 · ¼)
    told = results["theorem_2"]["one-to-one"]["total-variation"]
    assert (told["saddles"], told["saddles_not_aligned"]) == (24 * 256, 0)


def test_theorem_2_on_three_points(small: dict[str, Any]) -> None:
    told = small["theorem_2"]["one-to-one"]["kl"]
    assert (told["saddles"], told["aligned_pairs_no_saddle"]) == (6 * 27, 0)  # two to one is all that there is


def test_theorem_2_needs_an_encoder_that_carries_x_onto_y(results: dict[str, Any], small: dict[str, Any]) -> None:
    # X = (¾, ¼). With each of the 4 constant encoders, V2 is 0 for every g; and no encoder makes it more where g(Z) is
    # (½, ½), 6 generators, or (¼, ¾), 4, because neither is farther from uniform than X is.
    told = results["theorem_2"]["fewer-data"]["kl"]
    assert (told["generators"], told["encoders"], told["aligned_generators"]) == (16, 16, 4)
    assert told["saddles_not_aligned"] == (6 + 4) * 4
    assert told["saddles"] == (6 + 4 + 4) * 4
    assert told["aligned_pairs_no_saddle"] == 4 * 12  # one-to-one encoders are beaten by (½, ½)
    # X = (2/3, 1/3): 3 aligned generators and 3 of (1/3, 2/3), each with all 9 encoders
    three = small["theorem_2"]["fewer-data"]["kl"]
    assert (three["saddles"], three["saddles_not_aligned"]) == (6 * 9, 3 * 9)


@pytest.mark.parametrize("setting", ["one-to-one", "another-reference", "fewer-data"])
def test_theorem_2_s_second_half_holds_in_every_setting(results: dict[str, Any], setting: str) -> None:
    for told in results["theorem_2"][setting].values():
        assert told["aligned_generators_never_in_a_saddle"] == 0


def test_theorem_2_under_kl_to_another_reference(results: dict[str, Any]) -> None:
    # Over all permutations e, KL(e(g(Z)) || Y) is on average above that of the uniform law: some e gains by it.
    assert results["theorem_2"]["another-reference"]["kl"]["saddles_not_aligned"] == 0


def test_theorem_3_on_all_points(results: dict[str, Any]) -> None:
    # f is one of 24 permutations, h its inverse. Without data error: f with k images, a way back for each, and h free
    # on 4 - k points: 4·4·4³ + 48·3·4² + 36·4·4² + 144·2·4 + 24 = 6808.
    assert results["theorem_3"]["all-points"] == {
        "pairs": 256 * 256,
        "no_latent_error": 24,
        "no_latent_error_but_data_error": 0,
        "no_latent_error_but_not_aligned": 0,
        "no_latent_error_but_f_not_one_to_one": 0,
        "no_data_error": 6808,
        "no_data_error_but_latent_error": 6784,
    }


def test_theorem_3_on_two_points(results: dict[str, Any]) -> None:
    # 4·3 ways for f to keep two points apart, h free on the other two: 12·16. One image for both: 4 ways, and h leads
    # back to either, free on three: 4·2·4³ = 512.
    assert results["theorem_3"]["two-points"] == {
        "pairs": 16 * 256,
        "no_latent_error": 192,
        "no_latent_error_but_data_error": 0,
        "no_latent_error_but_not_aligned": 0,
        "no_latent_error_but_f_not_one_to_one": 0,
        "no_data_error": 704,
        "no_data_error_but_latent_error": 512,
    }


def test_theorem_3_on_three_points(small: dict[str, Any]) -> None:
    told = small["theorem_3"]["all-points"]
    assert (told["no_latent_error"], told["no_data_error"]) == (6, 3 * 3 * 9 + 18 * 2 * 3 + 6)


def test_a_collapsed_generator_pays_most(results: dict[str, Any]) -> None:
    assert results["fixed_encoder"] == pytest.approx({"collapsed": math.log(4), "best": 0, "highest": math.log(4)})


@pytest.mark.parametrize(
    ("codes", "expected"), [([-1, 1], 0), ([-2, 2], 0.806853), ([-1, 3], 1.306853), ([-0.5, 0.5], 0.318147)]
)
def test_the_fitted_divergence_by_hand(codes: list[float], expected: float) -> None:
    # mean 0 or 1, deviation 1, 2, 2, ½: (s² + m²)/2 - log s - ½
    assert fitted_kl(np.array(codes, float)[:, None])[0] == pytest.approx(expected, abs=1e-6)


def test_the_fitted_divergence_s_gradient_by_finite_differences() -> None:
    codes, step = np.random.default_rng(0).standard_normal((5, 3)), 1e-6
    expected = np.empty_like(codes)
    for at in np.ndindex(codes.shape):
        move = np.zeros_like(codes)
        move[at] = step
        expected[at] = (fitted_kl(codes + move)[0] - fitted_kl(codes - move)[0]) / (2 * step)
    assert fitted_kl(codes)[1] == pytest.approx(expected, rel=1e-5, abs=1e-8)


def test_minimising_over_g_undoes_a_collapse(results: dict[str, Any]) -> None:
    told = results["minimising_g"]
    course = told["divergence"]
    assert told["least_possible"] == pytest.approx((1 / 4 + math.log(4) - 1) / 2)
    assert course[0] > 7  # -log s, s about 1e-4, as the start is nearly one point
    assert all(late <= early for early, late in pairwise(course))
    assert course[-1] == pytest.approx(told["least_possible"], abs=1e-6)
    assert told["start_least_deviation"] < 1e-3
    assert told["end_least_deviation"] == pytest.approx(0.5, abs=0.01)  # s² = 1/M


def test_maximising_over_e_has_no_end() -> None:
    told = halved()
    assert told["value"] == pytest.approx([4.0**-t / 2 - 0.5 + t * math.log(2) for t in range(41)])
    assert told["value"][-1] > 27


@pytest.mark.parametrize(("latent", "least"), [(3, 0.215973), (10, 0.701293), (64, 1.587254), (128, 1.929921)])
def test_the_divergence_does_not_know_the_sphere_from_its_axes(latent: int, least: float) -> None:
    assert sphere(latent) == pytest.approx({"uniform": least, "axes": least}, abs=1e-6)


def test_equal_sizes_give_equal_results(small: dict[str, Any]) -> None:
    assert age_theory.study(Sizes(points=3, batch=8, latent=3, steps=5)) == small
    assert found(small).startswith(
        "saddle points of V2 with g(Z) ≠ X: one-to-one 0, another-reference 0, fewer-data 27"
    )
