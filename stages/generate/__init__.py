"""Generate: a model in, arrays out. From here on no stage needs a model."""
