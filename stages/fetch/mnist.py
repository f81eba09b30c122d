"""MNIST: 70,000 handwritten digits, 28 x 28, grey. PAGAN pads them to 32 x 32, which convolutions halve evenly."""

from stages.fetch.sources.dataset import Dataset
from stages.fetch.sources.mnist_files import LICENCE, ORIGIN, padded

DATASET = Dataset(
    title="MNIST",
    licence=LICENCE,
    origin=ORIGIN,
    sizes=(28, 32),
    prepare=padded,
    preprocessing="28x28 as published, then zeros on all sides to {size}x{size}",
)
