"""Tabulate: every run's numbers beside the papers' in, tables and verdicts out. Reads files only."""
