"""Runs many stages at once: `python -m stages.repro --jobs 4`. No stage of the pipeline itself."""
