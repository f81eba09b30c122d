"""Many claims at once: what chance alone gives, and which verdicts stand nevertheless."""

import json

import pytest

from stages.tabulate import many
from stages.tabulate.many import Place


def claim(name, verdict, p_rep, p_con=1.0, scope="paper"):
    return {"id": name, "verdict": verdict, "p_rep": p_rep, "p_con": p_con, "scope": scope}


# Holm at 5 % over five: 0.01, 0.0125, 0.0167, 0.025, 0.05
FIVE = [
    claim("a", "reproduced", 0.011),
    claim("b", "reproduced", 0.001),
    claim("c", "reproduced", 0.020),
    claim("d", "inconclusive", 0.300),
    claim("e", "contradicted", 1.000, 0.0001),
]


def test_holm_keeps_what_stands_in_order():
    # 0.001 <= 0.05/5, 0.011 <= 0.05/4, 0.020 > 0.05/3
    assert many.firm({"p": FIVE}) == {Place("p", "a"), Place("p", "b"), Place("p", "e")}
    ps = {Place("p", str(place)): p for place, p in enumerate([0.04, 0.001, 0.013, 0.02])}
    assert {place.claim for place in many.holm(ps)} == {"1", "2", "3", "0"}
    assert {place.claim for place in many.holm(ps | {Place("p", "4"): 0.9})} == {"1"}


def test_only_a_verdict_can_be_firm():
    # a single test rejects at 0.05, where the verdict wants 0.025
    assert many.firm({"p": [claim("a", "inconclusive", 0.04)]}) == set()
    assert many.firm({"p": [claim("a", "reproduced", 0.02)]}) == {Place("p", "a")}


def test_scopes_are_never_added_up_and_papers_are():
    weak = [claim(str(place), "reproduced", 0.012) for place in range(4)]
    assert len(many.firm({"p": weak})) == 4
    assert len(many.firm({"p": weak, "q": [claim("z", "inconclusive", 0.5)]})) == 0
    assert len(many.firm({"p": weak, "q": [claim("z", "inconclusive", 0.5, scope="stand-in")]})) == 4


def test_what_was_not_tested_is_not_counted():
    untested = [claim("x", "not run", None, None), claim("y", "reproduced", None, None)]
    assert many.firm({"p": [*FIVE, *untested]}) == many.firm({"p": FIVE})
    told = many.summary({"p": [*FIVE, *untested]})["paper"]
    assert told["tested"] == 5
    assert told["counts"] == {"reproduced": 4, "contradicted": 1, "inconclusive": 1, "not run": 1}


def test_what_chance_alone_gives_is_said_for_each_scope():
    told = many.summary({"p": FIVE, "q": [claim("z", "not run", None, None, "stand-in")]})
    assert told["paper"]["by_chance"] == pytest.approx(0.125)
    assert told["paper"]["false_share"] == pytest.approx(0.125 / 3)
    assert told["paper"]["firm"] == {"reproduced": 2, "contradicted": 1}
    assert told["paper"]["sentence"] == (
        "By chance alone at most 0.025 · 5 ≈ 0.12 of 5 tested claims would read reproduced. At most 4% of the 3 that do"
        " are false. Firm, that is beyond doubt of this kind (Holm, 5% for any error at all), are 2 reproduced and 1"
        " contradicted."
    )
    assert told["stand-in"]["sentence"] == "No claim has been tested yet."
    json.dumps(told, allow_nan=False)


def test_the_bound_on_false_ones_is_at_most_all_of_them():
    told = many.summary(
        {"p": [claim("a", "reproduced", 0.02), *(claim(str(n), "inconclusive", 0.5) for n in range(99))]}
    )
    assert told["paper"]["false_share"] == 1.0
    assert many.summary({"p": [claim("a", "inconclusive", 0.5)]})["paper"]["false_share"] is None
    assert many.summary({}) == {}
