"""Likelihood: a model and test images in, their log-likelihood out; the one measure that needs the model itself."""
