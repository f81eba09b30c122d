"""Rows without a model, a file each: what they give needs only the dataset."""
