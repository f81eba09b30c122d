"""What a demonstration looks up."""

from pathlib import Path

import numpy as np

from stages import params
from stages.study.given import Given

SUITE = params.load(Path(__file__).parents[2] / "params.yaml", "tiny")


def test_a_value_is_looked_up_by_all_that_is_said() -> None:
    printed = {"p": [{"system": "a", "metric": "IS", "value": "6.90"}, {"system": "b", "metric": "IS", "value": 5}]}
    given = Given(SUITE, printed, np.zeros((2, 1, 1, 1), np.uint8))
    assert given.value("p", system="a") == 6.9
    assert given.values("p", metric="IS") == [6.9, 5.0]
    assert given.knob("age", "generator_steps") == 2
    assert given.of_row("age-celeba", "generator_steps") == 3
    assert given.of_row("age-svhn", "generator_steps") == 2
    assert given.pixels.tolist() == [[-1.0], [-1.0]]
