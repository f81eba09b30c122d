"""Where a stage's command may run: here, on a SLURM cluster, on a Ray cluster. One interface, in contract.py."""
