"""Fetch: a source of images in, arrays and a card out. One file a dataset, found by its name."""
