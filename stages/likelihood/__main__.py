"""Estimate the log-likelihood of test images under one row's model, by annealed importance sampling.

    python -m stages.likelihood --row vae --seed 0 --data data/digits --model runs/vae/0/model \\
        --out runs/vae/0/likelihood.json --provenance runs/vae/0/provenance/likelihood.json

The protocol is that of Wu et al. 2017, "On the Quantitative Analysis of Decoder-Based Generative Models", and of its
public code, by which AGE (sec. 3.1) gives numbers of MNIST: h ~ N(0, I), images (bytes + U(0, 1)) / 256,
x ~ N(g(h), σ² I), in nats an image. Test images are shuffled; σ² is the best of a grid for the first half, the number
is of the second. A prior on the sphere is h / |h|. Each run checks itself on a linear model whose likelihood is known,
and on images that the model made, whose likelihood it bounds from both sides.

A row that `likelihood.rows` in params.yaml leaves out gets a file without a number. The environment may set
SUITE_DEVICE (cpu, cuda; default: cuda if there is one).
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stages import door, params, record


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.likelihood", __doc__)
    parser.add_argument("--row", required=True, help="a key of `rows` in params.yaml")
    parser.add_argument("--seed", type=door.seed, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder that fetch made; its test images are used")
    parser.add_argument("--model", type=Path, required=True, help="folder that train made")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write: number, checks and protocol")
    parser.add_argument("--provenance", type=Path, help="JSON file to write: where the number came from")
    args = parser.parse_args(argv)

    suite = params.load(args.params)
    if suite.row(args.row).system in params.modelfree_systems():
        raise door.UserError(f"--row is {args.row!r}, which has no model and so no likelihood; choose another")
    settings = suite.sizes.likelihood
    again = f"dvc repro {suite.stage('likelihood', args.row, args.seed)}"
    provenance = record.Provenance("likelihood", asdict(settings), again)
    told: dict[str, Any] = {"row": args.row, "seed": args.seed, "profile": suite.profile, "metrics": {}}
    where = {}
    if args.row in settings.rows:
        import torch  # which takes longer than all else for a row without a number

        from stages.likelihood.estimating import of_model

        where["device"] = door.environment_device(torch.cuda.is_available())
        told |= of_model(suite, args.row, args.seed, args.data, args.model, where["device"])
    else:
        told["status"] = "not asked for"
    record.write(args.out, told)
    if args.provenance:
        provenance.write(args.provenance, seed=args.seed, **where)
    door.say(f"{args.out}: {outcome(told)}")


def outcome(told: dict[str, Any]) -> str:
    if told["status"] != "estimated":
        reasons = {
            "diverged": "the training diverged",
            "not asked for": "likelihood.rows in params.yaml has other rows",
        }
        return f"no number, because {reasons[told['status']]}"
    (found,), checks = told["metrics"].values(), told["checks"]
    line = f"{found['value']:.1f} ± {found['standard_error']:.1f} nats an image, variance {found['variance']:g}"
    line += f"; {checks['linear']['error']:+.2g} nats off on a linear model"
    return line + "; the variance is at an end of its grid: widen it" * told["protocol"]["variance_at_the_grid_s_end"]


if __name__ == "__main__":
    door.enter(main)
