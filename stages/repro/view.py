"""What a run of many stages shows: a line for each that ended and, on a terminal, one that renews itself below."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tqdm import tqdm

TAIL = 20  # lines of a failed stage that are shown; its log has all


class View:
    def __init__(self, logs: Path):
        self.logs = logs

    def start(self, changed: int, of: int) -> None:
        print(f"{changed} of {of} stages have changed or come after one that has", flush=True)
        shape = "{n_fmt} of {total_fmt} |{bar:20}| {desc}"
        self.bar = tqdm(total=changed, bar_format=shape, file=sys.stdout, disable=None, dynamic_ncols=True)
        self.ended, self.changed = 0, changed

    def now(self, began: Mapping[Any, float], to_go: float) -> None:
        running = [f"{stage.name} {time.monotonic() - start:.0f} s" for stage, start in list(began.items())]
        self.bar.set_description_str(f"{spoken(to_go)} to go, running {', '.join(running) or 'nothing'}")

    def done(self, stage: Any, how: str, to_go: float) -> None:
        said = words(self.logs, stage)[-1:] if how == "ran" else []
        self.line(f"{self.count()}, {spoken(to_go)} to go; {stage.name}: {said[0] if said else how}")

    def failed(self, stage: Any, error: BaseException) -> None:
        self.line(f"{self.count()}; {stage.name} FAILED: {error}")
        for said in words(self.logs, stage)[-TAIL:]:
            self.line(f"    {said}")

    def stopping(self) -> None:
        self.line("stopping what runs")

    def end(self) -> None:
        self.bar.close()

    def count(self) -> str:
        self.ended += 1
        self.bar.update()
        return f"{self.ended} of {self.changed}"

    def line(self, text: str) -> None:
        self.bar.write(text, file=sys.stdout)
        sys.stdout.flush()


def log_of(logs: Path, stage: Any) -> Path:
    """Where a stage's words go."""
    return logs / f"{stage.addressing.replace('/', '.').replace(':', '.')}.log"


def words(logs: Path, stage: Any) -> list[str]:
    """The lines that a stage said; of one that renewed itself, the last."""
    try:
        text = log_of(logs, stage).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return [line.split("\r")[-1] for line in text.split("\n") if line.strip()]


def spoken(seconds: float) -> str:
    return f"about {seconds:.0f} s" if seconds < 100 else f"about {seconds / 60:.0f} min"
