"""PAGAN's augmentation: where each pixel may come from, how far it may move, and whose chance it uses."""

import numpy as np
import pytest
import torch
from torch import Tensor

from stages.train.augmentation import padding, reflect_crop
from stages.train.streams import Streams


def coordinates(n: int, size: int) -> Tensor:
    """n images whose two channels are each pixel's own row and column."""
    row, column = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    return torch.stack([row, column]).float().expand(n, 2, size, size)


@pytest.mark.parametrize(("height", "pixels"), [(32, 3), (16, 1), (28, 2), (64, 6), (8, 0)])
def test_ten_percent_of_the_height_is_rounded_down(height: int, pixels: int) -> None:
    assert padding(height, 0.1) == pixels


@pytest.mark.parametrize("shape", [(5, 1, 16, 16), (2, 3, 32, 32), (1, 3, 16, 24)])
def test_the_shape_is_kept(shape: tuple[int, ...]) -> None:
    assert reflect_crop(torch.rand(shape), 3, Streams(0)).shape == shape


def test_without_padding_an_image_stays_as_it_is() -> None:
    x = coordinates(3, 16)
    assert reflect_crop(x, 0, Streams(0)) is x


def test_a_constant_image_stays_as_it_is() -> None:
    x = torch.full((64, 3, 32, 32), 0.3)
    assert torch.equal(reflect_crop(x, 3, Streams(0)), x)


@pytest.mark.parametrize(("pad", "size"), [(1, 16), (3, 32)])
def test_every_pixel_comes_from_at_most_pad_pixels_away(pad: int, size: int) -> None:
    x = coordinates(300, size)
    distance = (reflect_crop(x, pad, Streams(1)) - x).abs()
    assert distance.max() == pad


def test_images_are_cropped_from_the_mirrored_image_at_the_drawn_offsets() -> None:
    x = torch.rand(50, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    top, left = Streams(4).offsets(5, 2, 50).tolist()
    moved = reflect_crop(x, 2, Streams(4))
    for number in range(50):
        mirrored = np.pad(x[number].numpy(), ((0, 0), (2, 2), (2, 2)), mode="reflect")
        rows, columns = slice(top[number], top[number] + 8), slice(left[number], left[number] + 8)
        assert np.array_equal(moved[number].numpy(), mirrored[:, rows, columns])


def test_the_edge_is_not_repeated() -> None:
    rows = {tuple(image[0, :3, 0].tolist()) for image in reflect_crop(coordinates(200, 16), 1, Streams(0))}
    # Moved down by one, the row above the first is the second; `symmetric` padding would give 0, 0, 1.
    assert rows == {(1.0, 0.0, 1.0), (0.0, 1.0, 2.0), (1.0, 2.0, 3.0)}


def test_each_image_moves_by_its_own_offset_and_all_of_them_occur() -> None:
    n = 4900
    centre = reflect_crop(coordinates(n, 16), 3, Streams(0))[:, :, 8, 8] - 8
    moves, counts = np.unique(centre.int().numpy(), axis=0, return_counts=True)
    assert len(moves) == 49  # each of them, and among these (0, 0): one copy in 49 is the image itself
    assert counts.min() > 50  # 100 expected, spread 10
    assert counts.max() < 150


def test_a_draw_is_repeated_from_the_same_seed_and_not_from_the_same_stream() -> None:
    x = coordinates(32, 16)
    draw = Streams(0)
    first, second = reflect_crop(x, 1, draw), reflect_crop(x, 1, draw)
    assert torch.equal(first, reflect_crop(x, 1, Streams(0)))
    assert not torch.equal(first, second)


def test_augmenting_leaves_the_noise_alone() -> None:
    draw = Streams(0)
    reflect_crop(coordinates(32, 16), 1, draw)
    assert torch.equal(draw.normal(4, 8), Streams(0).normal(4, 8))
