"""One file a study, found by its name, with _ for its hyphens. A study defines

    NEEDS           which folders it reads: "data" (that fetch made), "judge" (that judge made)
    Sizes           what `profiles.<profile>.studies.<name>` in params.yaml says: how much work it is
    study(sizes)    its results, as plain data; the folders that it NEEDS come by keyword
    found(results)  the same in a line

Chance comes from a seed of the study's own, so that the same sizes and folders give the same results.
"""
