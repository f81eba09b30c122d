"""The loop, played by toys whose every step can be worked by hand."""

import copy
import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from stages.train import contract
from stages.train.adam import Adam
from stages.train.loop import EXPLODED, Run
from stages.train.streams import Streams

GREYS = torch.arange(0, 200, 10, dtype=torch.uint8)[:, None, None, None]  # twenty images of one pixel


class Number(nn.Module):
    def __init__(self, value: float):
        super().__init__()
        self.value = nn.Parameter(torch.tensor(value))


class Plain(Adam):
    """Plain gradient steps."""

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor]) -> None:
        for parameter, gradient in zip(self.parameters, gradients, strict=True):
            parameter -= self.rate * gradient


class Duel(contract.System):
    """Two numbers, a and b: `a` minimises a b, `b` minimises -a b, by plain gradient steps of 0.1."""

    def __init__(self, settings: dict[str, Any]):
        super().__init__(settings, [1, 1, 1])
        self.a, self.b = Number(2.0), Number(3.0)
        self.seen: list[list[float]] = []

    def players(self) -> dict[str, list[nn.Module]]:
        return {"a": [self.a], "b": [self.b]}

    def moves(self) -> list[contract.Move]:
        moves: list[contract.Move] = self.settings["moves"](self)
        return moves

    def optimiser(self, player: str, parameters: list[nn.Parameter]) -> Adam:
        return Plain(parameters, 0.1, (0.0, 0.0))

    def both(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        self.seen.append(sorted(x.flatten().tolist()))
        product = self.a.value * self.b.value
        return {"a": product, "b": -product}

    def only(self, player: str) -> contract.Move:
        return lambda x, draw: {player: self.both(x, draw)[player]}


class Learner(contract.System):
    """A line fitted by Adam on noisy images, with a batch norm: everything that a checkpoint must keep."""

    def __init__(self) -> None:
        super().__init__({"beta1": 0.5, "beta2": 0.9, "learning_rate": 0.01, "latent": 1}, [1, 1, 1])
        self.line = nn.Sequential(nn.BatchNorm1d(1), nn.Linear(1, 1))

    def players(self) -> dict[str, list[nn.Module]]:
        return {"line": [self.line]}

    def moves(self) -> list[contract.Move]:
        return [self.losses]

    def losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        noisy = x.flatten(1) + self.prior(len(x), draw) + draw.offsets(3, len(x), 1)
        return {"line": ((self.line(noisy) - 1) ** 2).mean()}


class Told(contract.System):
    """Its loss at each iteration is what `value` says."""

    def __init__(self, value: Callable[[int], float]):
        super().__init__({}, [1, 1, 1])
        self.value, self.iteration, self.a, self.b = value, 0, Number(0.0), Number(0.0)

    def players(self) -> dict[str, list[nn.Module]]:
        return {"first": [self.a], "second": [self.b]}

    def moves(self) -> list[contract.Move]:
        return [self.losses]

    def optimiser(self, player: str, parameters: list[nn.Parameter]) -> Adam:
        return Plain(parameters, 0.0, (0.0, 0.0))

    def losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        self.iteration += 1
        return {"first": self.a.value * 0 + 1, "second": self.b.value * 0 + self.value(self.iteration)}


def run(system: contract.System, seed: int = 0, batch: int = 5) -> Run:
    return Run(system, Streams(seed), GREYS, batch)


def duel(moves: Callable[[Duel], list[contract.Move]]) -> tuple[Duel, Run]:
    system = Duel({"moves": moves})
    return system, run(system)


def ignore(_: Run) -> None:
    pass


def numbers(system: Duel) -> tuple[float, float]:
    return system.a.value.item(), system.b.value.item()


def test_every_gradient_is_taken_before_any_player_moves() -> None:
    system, training = duel(lambda system: [system.both])
    training.iterate()
    # a: 2 - 0.1 x 3; b: 3 + 0.1 x 2. Had a moved first, b would be 3 + 0.1 x 1.7.
    assert numbers(system) == pytest.approx((1.7, 3.2))


def test_a_second_move_sees_what_the_first_has_done() -> None:
    system, training = duel(lambda system: [system.only("a"), system.only("b")])
    training.iterate()
    assert numbers(system) == pytest.approx((1.7, 3.17))
    assert training.progress.iteration == 1


def test_a_player_s_loss_never_moves_another_s_parameters() -> None:
    system, training = duel(lambda system: [system.only("a")])
    for _ in range(3):
        training.iterate()
    assert numbers(system) == pytest.approx((2 - 3 * 0.1 * 3, 3))


def test_losses_come_back_detached_as_they_were_before_the_step() -> None:
    _, training = duel(lambda system: [system.both])
    losses = training.iterate()
    assert {name: loss.item() for name, loss in losses.items()} == {"a": 6.0, "b": -6.0}
    assert not any(loss.requires_grad for loss in losses.values())


def test_images_reach_a_move_in_the_networks_range() -> None:
    shown: list[Tensor] = []

    def keep(x: Tensor, draw: Streams) -> dict[str, Tensor]:
        shown.append(x)
        return {"a": system.a.value * x.mean()}

    system, training = duel(lambda system: [keep])
    training.iterate()
    assert shown[0].shape == (5, 1, 1, 1)
    expected = GREYS[Streams(0).batch(0, 5, 20)].flatten().double() / 127.5 - 1
    assert shown[0].flatten().tolist() == pytest.approx(expected.tolist(), abs=1e-6)


@pytest.mark.parametrize("moves", [1, 2])
def test_batches_are_permutations_of_the_images_epoch_by_epoch(moves: int) -> None:
    system, training = duel(lambda system: [system.only("a"), system.only("b")][:moves])
    training.advance(8, 100, ignore)
    everything = sorted((GREYS.flatten().float() / 127.5 - 1).tolist())
    assert len(system.seen) == 8 * moves  # a batch a move
    for start in range(0, len(system.seen), 4):
        epoch = sorted(grey for batch in system.seen[start : start + 4] for grey in batch)
        assert epoch == pytest.approx(everything)
    assert system.seen[0] != system.seen[4]


def test_the_history_holds_the_means_of_each_interval() -> None:
    training = run(Told(float))
    training.advance(12, 5, ignore)
    assert training.progress.history == [
        {"iteration": 5, "first": 1.0, "second": pytest.approx(3)},
        {"iteration": 10, "first": 1.0, "second": pytest.approx(8)},
        {"iteration": 12, "first": 1.0, "second": pytest.approx(11.5)},
    ]


def test_the_caller_hears_at_the_end_of_each_interval() -> None:
    heard: list[int] = []
    run(Told(float)).advance(12, 5, lambda run: heard.append(run.progress.iteration))
    assert heard == [5, 10, 12]


@pytest.mark.parametrize(
    ("value", "said"),
    [(float("nan"), "nan"), (float("inf"), "inf"), (-float("inf"), "-inf"), (2 * EXPLODED, "200000000.0")],
)
def test_a_lost_loss_stops_the_run_and_its_first_place_is_kept(value: float, said: str) -> None:
    heard: list[bool] = []
    training = run(Told(lambda iteration: value if iteration in (7, 9) else 0.5))
    training.advance(100, 5, lambda run: heard.append(bool(run.progress.diverged)))
    assert training.progress.diverged == {"iteration": 7, "player": "second", "loss": said}
    assert training.progress.iteration == 10  # looked at once an interval
    assert training.progress.history == [{"iteration": 5, "first": 1.0, "second": 0.5}]
    assert heard == [False, True]


def test_a_large_loss_is_no_divergence_yet() -> None:
    training = run(Told(lambda iteration: 0.9 * EXPLODED))
    training.advance(5, 5, ignore)
    assert training.progress.diverged is None


def test_a_diverged_run_goes_no_further() -> None:
    training = run(Told(lambda iteration: float("nan")))
    training.advance(5, 5, ignore)
    training.advance(10, 5, ignore)
    assert training.progress.iteration == 5


def test_what_a_system_finishes_an_iteration_with_is_logged_beside_its_losses() -> None:
    class Finishing(Told):
        def finish(self, losses: dict[str, Tensor]) -> dict[str, Tensor]:
            return {"twice": 2 * losses["second"]}

    training = run(Finishing(float))
    training.advance(3, 3, ignore)
    assert training.progress.history == [{"iteration": 3, "first": 1.0, "second": 2.0, "twice": 4.0}]


def on_disk_and_back(state: dict[str, object]) -> Any:
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def same(one: Any, other: Any) -> bool:
    """Whether two states are equal to the bit."""
    if isinstance(one, Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(same(*pair) for pair in zip(one, other, strict=True))
    return bool(one == other)


def test_a_run_taken_up_again_ends_in_the_same_state() -> None:
    system = Learner()
    fresh = copy.deepcopy(system)
    straight = run(system)
    straight.advance(10, 5, ignore)
    kept = on_disk_and_back(straight.state())
    straight.advance(25, 5, ignore)

    resumed = run(fresh, seed=99)  # every draw must come from what was kept, but for the batches' order
    resumed.streams.seeds = straight.streams.seeds
    resumed.restore(kept)
    assert resumed.progress.iteration == 10
    assert not same(resumed.state(), straight.state())
    resumed.advance(25, 5, ignore)
    assert same(resumed.state(), straight.state())
    assert [entry["iteration"] for entry in resumed.progress.history] == [5, 10, 15, 20, 25]


@pytest.mark.parametrize("part", ["system", "optimisers", "streams"])
def test_every_part_of_the_state_matters(part: str) -> None:
    system = Learner()
    fresh = copy.deepcopy(system)
    straight = run(system)
    before = copy.deepcopy(straight.state())
    straight.advance(10, 5, ignore)
    kept = on_disk_and_back(straight.state())
    straight.advance(25, 5, ignore)
    resumed = run(fresh)
    kept[part] = before[part]
    resumed.restore(kept)
    resumed.advance(25, 5, ignore)
    assert not same(resumed.state()["system"], straight.state()["system"])
