"""What shows each entry of a paper's ledger: a file a paper, a function an entry, which is named as the entry is.

The first sentence of its docstring is what the page says of the numbers that it gives.
"""
