"""A verdict on a page: word and sign, parts within parts, the mark of a firm one, a figure to look at, the numbers."""

from typing import Any

import pytest

from stages.render import claims, overview


def told(**more: Any) -> dict[str, Any]:
    """A claim with its verdict, as tabulate records it."""
    return {
        "id": "P7",
        "says": "a beats b",
        "artifact": "Table 3",
        "verdict": "reproduced",
        "sentence": "a has the lower FID.",
        "scope": "paper",
        "firm": False,
        "figure": None,
        "note": None,
        "remarks": "",
        "reason": "",
        "metric": "FID-own",
        "theta": 2.334,
        "interval": [2.12, 2.57],
        "gaps": "ratio",
        "p_rep": 3.4e-7,
        "p_con": 1.0,
        "df": 5.99,
        "half_width": 1.10,
        "n": {"a": 3, "b": 3},
        "failed": {"b": [2]},
        "spreads": {"a": {"own": 0.0406, "used": 0.0471}},
        "parts": [],
        **more,
    }


def test_all_that_a_verdict_rests_on_is_shown():
    text = str(claims.card(told(), "digits"))
    for shown in ("FID-own", "2.33", "2.12 to 2.57", "3.4e-07", "5.99", "a: 3, b: 3", "b: [2]", "a: 4.7% (4.1%)"):
        assert shown in text, shown
    assert "gaps above 10%" in text
    assert 'id="claim-P7"' in text
    assert "Scope: digits" in text


def test_differences_are_not_shown_as_per_cent():
    spreads = {"a": {"own": 0.01, "used": 0.012}}
    text = str(claims.card(told(gaps="difference", theta=0.03, half_width=0.02, spreads=spreads), ""))
    assert "a: 0.012 (0.01)" in text
    assert "gaps above 0.02" in text
    assert "%" not in text.split("<tbody>")[1]


@pytest.mark.parametrize("firm", [True, False])
def test_what_stands_among_many_is_marked_by_a_word(firm: bool):
    for shown in (claims.card(told(firm=firm), ""), overview.claims({"p": [told(firm=firm)]})):
        assert ("● firm" in str(shown)) is firm
    assert "● firm" in str(claims.rule())


def test_parts_of_parts_are_listed_and_only_the_last_have_numbers():
    leaf, neighbour = told(sentence="the innermost"), told(sentence="its neighbour", verdict="contradicted")
    leaf |= {"name": "the order against dcgan"}
    nested = told(sentence="the middle", metric="", parts=[leaf, neighbour | {"name": "part 2"}]) | {"name": "part 1"}
    text = str(claims.card(told(parts=[nested], metric=""), ""))
    assert text.index("the middle") < text.index("the innermost") < text.index("its neighbour")
    assert "the order against dcgan: the innermost" in text
    assert text.count("<ul>") == 2
    assert text.split("<tbody>")[1].count("<tr>") == 2


def test_a_claim_for_the_eye_leads_to_its_figure():
    look = {
        "verdict": "not run",
        "theta": None,
        "interval": None,
        "half_width": None,
        "df": None,
        "n": {},
        "spreads": {},
    }
    text = str(claims.card(told(**look, p_rep=None, p_con=None, figure="fig8", note="No <number>."), ""))
    assert '<a href="#fig8">Look at the figure</a>' in text
    assert "No &lt;number&gt;." in text
    assert "Look at" not in str(claims.card(told(), ""))
