"""The rooms of the pipeline, a room a DVC stage, and the floor that they stand on.

    fetch ──► judge ──────────────┐
      │         ▲                 ▼
      └──► train ◄── generate ► evaluate ──► tabulate ──► render ──► reports/index.html

    floor: arrays, door, lab, params, record, schema, weights (no torch); pipeline writes every dvc.yaml from the rooms.

`likelihood` stands beside generate: the one measure that needs the model itself.
`study` stands by itself: what a paper shows without a trained row.
`repro` is no stage: it runs many of them at once.

Data flows left to right, through files. Only five imports join rooms: generate → train, likelihood → train,
evaluate → judge, study → judge and study → evaluate. tests/test_house.py holds them.
"""

import gc
import sys

if sys.argv[0] == "-m":  # so it is while Python looks for the program to run: a room, where door.enter ends this
    gc.disable()  # torch's thousands of modules are loaded, none is dropped, and looking for the dropped takes a while
