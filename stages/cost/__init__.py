"""What training costs: rows timed in alternation, on the machine that runs the pipeline."""
