"""Judge: the classifiers in whose eyes images are scored. `evaluate` loads them; nothing else does."""
