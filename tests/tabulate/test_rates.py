"""How often a verdict errs, and how often it can be reached: a few cells of the tables that the rule was chosen by.

Each cell there is a share of 20,000 to 30,000 simulated suites; here it must come out within the error of fewer.
"""

from collections.abc import Callable
from math import exp, log, sqrt, tanh
from typing import Any

import numpy as np
import pytest

from stages.tabulate.evidence import Job, Scores
from stages.tabulate.verdicts import judge
from tests.tabulate.made import all_of, order, scores, swept

Claim = dict[str, Any]
Rng = np.random.Generator
POOL = 10  # rows, if not more are asked for


def rates(made: Callable[[Rng], tuple[Claim, Scores]], repetitions: int) -> tuple[float, float]:
    """Shares of reproduced and contradicted."""
    rng = np.random.default_rng(2020)
    found = [judge(*made(rng)).verdict for _ in range(repetitions)]
    return found.count("reproduced") / repetitions, found.count("contradicted") / repetitions


def near(found: tuple[float, float], expected: tuple[float, float], repetitions: int) -> bool:
    """In per cent, as the tables have it: within three errors, and half a per cent for their rounding."""
    return all(
        abs(one - other / 100) <= 0.005 + 3 * sqrt(max(other, 1) / 100 * (1 - other / 100) / repetitions)
        for one, other in zip(found, expected, strict=True)
    )


def column(rng: Rng, means: list[float], n: int, sd: float = 0.05, pool: int = POOL) -> dict[str, list[float]]:
    """{row: values} with relative noise; the rows after those asked for fill the pool."""
    centres = np.log([*means, *[50.0] * (pool - len(means))])
    values = np.exp(centres[:, None] + sd * rng.standard_normal((len(centres), n)))
    return {f"row-{place}": [float(one) for one in row] for place, row in enumerate(values)}


FIRST = order("row-0", "row-1")


@pytest.mark.parametrize(
    ("means", "n", "sd", "claim", "expected"),
    [
        ([40.0, 40.0], 3, 0.05, FIRST, (1.7, 1.7)),
        ([40.0, 40.0], 5, 0.05, FIRST, (2.0, 2.2)),
        ([32.84, 39.51], 3, 0.05, FIRST, (92, 0)),
        ([32.84, 39.51], 3, 0.10, FIRST, (41, 0)),
        ([42.1, 40.0], 3, 0.05, FIRST, (0.1, 14)),
        ([20.0, 30.0], 3, 0.08, {**FIRST, "at_least": 2}, (0, 91)),
        ([20.0, 40.0], 3, 0.08, {**FIRST, "at_least": 2}, (1.8, 1.5)),
        ([20.0, 50.0], 3, 0.08, {**FIRST, "at_least": 2}, (73, 0)),
    ],
)
def test_orders(means: list[float], n: int, sd: float, claim: Claim, expected: tuple[float, float]):
    found = rates(lambda rng: (claim, scores(column(rng, means, n, sd), n=n)), 600)
    assert near(found, expected, 600), found


@pytest.mark.parametrize(
    ("offset", "within", "expected"),
    [(1, 0.1, (14, 0)), (1.21, 0.1, (0, 43)), (1, 0.25, (97, 0)), (1.25, 0.25, (1.6, 1.7))],
)
def test_same(offset: float, within: float, expected: tuple[float, float]):
    claim = {"id": "P11", "kind": "same", "metrics": ["FID"], "rows": ["row-0", "row-1"], "within": within}
    found = rates(lambda rng: (claim, scores(column(rng, [40.0 * offset, 40.0], 3))), 400)
    assert near(found, expected, 400), found


@pytest.mark.parametrize(("offset", "expected"), [(1, (53, 0)), (1.25, (0.9, 1.0)), (1.5625, (0, 70))])
def test_printed_values(offset: float, expected: tuple[float, float]):
    def made(rng: Rng) -> tuple[Claim, Scores]:  # the paper's is one run, as noisy as ours
        claim = {"id": "P7v", "kind": "value", "metric": "FID", "row": "row-0", "within": 0.25}
        table = column(rng, [40.0 * offset], 3)
        return {**claim, "paper": f"{40 * exp(0.05 * rng.standard_normal()):.3f}"}, scores(table)

    found = rates(made, 500)
    assert near(found, expected, 500), found


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ([40.0] * 8, (0, 0.9)),
        ([40.0, *[40.0 * exp(0.15)] * 7], (43, 0)),
        ([40.0, 40.0 * exp(-0.2), *[40.0] * 6], (0, 63)),
    ],
)
def test_best_of_eight(means: list[float], expected: tuple[float, float]):
    claim = {
        "id": "P1",
        "kind": "best",
        "metric": "FID",
        "row": "row-0",
        "of": [f"row-{place}" for place in range(1, 8)],
    }
    found = rates(lambda rng: (claim, scores(column(rng, means, 3))), 200)
    assert near(found, expected, 200), found


@pytest.mark.parametrize(("gaps", "expected"), [((0, 0, 0), (0.1, 1.1)), ((1, 1, 0), (1.6, 0.5))])
def test_three_metrics_at_once(gaps: tuple[float, float, float], expected: tuple[float, float]):
    claim = all_of(*(order("row-0", "row-1", metric=metric) for metric in ("FID", "RID", "RMSE")))
    noise = np.linalg.cholesky(0.4 * np.eye(3) + 0.6)

    def made(rng: Rng) -> tuple[Claim, Scores]:
        logs = 0.05 * np.einsum("ij,jrs->irs", noise, rng.standard_normal((3, POOL, 3)))
        for metric, gap in enumerate(gaps):
            logs[metric, 1] += gap
        tables = [
            {f"row-{place}": [float(one) for one in row] for place, row in enumerate(np.exp(one))} for one in logs
        ]
        return claim, scores(tables[0], RID=tables[1], RMSE=tables[2])

    found = rates(made, 400)
    assert near(found, expected, 400), found


@pytest.mark.parametrize(("means", "expected"), [([40.0, 40.0], (0.7, 0.9)), ([40.0, 47.2], (50, 0))])
def test_one_seed_in_ten_fails(means: list[float], expected: tuple[float, float]):
    def made(rng: Rng) -> tuple[Claim, Scores]:
        table = column(rng, means, 3)
        lost = rng.random((POOL, 3)) < 0.1
        return FIRST, scores(
            {
                row: [None if gone else one for one, gone in zip(values, lost[place], strict=True)]
                for place, (row, values) in enumerate(table.items())
            }
        )

    found = rates(made, 500)
    assert near(found, expected, 500), found


@pytest.mark.parametrize(
    ("rise", "strict", "expected"), [(0.0, False, (2.0, 1.8)), (0.10, False, (61, 0)), (0.20, False, (99, 0))]
)
def test_trends(rise: float, strict: bool, expected: tuple[float, float]):
    claim = {
        "id": "J5a",
        "kind": "trend",
        "metric": "FID",
        "row": "a",
        "over": "x",
        "direction": "up",
        "strict": strict,
    }

    def made(rng: Rng) -> tuple[Claim, Scores]:
        logs = log(1 + rise) * np.arange(5) / 4 + 0.05 * rng.standard_normal((3, 5))
        jobs = {
            f"a {place}": Job("a", {"x": place}, {"FID": {seed: float(exp(logs[seed, place])) for seed in range(3)}})
            for place in range(5)
        }
        return claim, swept(("a-x", jobs))

    found = rates(made, 400)
    assert near(found, expected, 400), found


@pytest.mark.parametrize(
    ("n", "rho", "between", "expected"),
    [(10, 0.0, [0, 1], (1.4, 1.8)), (32, 0.5, [0, 1], (78, 0)), (32, 0.9, [0.5, 1], (98, 0))],
)
def test_correlations(n: int, rho: float, between: list[float], expected: tuple[float, float]):
    claim = {"id": "a", "kind": "correlation", "metrics": ["critic", "Diversity"], "over": "s", "between": between}

    def made(rng: Rng) -> tuple[Claim, Scores]:
        one, noise = rng.standard_normal((2, n))
        other = rho * one + sqrt(1 - rho**2) * noise
        return claim, swept(("s", jobs({"critic": one, "Diversity": other})))

    found = rates(made, 300)
    assert near(found, expected, 300), found


def jobs(values: dict[str, Any], name: str = "job") -> dict[str, Job]:
    n = len(next(iter(values.values())))
    return {
        f"{name} {place:03d}": Job(
            "a", {"x": place}, {metric: {0: float(one[place])} for metric, one in values.items()}
        )
        for place in range(n)
    }


@pytest.mark.parametrize(("z", "expected"), [(0.0, (2.2, 2.6)), (0.5, (37, 0)), (1.0, (81, 0))])
def test_correlations_of_runs(z: float, expected: tuple[float, float]):
    """Each run's points have exactly the z that is drawn for it."""
    claim = {"id": "B3", "kind": "correlation", "unit": "run", "row": "began", "method": "pearson", "between": [0, 1]}
    one = np.linspace(-1, 1, 9) / np.linalg.norm(np.linspace(-1, 1, 9))
    flat = np.abs(one) - np.abs(one).mean()  # at right angles to it
    flat /= np.linalg.norm(flat)

    def made(rng: Rng) -> tuple[Claim, Scores]:
        drawn = [tanh(z + 0.3 * rng.standard_normal()) for _ in range(3)]
        other = {seed: list(map(float, r * one + sqrt(1 - r**2) * flat)) for seed, r in enumerate(drawn)}
        series = {"began": {"iteration": {seed: list(map(float, one)) for seed in range(3)}, "convergence": other}}
        return {**claim, "metrics": ["iteration", "convergence"]}, scores({}, known={"series": series})

    found = rates(made, 500)
    assert near(found, expected, 500), found


@pytest.mark.parametrize(("share", "expected"), [(0.10, (68, 0)), (0.15, (86, 0)), (0.007, (0, 54))])
def test_disagreement(share: float, expected: tuple[float, float]):
    """Normal scores whose medians part them so: share = acos(rho) / (2 pi)."""
    claim = {"id": "a7", "kind": "disagreement", "metrics": ["IS", "IS-own"], "over": "s", "between": [0.05, 0.25]}
    rho = float(np.cos(2 * np.pi * share))

    def made(rng: Rng) -> tuple[Claim, Scores]:
        one, noise = rng.standard_normal((2, 62))
        return claim, swept(("s", jobs({"IS": np.exp(one), "IS-own": np.exp(rho * one + sqrt(1 - rho**2) * noise)})))

    found = rates(made, 250)
    assert near(found, expected, 250), found


@pytest.mark.parametrize(("width", "least", "most"), [(1, 0, 3.1), (2, 32, 66), (4, 85, 100)])
def test_spreads(width: float, least: float, most: float):
    """32 jobs against 12; the bounds are those of five shapes, of which this is one."""
    claim = {"id": "a6b", "kind": "spread", "metric": "critic", "wider": "wide", "than": "narrow"}

    def made(rng: Rng) -> tuple[Claim, Scores]:
        wide, narrow = (rng.standard_normal(n) for n in (32, 12))
        sides = {"wide": jobs({"critic": width * wide}, "wide"), "narrow": jobs({"critic": narrow}, "narrow")}
        return claim, swept(*sides.items())

    reproduced, contradicted = rates(made, 60)
    error = 3 * sqrt(0.25 / 60) if width > 1 else 3 * sqrt(0.03 / 60)
    assert least / 100 - error <= reproduced <= most / 100 + error
    assert contradicted <= 0.02
