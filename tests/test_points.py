"""Names of points, and which points a grid has."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from stages import points

KNOBS = some.dictionaries(
    some.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True),
    some.one_of(
        some.booleans(), some.integers(-(10**6), 10**6), some.floats(1e-9, 1e9), some.sampled_from(["logistic"])
    ),
    max_size=4,
)


@given(KNOBS)
def test_a_name_says_what_its_knobs_are(knobs):
    assert points.parts(points.name("age", knobs)) == ("age", knobs)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1"), (1e-4, "0.0001"), (0.0, "0"), (10, "10"), (2e3, "2000"), (True, "true"), ("kl", "kl")],
)
def test_equal_numbers_have_one_name(value, text):
    assert points.name("row", {"knob": value}) == f"row+knob={text}"


def test_a_row_has_no_knobs():
    assert points.parts("alpha-gan") == ("alpha-gan", {})


def test_a_knob_without_a_value_is_left_to_whoever_checks_it():
    assert points.parts("row+knob") == ("row", {"knob": ""})


def test_a_grid_is_a_full_product_row_by_row():
    assert points.every(["a", "b"], {"x": [1, 2], "y": [0.5]}) == [
        "a+x=1+y=0.5",
        "a+x=2+y=0.5",
        "b+x=1+y=0.5",
        "b+x=2+y=0.5",
    ]


def test_corners_are_the_ends_of_each_list():
    assert points.corners({"x": [1, 2, 3], "y": [5]}) == {"x": [1, 3], "y": [5]}
