"""One file a network, with the recipe that teaches it; found by its name under `classifiers` in params.yaml. It defines

    Network(channels, size, classes, knobs)  of images [n, c, h, w] in [-1, 1], at test time as they are: features and
                                             logits, [n, features] and [n, classes]; `.features` counts the former
    steps(batches, knobs)                    how many to train for, if the training set makes so many batches
    optimiser(parameters, knobs)
    schedule(optimiser, steps)               the rate from step to step
    augment(x, generator)                    what a batch looks like in training

`knobs` are the network's own. The loop is in stages/judge/training.py.
"""
