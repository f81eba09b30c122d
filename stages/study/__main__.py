"""Run one study: what a paper shows without a trained row, at full scale, into a JSON file of results.

    python -m stages.study --name ijae-figure1 --out studies/ijae-figure1.json \\
        --provenance studies/provenance/ijae-figure1.json
    python -m stages.study --name pagan-figure3 --data data/digits --judge judges/digits \\
        --out studies/pagan-figure3.json
    python -m stages.study --name contradictions --data data/digits --papers papers --out studies/contradictions.json
"""

from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from stages import door, params, record, schema

FOLDERS = {"data": "a folder that fetch made", "judge": "a folder that judge made", "papers": "the folder papers"}


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.study", __doc__)
    parser.add_argument("--name", required=True, help="a file of stages/study/studies, with - for _")
    parser.add_argument("--data", type=Path, help="folder that fetch made, for a study that needs images")
    parser.add_argument("--judge", type=Path, help="folder that judge made, for a study that needs a judge")
    parser.add_argument("--papers", type=Path, help="folder of the papers' YAML, for a study of what they print")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write: the results")
    parser.add_argument("--provenance", type=Path, help="JSON file to write: where the results came from")
    args = parser.parse_args(argv)

    suite = params.load(args.params)
    name = params.known(args.name, params.studies(), "--name")
    study = import_module(f"stages.study.studies.{name.replace('-', '_')}")
    where = f"{args.params}: profiles.{suite.profile}.studies.{name}"
    sizes = schema.value_of(study.Sizes, suite.sizes.studies[name], where)
    folders = {need: getattr(args, need) for need in FOLDERS if need in study.NEEDS}
    for need, path in folders.items():
        if path is None:
            raise door.UserError(f"--{need} is missing: {name} needs {FOLDERS[need]}")
    provenance = record.Provenance("study", asdict(sizes), f"dvc repro study-{name}")
    if "judge" in study.NEEDS:
        import torch

        torch.set_num_threads(suite.sizes.threads)
    knobs = {"suite": suite} if "suite" in study.NEEDS else {}
    results = study.study(sizes, **folders, **knobs)
    record.write(args.out, results)
    if args.provenance:
        provenance.write(args.provenance)
    door.say(f"{args.out}: {study.found(results)}")


if __name__ == "__main__":
    door.enter(main)
