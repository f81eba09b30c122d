"""Networks that others trained: not a dataset, so it stands in a folder of its own."""
