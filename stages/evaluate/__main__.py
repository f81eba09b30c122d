"""Score arrays: images and judges in, numbers out. Reads no model.

    python -m stages.evaluate --generated runs/pagan/0/generated --data data/digits --judge judges/digits \\
        --out runs/pagan/0/metrics.json --provenance runs/pagan/0/provenance/evaluate.json

Anyone's arrays, uint8 [n, height, width, channels] in samples.npy, or in originals.npy and reconstructions.npy:

    python -m stages.evaluate --generated DIR --judge DIR --reference FILE.npy --metrics fid,kid,is,rid --out FILE

Without --metrics, every metric whose arrays are there. What a judge saw in a large set is kept: the environment may set
SUITE_CACHE and SUITE_CACHE_GB (stages/evaluate/kept.py), and SUITE_DEVICE (cpu, cuda).
"""

from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from stages import door, params, record
from stages.door import UserError
from stages.evaluate.enough import TooFew
from stages.evaluate.seen import IMAGES, Seen
from stages.judge import opened
from stages.judge.absent import NotComputed
from stages.judge.opened import Judge


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.evaluate", __doc__)
    parser.add_argument("--generated", type=Path, required=True, help="folder of arrays, such as generate makes")
    parser.add_argument("--data", type=Path, help="folder that fetch made: its training images are the reference")
    parser.add_argument("--reference", type=Path, help="what samples are compared with: a .npy file, or its folder")
    parser.add_argument("--originals", type=Path, help="a .npy file, what reconstructions are compared with")
    parser.add_argument("--judge", type=Path, action="append", default=[], help="folder of a judge; may be repeated")
    parser.add_argument("--lpips", type=Path, help="folder of the network on which LPIPS stands")
    parser.add_argument("--metrics", help="such as fid,kid,is,rid; default: all whose arrays are there")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write: every metric and its protocol")
    parser.add_argument("--provenance", type=Path, help="JSON file to write: where the numbers came from")
    args = parser.parse_args(argv)

    suite = params.load(args.params)
    settings = suite.sizes.evaluate
    card = record.read(args.generated / "card.json") if (args.generated / "card.json").is_file() else {}
    data = record.read(args.data / "card.json") if args.data else None
    again = "python -m stages.evaluate"
    if data and "row" in card:
        again = f"dvc repro {suite.stage('evaluate', card['row'], card['seed'])}"
    provenance = record.Provenance("evaluate", asdict(settings), again)
    torch.set_num_threads(suite.sizes.threads)

    diverged = card.get("status") == "diverged"
    metrics = chosen(args.metrics)
    judges = judging([opened.load(folder) for folder in args.judge], data, suite)
    seen = Seen(paths(args.generated, args.data, args.reference, args.originals), settings, None, card, args.lpips)
    if not diverged:
        check(seen, metrics if args.metrics else {}, judges, args.generated)
    measured, not_computed = ({}, {}) if diverged else score(seen, judges, metrics, bool(data and not args.metrics))
    record.write(
        args.out,
        {
            "row": card.get("row"),
            "seed": card.get("seed"),
            "dataset": data["name"] if data else None,
            "stand_in": data["stand_in"] if data else None,
            "profile": suite.profile,
            "status": "diverged" if diverged else "scored",
            "diverged": card.get("diverged"),
            "metrics": measured,
            "not_computed": not_computed,
            "protocol": {
                "judges": {judge.name: facts(judge) for judge in judges if judge.card["weights_sha256"]},
                "dataset": f"{data['title']} ({data['preprocessing']})" if data else None,
                "reference": str(args.reference) if args.reference else "training images" if data else None,
                "settings": asdict(settings),
                "libraries": record.library_versions(),
            },
        },
    )
    if args.provenance:
        provenance.write(args.provenance, seed=card.get("seed"))
    told = [f"{name} {one['value']:.4g}" for name, one in measured.items()]
    told += [f"{name} not computed: {reason}" for name, reason in not_computed.items()]
    nothing = "no number, because the training diverged" if diverged else "no number: no metric has all its arrays"
    door.say(f"{args.out}: {'; '.join(told) or nothing}")


def chosen(names: str | None) -> dict[str, Any]:
    """{name: module} of the metrics asked for, by file or by label; without names, of all."""
    every = {name: import_module(f"stages.evaluate.metrics.{name}") for name in params.files_in("evaluate", "metrics")}
    if names is None:
        return every
    known = every | {metric.LABEL.lower(): metric for metric in every.values()}
    return {name: known[params.known(name, known, "--metrics: a name")] for name in names.lower().split(",")}


def judging(judges: list[Judge], data: dict[str, Any] | None, suite: params.Params) -> list[Judge]:
    """Those that are to judge: no dataset's own judge another's images, no published one what it is not listed for."""
    for judge in judges:
        trained_on = judge.card["dataset"]
        if data and judge.card["kind"] != "published" and trained_on != data["name"]:
            wanted = data["name"]
            raise UserError(f"--judge learned from {trained_on}, --data holds {wanted}; give the judge of {wanted}")
    if data and data["name"] in suite.datasets:
        listed = suite.datasets[data["name"]].judges
        judges = [judge for judge in judges if judge.card["kind"] != "published" or judge.card["network"] in listed]
    suffixes = [judge.suffix for judge in judges]
    if len(set(suffixes)) < len(suffixes):
        names = " and ".join(judge.name for judge in judges)
        raise UserError(f"--judge: the numbers of {names} would have the same names; score with one at a time")
    return judges


def facts(judge: Judge) -> dict[str, Any]:
    """What every number of this judge depends on."""
    return {
        "sha256": judge.card["weights_sha256"],
        "kind": judge.card["kind"],
        "network": judge.card["network"],
        "accuracy": judge.card["test_accuracy"],
        "features": judge.card["features"],
    }


def paths(generated: Path, data: Path | None, reference: Path | None, originals: Path | None) -> dict[str, Path]:
    """Where each array lies, by name; what is given by itself goes before what a folder holds."""
    found = {path.stem: path for path in generated.glob("*.npy")}
    if data:
        found |= {"reference": data / "train" / "images.npy", "test": data / "test" / "images.npy"}
    for option, path in (("reference", reference), ("originals", originals)):
        if path:
            found[option] = path / "images.npy" if path.is_dir() else path
            if not found[option].is_file():
                raise UserError(f"--{option} is {path}, and there is no file {found[option]}; give a .npy file")
    return found


def check(seen: Seen, asked: dict[str, Any], judges: list[Judge], generated: Path) -> None:
    """That what was asked for can be had, and that all images are of one shape: before anything is computed."""
    if not generated.is_dir():
        raise UserError(f"{generated} is no folder; give one of arrays, such as samples.npy")
    if not any(seen.has(name) for name in ("samples", "reconstructions")):
        raise UserError(f"{generated} holds neither samples.npy nor reconstructions.npy; give another --generated")
    for name, metric in asked.items():
        for needed in metric.NEEDS:
            if not seen.has(needed):
                where = seen.paths.get(needed, f"{generated / needed}.npy")
                mend = "give --reference" if needed == "reference" else "add it"
                raise UserError(f"--metrics asks for {name}, which needs {needed}: {where} is missing; {mend}")
        if metric.JUDGED and not judges:
            listed = "give a --judge (with --data, one that `datasets` in params.yaml lists for it)"
            raise UserError(f"--metrics asks for {name}, which needs a judge; {listed}")
    if seen.has("originals") and seen.has("reconstructions"):
        one, other = (len(seen.images(name)) for name in ("originals", "reconstructions"))
        if one != other:
            raise UserError(f"there are {one} originals and {other} reconstructions; give pairs")
    there = [name for name in IMAGES if seen.has(name)]
    for name in there[1:]:
        first, shape = (list(seen.images(which).shape[1:]) for which in (there[0], name))
        if first != shape:
            raise UserError(f"{there[0]} are images of {first}, {name} of {shape}; give images of one shape")


def score(
    seen: Seen, judges: list[Judge], metrics: dict[str, Any], lenient: bool
) -> tuple[dict[str, Any], dict[str, str]]:
    """({label: numbers}, {label: why not computed}) of each metric whose arrays are there, once for each judge.

    `lenient`: a set too small for a metric leaves that metric out and says so.
    """
    measured: dict[str, Any] = {}
    not_computed: dict[str, str] = {}
    for judge in [None, *judges]:
        view = seen.through(judge)
        for metric in metrics.values():
            if (judge is not None) != metric.JUDGED or not all(seen.has(needed) for needed in metric.NEEDS):
                continue
            label = f"{metric.LABEL}{judge.suffix if judge else ''}"
            try:
                told = metric.measure(view)
            except NotComputed as reason:
                not_computed[label] = str(reason)
            except TooFew as reason:
                if not lenient:
                    raise
                not_computed[label] = str(reason)
            else:
                measured[label] = {"better": metric.BETTER, "judge": judge.name if judge else None} | told
    return measured, not_computed


if __name__ == "__main__":
    door.enter(main)
