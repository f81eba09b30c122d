"""One file a metric, found by listing this folder. A metric defines

    LABEL          the name in tables and claims; FID is Inception's, FID-own what a classifier trained here gives
    BETTER         "lower" or "higher"
    NEEDS          the arrays that it looks at; a row without them goes without the metric
    JUDGED         whether its value depends on the judge: then it is measured once for each
    measure(seen)  {"value": ..., and what else a reader should know}; NotComputed with the reason where what it needs
                   is not there, TooFew for a set too small, UserError for what is wrong

and, beside these, the pure function of arrays that a test can hold to the paper.
"""
