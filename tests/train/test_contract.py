"""One contract for all systems: every row that trains, found by listing, in the smallest profile."""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from torch import Tensor
from torch.nn.utils import parametrize

from stages import params
from stages.generate.__main__ import from_model
from stages.train import contract
from stages.train.loop import Run
from stages.train.streams import Streams

ROOT = Path(__file__).parents[2]
SUITE = params.check(yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8")) | {"profile": "tiny"})
ROWS = [
    name
    for name, row in SUITE.rows.items()
    if row.system in params.trained_systems() and SUITE.dataset_of(name) in SUITE.use
]
CHANNELS = {"digits": 1, "digits-tinted": 3}
IMAGES = {
    row: torch.randint(
        256,
        (64, 16, 16, CHANNELS[SUITE.dataset_of(row)]),
        generator=torch.Generator().manual_seed(0),
        dtype=torch.uint8,
    )
    for row in ROWS
}


def built(row: str, seed: int = 1) -> contract.System:
    return contract.build(SUITE.rows[row].system, SUITE.settings(row), list(IMAGES[row].shape[1:]), seed)


def started(row: str, seed: int = 1) -> Run:
    return Run(built(row, seed), Streams(seed), IMAGES[row], SUITE.settings(row)["batch"])


def ignore(_: Run) -> None:
    pass


def batch(row: str, n: int = 16) -> Tensor:
    return contract.to_unit_range(IMAGES[row][:n])


def evaluated(row: str, move: contract.Move) -> dict[str, Tensor]:
    with parametrize.cached():
        return move(batch(row), Streams(0))


def moves_once(system: contract.System) -> list[tuple[int, contract.Move]]:
    """Each move with its place, one that is made several times an iteration once."""
    first: dict[contract.Move, int] = {}
    for place, move in enumerate(system.moves()):
        first.setdefault(move, place)
    return [(place, move) for move, place in first.items()]


GREY = {"digits", "mnist"}


@pytest.mark.parametrize("name", [name for name, row in SUITE.rows.items() if row.system in params.trained_systems()])
def test_the_paper_s_own_networks_play_on_the_row_s_images(name: str) -> None:
    paper = params.check(yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8")) | {"profile": "paper"})
    dataset = paper.row(name).dataset or "cifar10"
    size = paper.datasets[dataset].size
    settings = paper.settings(name) | {"width": 8, "latent": 6, "batch": 4}
    assert settings["networks"] != "dense"
    shape = [size, size, 1 if dataset in GREY else 3]
    system = contract.build(paper.row(name).system, settings, shape, seed=1)
    x = torch.rand(4, shape[2], size, size, generator=torch.Generator().manual_seed(0)) * 2 - 1
    for _, move in moves_once(system):
        with parametrize.cached():
            losses = move(x, Streams(0))
        for player, loss in losses.items():
            gradients = torch.autograd.grad(loss, contract.parameters(system.players()[player]), retain_graph=True)
            assert all(gradient.isfinite().all() for gradient in gradients)
    assert system.eval().decoder_given(x[:2])(system.prior(2, Streams(0))).shape == (2, shape[2], size, size)


def test_every_system_has_a_row() -> None:
    assert {SUITE.rows[row].system for row in ROWS} == set(params.trained_systems())


@pytest.fixture(params=ROWS)
def row(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_every_parameter_belongs_to_exactly_one_player(row: str) -> None:
    system = built(row)
    owned = [id(parameter) for networks in system.players().values() for parameter in contract.parameters(networks)]
    assert len(owned) == len(set(owned))
    assert set(owned) == {id(parameter) for parameter in system.parameters()}


def test_it_trains_and_every_player_moves(row: str) -> None:
    run = started(row)
    before = copy.deepcopy(run.parameters)
    run.advance(20, 5, ignore)
    assert run.progress.diverged is None
    assert [entry["iteration"] for entry in run.progress.history] == [5, 10, 15, 20]
    for player, owned in run.parameters.items():
        moved = [not torch.equal(new, old) for new, old in zip(owned, before[player], strict=True)]
        assert any(moved), player
        assert any(player in entry for entry in run.progress.history)


def test_a_player_gains_by_stepping_alone(row: str) -> None:
    for place, move in moves_once(built(row)):
        for player in evaluated(row, move):
            system, stepped = built(row), built(row)
            loss = evaluated(row, system.moves()[place])[player]
            gradients = torch.autograd.grad(loss, contract.parameters(system.players()[player]))
            size = torch.stack([gradient.norm() for gradient in gradients]).norm()
            assert size > 0, player
            with torch.no_grad():
                owned = contract.parameters(stepped.players()[player])
                for parameter, gradient in zip(owned, gradients, strict=True):
                    parameter.sub_(1e-3 * gradient / size)
            assert evaluated(row, stepped.moves()[place])[player].item() < loss.item(), player


def test_a_loss_moves_its_own_player_alone(row: str) -> None:
    for place, move in moves_once(built(row)):
        for player in evaluated(row, move):
            run = started(row)
            before = copy.deepcopy(run.parameters)
            chosen = run.moves[place]
            run.step(lambda x, draw, chosen=chosen, player=player: {player: chosen(x, draw)[player]}, batch(row))  # type: ignore[misc]
            for name, owned in run.parameters.items():
                moved = any(not torch.equal(new, old) for new, old in zip(owned, before[name], strict=True))
                assert moved is (name == player), (name, player)


def test_the_same_seed_gives_the_same_bytes_and_a_kept_run_goes_on_to_them(row: str) -> None:
    straight = started(row)
    straight.advance(6, 3, ignore)
    kept = copy.deepcopy(straight.state())
    straight.advance(15, 3, ignore)

    again = started(row)
    again.advance(15, 3, ignore)
    resumed = started(row)
    resumed.restore(kept)
    resumed.advance(15, 3, ignore)
    expected = straight.system.state_dict()
    for other in (again, resumed):
        found = other.system.state_dict()
        assert found.keys() == expected.keys()
        assert all(torch.equal(found[name], expected[name]) for name in expected)
        assert other.progress.history == straight.progress.history


def test_another_seed_gives_another_model(row: str) -> None:
    one, other = built(row).state_dict(), built(row, seed=2).state_dict()
    assert any(not torch.equal(one[name], other[name]) for name in one)


def test_what_it_generates_are_images_and_codes(row: str) -> None:
    run = started(row)
    run.advance(3, 3, ignore)
    originals = IMAGES[row][:9].numpy()
    made = from_model(run.system.eval(), originals, 11, 2, Streams(5))
    assert ("reconstructions" in made) is run.system.encodes
    assert ("colorizations" in made) is run.system.conditional
    assert ("transfers" in made) is (run.system.conditional and run.system.encodes)
    images = {"samples": 11} | ({"reconstructions": 9, "originals": 9} if run.system.encodes else {})
    for name, n in images.items():
        assert made[name].shape == (n, *originals.shape[1:])
        assert made[name].dtype == np.uint8
    assert len(np.unique(made["samples"])) > 1
    if run.system.encodes:
        assert made["codes"].dtype == np.float32
        assert made["codes"].shape[0] == 9
        assert np.array_equal(made["originals"], originals)
    assert ("interpolations" in made) is (run.system.encodes and not run.system.conditional)
    if "interpolations" in made:
        assert made["interpolations"].shape == (4, 9, *originals.shape[1:])
        assert made["interpolations"].dtype == np.uint8


class Still(Streams):
    """Draws that do not depend on how many are drawn."""

    def normal(self, *shape: int) -> Tensor:
        return torch.full(shape, 0.3)

    def uniform(self, *shape: int) -> Tensor:
        return torch.full(shape, 0.3)


def test_in_evaluation_mode_no_image_depends_on_its_batch(row: str) -> None:
    run = started(row)
    run.advance(3, 3, ignore)
    system = run.system.eval()
    with torch.no_grad():
        codes, x = system.prior(8, Streams(0)), batch(row, 8)
        images = system.decoder_given(x)(codes)
        assert torch.allclose(images[:2], system.decoder_given(x[:2])(codes[:2]), atol=1e-5)
        assert float(images.abs().max()) <= 1
        if system.encodes:
            assert torch.allclose(system.encode(x, Still(0))[:2], system.encode(x[:2], Still(0)), atol=1e-5)


def test_its_file_tells_its_players_and_its_departures(row: str) -> None:
    import sys

    told: Any = sys.modules[type(built(row)).__module__].__doc__
    assert "player " in told
    assert "minimises" in told
    assert "Differs from the" in told
    for player in built(row).players():
        assert f"    {player} " in told, player
