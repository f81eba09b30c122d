"""How long each stage's command took when it last ran, and DVC's own work on a stage: for the order of stages and for
what is said about the end.

Kept in .dvc/tmp, which git ignores. What never ran under `stages.repro` is looked up in its provenance, if it has one;
what is known nowhere is taken to last as long as the median of its kind.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

from stages import record

START = 3.0  # seconds of a stage before the clock of its provenance starts: Python, torch, the reading of params.yaml
GUESS, TURN = 5.0, 1.0  # seconds of a stage and of DVC's work on it, where none was ever timed


class Times:
    def __init__(self, path: Path):
        self.path = path
        self.seconds: dict[str, float] = {}
        self.turn = TURN
        with suppress(FileNotFoundError, json.JSONDecodeError):  # a lost file of times is no reason not to run
            kept = json.loads(path.read_text(encoding="utf-8"))
            self.seconds, self.turn = kept["stages"], kept["turn"]

    def took(self, name: str, seconds: float) -> None:
        self.seconds[name] = round(seconds, 2)

    def keep(self) -> None:
        record.write(self.path, {"stages": self.seconds, "turn": round(self.turn, 2)})

    def of(self, stages: Iterable[Any]) -> dict[Any, float]:
        """Of DVC's stages: seconds that were recorded, else those of the stage's kind."""
        known: dict[Any, float] = {}
        unknown = []
        for stage in stages:
            seconds = self.seconds.get(stage.addressing) or in_provenance(stage)
            if seconds is None:
                unknown.append(stage)
            else:
                known[stage] = seconds
        return known | {stage: guess(kind(stage), known) for stage in unknown}


def guess(wanted: str, known: Mapping[Any, float]) -> float:
    same = [seconds for stage, seconds in known.items() if kind(stage) == wanted]
    return median(same or known.values() or [GUESS])


def kind(stage: Any) -> str:
    """train, of train-pagan@pagan-0."""
    return str(stage.name).split("@")[0].split("-")[0]


def in_provenance(stage: Any) -> float | None:
    for out in stage.outs:
        path = Path(out.fs_path)
        if path.suffix == ".json" and "provenance" in path.parts:
            with suppress(OSError, ValueError, KeyError):
                return START + float(json.loads(path.read_text(encoding="utf-8"))["wall_seconds"])
    return None
