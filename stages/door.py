"""What every room's door has in common: arguments in, one line out, and errors that a user can mend.

A UserError ends a stage with one line and exit code 2. Anything else is ours to mend, and keeps its traceback.
"""

import argparse
import atexit
import gc
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path


class UserError(ValueError):
    """Something in the user's hands is wrong; the message names it, what was found, and the mend."""


def parser(module: str, description: str | None) -> argparse.ArgumentParser:
    """An argument parser named as the room is run, with the --params that every room takes."""
    made = argparse.ArgumentParser(
        prog=f"python -m {module}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--params", type=Path, default=Path("params.yaml"), help="default: params.yaml")
    return made


def seed(text: str) -> int:
    """A whole number from 0, for argparse."""
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no seed; give a whole number of at least 0")
    return int(text)


def count(text: str) -> int:
    """A whole number from 1, for argparse."""
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no count; give a whole number of at least 1")
    return int(text)


def say(line: str) -> None:
    """The one line in which a stage tells what it made; and a long one, how far it is."""
    print(line, flush=True)


class Progress:
    """How far long work is and how long it will take: a line that renews itself on a terminal, else one every 15 s."""

    def __init__(self, name: str, total: int, start: int = 0, unit: str = "iteration"):
        self.name, self.total, self.start, self.unit = name, total, start, unit
        self.began = self.said = time.monotonic()

    def reached(self, done: int) -> None:
        now, terminal = time.monotonic(), sys.stdout.isatty()
        if now - self.said < (0.5 if terminal else 15) and done < self.total:
            return
        left = (self.total - done) * (now - self.began) / max(done - self.start, 1)
        line = f"{self.name}: {self.unit} {done:,} of {self.total:,}, about {left:.0f} s to go"
        if terminal:
            print(f"\r{line}\033[K", end="\n" if done == self.total else "", flush=True)
        elif done < self.total:
            say(line)
        self.said = now


def environment_number(name: str, otherwise: float) -> float:
    """A number from the environment: for what may change speed or talk, never a result."""
    text = os.environ.get(name, "")
    try:
        return float(text) if text else otherwise
    except ValueError:
        raise UserError(f"environment: {name} is {text!r}; give a number or leave it out") from None


def environment_device(cuda: bool) -> str:
    """Where to compute, cpu or cuda: as SUITE_DEVICE says, else on cuda where the machine has it."""
    wanted = os.environ.get("SUITE_DEVICE") or ("cuda" if cuda else "cpu")
    if wanted not in ("cpu", "cuda"):
        raise UserError(f"environment: SUITE_DEVICE is {wanted!r}; choose cpu or cuda")
    if wanted == "cuda" and not cuda:
        raise UserError("environment: SUITE_DEVICE is 'cuda', but torch sees no such device; choose cpu")
    return wanted


def enter(main: Callable[[Sequence[str] | None], None]) -> None:
    """Run a door's main as the program: exit 2 and one line where the user can mend it."""
    gc.enable()
    try:
        main(None)
    except UserError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        print("stopped; the next run continues from the last checkpoint", file=sys.stderr)
        raise SystemExit(130) from None
    leave()


def leave() -> None:
    """End the program at once. A process that has loaded torch spends a quarter of its start-up on tidying away."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)
