"""Score one run: arrays and a judge in, numbers out. Reads no model.

    python -m stages.evaluate --generated runs/pagan/0/generated --data data/digits --judge judges/digits \\
        --out runs/pagan/0/metrics.json --provenance runs/pagan/0/provenance/evaluate.json
"""

from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from stages import door, params, record
from stages.evaluate.seen import Seen
from stages.judge.classifier import Classifier


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.evaluate", __doc__)
    parser.add_argument("--generated", type=Path, required=True, help="folder of arrays that generate wrote")
    parser.add_argument("--data", type=Path, required=True, help="folder that fetch made: the reference images")
    parser.add_argument("--judge", type=Path, required=True, help="folder that judge made")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write: every metric and its protocol")
    parser.add_argument("--provenance", type=Path, help="JSON file to write: where the numbers came from")
    args = parser.parse_args(argv)

    suite = params.load(args.params)
    card = record.read(args.generated / "card.json")
    data = record.read(args.data / "card.json")
    settings = suite.sizes.evaluate
    provenance = record.Provenance(
        "evaluate", asdict(settings), f"dvc repro {suite.stage('evaluate', card['row'], card['seed'])}"
    )
    torch.set_num_threads(suite.sizes.threads)

    judge = Classifier.load(args.judge)
    if judge.card["dataset"] != data["name"]:
        found, wanted = judge.card["dataset"], data["name"]
        raise door.UserError(f"--judge learned from {found}, --data holds {wanted}; give the judge of {wanted}")
    paths = {name: args.generated / f"{name}.npy" for name in ("samples", "originals", "reconstructions")}
    paths["reference"] = args.data / "train" / "images.npy"
    metrics = {} if card["status"] == "diverged" else score(Seen(paths, judge, settings))
    record.write(
        args.out,
        {
            "row": card["row"],
            "seed": card["seed"],
            "dataset": data["name"],
            "stand_in": data["stand_in"],
            "profile": suite.profile,
            "status": "diverged" if card["status"] == "diverged" else "scored",
            "diverged": card.get("diverged"),
            "metrics": metrics,
            "protocol": {
                "judge": judge.name,
                "judge_sha256": judge.card["weights_sha256"],
                "judge_accuracy": judge.card["test_accuracy"],
                "dataset": f"{data['title']} ({data['preprocessing']})",
                "settings": asdict(settings),
                "libraries": record.library_versions(),
            },
        },
    )
    if args.provenance:
        provenance.write(args.provenance, seed=card["seed"])
    numbers = ", ".join(f"{name} {told['value']:.4g}" for name, told in metrics.items())
    door.say(f"{args.out}: {numbers or 'no number, because the training diverged'}")


def score(seen: Seen) -> dict[str, Any]:
    """Every metric whose arrays are there."""
    metrics = {}
    for name in params.files_in("evaluate", "metrics"):
        metric = import_module(f"stages.evaluate.metrics.{name}")
        if all(seen.has(needed) for needed in metric.NEEDS):
            told = metric.measure(seen)
            judge = seen.judge.name if metric.JUDGED else None
            metrics[metric.LABEL] = told | {"better": metric.BETTER, "judge": judge}
    return metrics


if __name__ == "__main__":
    door.enter(main)
