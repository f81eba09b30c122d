"""Train: a row, a seed and a dataset in, weights out. `generate` loads them with the system that made them."""
