"""A run's chance: one seed, streams that do not disturb one another, and batches that need no position."""

import pytest
import torch

from stages.train.streams import NAMES, Streams

EVEN = [0.25, 0.25, 0.25, 0.25]


def epoch(streams: Streams, number: int, size: int, images: int) -> list[int]:
    """Every image that the batches of one epoch show, in order."""
    batches = images // size
    shown = [streams.batch(number * batches + place, size, images) for place in range(batches)]
    return [int(image) for batch in shown for image in batch]


def test_the_same_seed_gives_the_same_draws_and_another_seed_others() -> None:
    assert torch.equal(Streams(3).normal(100), Streams(3).normal(100))
    assert not torch.equal(Streams(3).normal(100), Streams(4).normal(100))
    assert torch.equal(Streams(3).offsets(7, 100), Streams(3).offsets(7, 100))
    assert not torch.equal(Streams(3).offsets(7, 100), Streams(4).offsets(7, 100))
    assert torch.equal(Streams(3).uniform(100), Streams(3).uniform(100))
    assert not torch.equal(Streams(3).uniform(100), Streams(4).uniform(100))
    assert torch.equal(Streams(3).choices(EVEN, 100), Streams(3).choices(EVEN, 100))
    assert not torch.equal(Streams(3).choices(EVEN, 100), Streams(4).choices(EVEN, 100))


def test_every_stream_of_every_seed_starts_elsewhere() -> None:
    words = [Streams(seed).seeds[name] for seed in range(50) for name in NAMES]
    assert len(set(words)) == 50 * len(NAMES)
    assert all(0 <= word < 2**63 for word in words)


def test_the_global_chance_is_neither_used_nor_moved() -> None:
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    drawn = Streams(0).normal(10)
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(Streams(0).normal(10), drawn)


def test_augmentation_and_noise_do_not_disturb_each_other() -> None:
    one, other = Streams(0), Streams(0)
    one.offsets(7, 1000)
    assert torch.equal(one.normal(10), other.normal(10))
    one, other = Streams(0), Streams(0)
    one.normal(1000)
    assert torch.equal(one.offsets(7, 10), other.offsets(7, 10))


def test_uniform_draws_are_noise_and_choices_are_augmentation() -> None:
    one, other = Streams(0), Streams(0)
    one.uniform(1000)
    assert torch.equal(one.choices(EVEN, 10), other.choices(EVEN, 10))
    assert not torch.equal(one.normal(10), other.normal(10))
    one, other = Streams(0), Streams(0)
    one.choices(EVEN, 1000)
    assert torch.equal(one.uniform(10), other.uniform(10))
    assert not torch.equal(one.offsets(7, 100), other.offsets(7, 100))


def test_uniform_draws_fill_the_range_from_0_to_1_evenly() -> None:
    draws = Streams(0).uniform(100, 1000)
    assert draws.shape == (100, 1000)
    assert 0 <= float(draws.min()) < 0.001
    assert 0.999 < float(draws.max()) < 1
    counts = torch.histc(draws, bins=10, min=0, max=1)
    assert counts.min() > 9_600  # 10,000 expected, spread 95
    assert counts.max() < 10_400


def test_choices_come_with_their_probabilities() -> None:
    drawn = Streams(0).choices([0.1, 0.0, 0.6, 0.3], 10_000)
    assert drawn.shape == (10_000,)
    assert drawn.dtype == torch.int64
    counts = torch.bincount(drawn, minlength=4).tolist()
    assert counts == pytest.approx([1000, 0, 6000, 3000], abs=200)  # spreads of 30 to 49
    assert counts[1] == 0


def test_normal_draws_have_mean_0_and_variance_1() -> None:
    draws = Streams(0).normal(100, 1000)
    assert draws.shape == (100, 1000)
    assert float(draws.mean()) == pytest.approx(0, abs=0.02)
    assert float(draws.var()) == pytest.approx(1, abs=0.02)


def test_offsets_are_uniform_below_their_bound() -> None:
    counts = torch.bincount(Streams(0).offsets(5, 2, 5000).flatten())
    assert len(counts) == 5
    assert counts.min() > 1800  # 2,000 expected, spread 40
    assert counts.max() < 2200


@pytest.mark.parametrize("number", [0, 1, 7])
def test_an_epoch_shows_every_image_once(number: int) -> None:
    assert sorted(epoch(Streams(0), number, 4, 20)) == list(range(20))


def test_epochs_and_seeds_have_orders_of_their_own() -> None:
    orders = [epoch(Streams(seed), number, 4, 20) for seed in (0, 1) for number in (0, 1, 2)]
    assert len({tuple(order) for order in orders}) == 6


def test_a_last_partial_batch_is_dropped() -> None:
    shown = epoch(Streams(0), 0, 6, 20)
    assert len(shown) == len(set(shown)) == 18
    third, fourth = Streams(0).batch(2, 6, 20), Streams(0).batch(3, 6, 20)
    assert len(third) == len(fourth) == 6  # the fourth opens the next epoch
    assert sorted([*fourth.tolist(), *Streams(0).batch(4, 6, 20).tolist(), *Streams(0).batch(5, 6, 20).tolist()]) == (
        sorted(set(epoch(Streams(0), 1, 6, 20)))
    )


def test_a_batch_depends_on_its_number_alone() -> None:
    straight = Streams(0)
    shown = [straight.batch(number, 4, 20) for number in range(12)]
    other = Streams(0)
    other.normal(5)
    for number in (11, 3, 3, 0):
        assert torch.equal(other.batch(number, 4, 20), shown[number])


def test_a_batch_larger_than_the_set_is_the_set() -> None:
    assert sorted(Streams(0).batch(5, 64, 10).tolist()) == list(range(10))


def test_streams_go_on_where_they_were_kept() -> None:
    streams = Streams(0)
    streams.normal(10)
    streams.offsets(7, 10)
    kept = streams.state()
    expected = streams.normal(10), streams.offsets(7, 10)
    fresh = Streams(1)
    fresh.restore(kept)
    assert torch.equal(fresh.normal(10), expected[0])
    assert torch.equal(fresh.offsets(7, 10), expected[1])
