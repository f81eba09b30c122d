"""The rooms of the pipeline, a room a DVC stage, and the floor that they stand on.

    fetch ──► judge ──────────────┐
      │         ▲                 ▼
      └──► train ◄── generate ► evaluate ──► tabulate ──► render ──► reports/index.html

    floor: arrays, door, params, record, schema, weights (no torch); pipeline writes every dvc.yaml from the rooms.

Data flows left to right, through files. Only two imports join rooms: generate → train and
evaluate → judge. tests/test_house.py holds both.
"""
