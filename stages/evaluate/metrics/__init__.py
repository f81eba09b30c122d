"""One file a metric, found by listing this folder. A metric defines

    LABEL          the name in tables and claims
    BETTER         "lower" or "higher"
    NEEDS          the arrays that it looks at; a row without them goes without the metric
    JUDGED         whether its value depends on the judge
    measure(seen)  {"value": ..., and what else a reader should know}

and, beside these, the pure function of arrays that a test can hold to the paper.
"""
