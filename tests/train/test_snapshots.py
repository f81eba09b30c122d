"""The generator kept at several moments of its training."""

from pathlib import Path
from typing import Any

import pytest
import torch

from stages import params
from stages.train import contract, snapshots
from stages.train.loop import Run
from stages.train.streams import Streams

SUITE = params.load(Path(__file__).parents[2] / "params.yaml", "tiny")


def images(n: int = 64) -> torch.Tensor:
    return torch.randint(256, (n, 16, 16, 1), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)


def started() -> Run:
    settings: dict[str, Any] = SUITE.settings("began")
    return Run(contract.build("began", settings, [16, 16, 1], 1), Streams(1), images(), settings["batch"])


@pytest.mark.parametrize(
    ("times", "iterations", "log_every", "expected"),
    [
        (10, 500, 50, list(range(50, 501, 50))),
        (4, 200, 50, [50, 100, 150, 200]),
        (10, 20, 5, [5, 10, 15, 20]),  # no more than the log has ends
        (3, 100, 30, [30, 60, 100]),  # the log's ends are 30, 60, 90 and 100
        (1, 100, 30, [100]),
        (0, 100, 30, []),
        (2, 10, 50, [10]),  # one interval alone
    ],
)
def test_moments_are_ends_of_the_log_s_intervals_as_even_as_those_allow(
    times: int, iterations: int, log_every: int, expected: list[int]
) -> None:
    assert snapshots.moments(times, iterations, log_every) == expected


def test_a_generator_is_turned_back_to_what_it_was(tmp_path: Path) -> None:
    run, codes, seen = started(), torch.randn(5, SUITE.settings("began")["latent"]), {}

    def keep(run: Run) -> None:
        snapshots.keep(run, tmp_path / "scratch")
        seen[run.progress.iteration] = run.system.eval().decode(codes).detach()
        run.system.train()

    run.advance(6, 2, keep)
    (tmp_path / "model").mkdir()
    snapshots.collect(tmp_path / "scratch", [2, 6], tmp_path / "model")
    assert {path.name for path in (tmp_path / "model/snapshots").iterdir()} == {"2.safetensors", "6.safetensors"}
    other = contract.build("began", SUITE.settings("began"), [16, 16, 1], 9).eval()
    for moment in (2, 6):
        snapshots.turn_back(other, tmp_path / "model", moment)
        assert torch.equal(other.decode(codes), seen[moment])
    assert not torch.equal(seen[2], seen[6])
