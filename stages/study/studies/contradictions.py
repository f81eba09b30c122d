"""What is contradictory, wrong or open in the papers, in numbers: the entries of their ledgers, papers/<paper>.yaml.

An entry whose demonstration is `contradictions.<paper>.<entry>` is the function of that name in
stages/study/ledger/<paper>.py; others are facts of other studies.
"""

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import yaml

from stages import arrays, door
from stages.params import Count, Params
from stages.study.given import Given
from stages.study.ledger import age, alpha_gan, began, ijae, pagan

NEEDS = ("data", "papers", "suite")
LEDGERS = {"age": age, "alpha-gan": alpha_gan, "began": began, "ijae": ijae, "pagan": pagan}


@dataclass(frozen=True)
class Sizes:
    images: Count


def study(sizes: Sizes, data: Path, papers: Path, suite: Params) -> dict[str, Any]:
    read = {paper: yaml.safe_load((papers / f"{paper}.yaml").read_text(encoding="utf-8")) for paper in LEDGERS}
    images = np.array(arrays.load(data / "test" / "images.npy")[: sizes.images])
    given = Given(suite, {paper: told["printed"] for paper, told in read.items()}, images)
    return {
        paper: {
            entry["id"]: shown(paper, ledger, entry["id"], given)
            for entry in read[paper]["ledger"]
            if entry["demonstration"] == f"contradictions.{paper}.{entry['id']}"
        }
        for paper, ledger in LEDGERS.items()
    }


def shown(paper: str, ledger: ModuleType, entry: str, given: Given) -> dict[str, Any]:
    function = getattr(ledger, entry.replace("-", "_"), None)
    if function is None:
        file = ledger.__name__.replace(".", "/")
        raise door.UserError(
            f"papers/{paper}.yaml: {entry} has no demonstration; add {file}.py a function of that name"
        )
    return {
        "says": " ".join(function.__doc__.split()),
        "numbers": {label: plain(value) for label, value in function(given).items()},
    }


def plain(value: Any) -> Any:
    """As JSON has it."""
    return value.item() if isinstance(value, np.generic | np.ndarray) else value


def found(results: dict[str, Any]) -> str:
    return ", ".join(f"{len(entries)} of {paper}" for paper, entries in results.items()) + " are shown in numbers"
