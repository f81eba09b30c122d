"""Three grey images as the red, green and blue of one: 1,000 kinds of picture, each nameable, to count modes with.

ColorMNIST of "Unrolled generative adversarial networks" (Metz et al. 2017), which the papers of this suite name.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from stages.fetch.sources.dataset import Item, Split, Splits

SEED = 0
CLASSES = 1000
LABELS = "100 red + 10 green + blue, by the digit in each channel"
PREPROCESSING = (
    f"three of the split's images drawn independently, with replacement, as red, green, blue; seed {SEED};"
    " components.npy holds which"
)


def stacked(splits: Splits, counts: Mapping[str, int]) -> Splits:
    """`counts` pictures of each split; `components` are the places of their three images in the order of the source."""
    return {
        split: stack(splits[split], count, np.random.default_rng([SEED, number]))
        for number, (split, count) in enumerate(counts.items())
    }


def stack(split: Split, count: int, draw: np.random.Generator) -> Split:
    grey = list(split.items)
    components = draw.integers(len(grey), size=(count, 3))

    def items() -> Iterator[Item]:
        for number, chosen in enumerate(components.tolist()):
            red, green, blue = (grey[one] for one in chosen)
            pixels = np.concatenate([red.pixels, green.pixels, blue.pixels], axis=2)
            yield Item(pixels, 100 * red.label + 10 * green.label + blue.label, f"picture {number}")

    return Split(count, items(), {"components": components})
