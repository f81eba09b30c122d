"""Write dvc.yaml from the rooms: `python -m stages.pipeline`, after adding a system, study or page.

DVC's templates cannot tell a row's system, nor whether it has a model. So each kind of stage is a few lines here, and
which rows and seeds run stays in params.yaml, where `dvc exp run -S` can change it.

The stages of each system have a file of their own, pipeline/<system>/dvc.yaml, and so a dvc.lock of their own: DVC
reads and writes the whole lock after every stage, which with all rows in one took longer than many a training.
tests/test_pipeline.py compares the files with what this module would write.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from stages import door, params, record

ROOT = Path(__file__).parent.parent
MAIN = "${use[0]}"  # the main dataset
LPIPS = "lpips-alex"  # the trunk that λ-IJAE's LPIPS is taken to stand on
# What a study may show of params.yaml. Not `lambda`, which is turned by itself and in whose place stands the paper's.
KNOBS = ["classifiers", "datasets", "profiles.paper.evaluate", "profiles.paper.generate", "rows", "systems"]
RUN = "runs/${item.row}/${item.seed}"
# For `stages.repro`: kinds of stages that are faster on a GPU, and those that stay where the run was started, because
# they read the network or files that git ignores, or are over at once.
LABELS = {
    "gpu": ("judge", "train", "generate", "evaluate", "likelihood", "cost"),
    "here": ("code", "fetch", "published"),
}
HEADER = """\
# Written by `make pipeline` (stages/pipeline.py) from the rooms in stages/ and the suite in params.yaml.
# Change those; a test compares. Which rows and seeds run is read from params.yaml each time.
"""


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.pipeline", __doc__)
    parser.add_argument("--out", type=Path, default=Path("."), help="folder of the project (default: this one)")
    args = parser.parse_args(argv)
    files = render(params.load(args.params))
    for name, text in files.items():
        with record.new_file(args.out / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    door.say(f"dvc.yaml and {len(files) - 1} files in pipeline/: written")


def render(suite: params.Params) -> dict[str, str]:
    """{path from the root: text} of every dvc.yaml."""

    def text(content: dict[str, Any]) -> str:
        content = content | {"stages": {name: labelled(name, stage) for name, stage in content["stages"].items()}}
        return HEADER + yaml.dump(content, Dumper=Plain, sort_keys=False, width=1000, allow_unicode=True)

    return {"dvc.yaml": text(frame(suite))} | {name: text(content) for name, content in of_systems(suite).items()}


def labelled(name: str, stage: dict[str, Any]) -> dict[str, Any]:
    """With the labels of its kind, which are no part of what DVC compares."""
    meta = {label: True for label, kinds in LABELS.items() if name.split("-")[0] in kinds}
    return stage | ({"meta": meta} if meta else {})


class Plain(yaml.SafeDumper):
    """Writes shared lists out, where YAML's anchors would send a reader looking."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def of_systems(suite: params.Params) -> dict[str, dict[str, Any]]:
    """The files that hold what each row needs; paths in them are from the root, as in the main one."""
    files: dict[str, dict[str, Any]] = {}
    for key in suite.suite:
        system, _, dataset = key.partition("-")
        of = of_suite(key, system, suite)
        add(files, system, row_stages(of, system, dataset or MAIN))
        if key in estimated(suite):
            add(files, system, likelihood(of, system, dataset or MAIN))
    for name, sweep in suite.sweeps.items():
        row = suite.rows[sweep.rows[0]]
        add(files, row.system, row_stages(of_sweep(name, sweep), row.system, row.dataset or MAIN))
    return files


def add(files: dict[str, dict[str, Any]], system: str, stages: dict[str, Any]) -> None:
    file = files.setdefault(f"pipeline/{system}/dvc.yaml", {"vars": ["../../params.yaml"], "stages": {}})
    file["stages"] |= {name: {"wdir": "../..", **stage} for name, stage in stages.items()}


@dataclass(frozen=True)
class Instances:
    """Which rows and seeds a stage has an instance of, as params.yaml will say."""

    key: str
    rows: str
    seeds: str
    params: list[str]  # that say what these rows are


def of_suite(key: str, system: str, suite: params.Params) -> Instances:
    following = ["lambda"] if params.TOP_LEVEL in suite.systems[system].values() else []
    seeds = "${resamplings}" if system in params.modelfree_systems() else "${seeds}"
    return Instances(key, f"${{suite.{key}}}", seeds, ["rows.${item.row}", *following])


def of_sweep(name: str, sweep: params.Sweep) -> Instances:
    """A point's knobs are in its name; what else it is, its row says."""
    rows = [f"rows.{row}" for row in sweep.rows]
    return Instances(name, f"${{sweeps.{name}.points}}", f"${{sweeps.{name}.seeds}}", rows)


def frame(suite: params.Params) -> dict[str, Any]:
    """The main file: what comes before all rows and after them."""
    papers = sorted(path.stem for path in (ROOT / "papers").glob("*.yaml"))
    return {
        "stages": {
            "code": list_code(),
            "fetch": fetch(),
            "judge": judge(),
            "published": published(),
            **studies(),
            "cost": cost(suite),
            "tabulate": tabulate(),
            "render": render_stage([*papers, "contradictions", "index"]),
        },
        "metrics": ["tables/summary.json"],
        "plots": [
            {
                "tables/scores-by-row.csv": {
                    "template": "bar_horizontal",
                    "x": "IS-own",
                    "y": "row",
                    "title": "Inception Score in the eyes of the dataset's own classifier",
                }
            },
            {"tables/losses": {"x": "iteration", "x_label": "iteration", "y_label": "loss"}},
        ],
    }


def list_code() -> dict[str, Any]:
    return {"cmd": "python -m stages.code --out code", "deps": ["stages"], "outs": ["code"]}


def fetch() -> dict[str, Any]:
    return {
        "matrix": {"dataset": "${use}"},
        "cmd": "python -m stages.fetch --dataset ${item.dataset} --out data/${item.dataset}",
        "deps": [code("fetch-${item.dataset}")],
        "params": ["datasets.${item.dataset}"],
        "outs": ["data/${item.dataset}"],
    }


def judge() -> dict[str, Any]:
    return {
        "matrix": {"dataset": "${use}"},
        "cmd": "python -m stages.judge --data data/${item.dataset} --out judges/${item.dataset}"
        " --provenance judges/provenance/${item.dataset}.json",
        "deps": ["data/${item.dataset}", code("judge")],
        "params": ["datasets.${item.dataset}", "classifiers", *sizes("threads", "judge")],
        "outs": ["judges/${item.dataset}", "judges/provenance/${item.dataset}.json"],
    }


def published() -> dict[str, Any]:
    """Judges with others' weights. The folder is the dep, so that a file that was missing is found when it is there."""
    out = "judges/${item.network}", "judges/provenance/${item.network}.json"
    return {
        "matrix": {"network": [params.INCEPTION, LPIPS]},
        "cmd": f"python -m stages.judge.published --network ${{item.network}} --out {out[0]} --provenance {out[1]}",
        "deps": ["weights", code("published")],
        "params": ["published.${item.network}"],
        "outs": [*out],
    }


def studies() -> dict[str, Any]:
    """One stage a study and no matrix, because each reads and imports what it needs and no more."""
    stages = {}
    for name in params.studies():
        needs = import_module(f"stages.study.studies.{name.replace('-', '_')}").NEEDS
        places = {"data": f"data/{MAIN}", "judge": f"judges/{MAIN}", "papers": "papers"}
        folders = {need: place for need, place in places.items() if need in needs}
        given = "".join(f" --{need} {folder}" for need, folder in folders.items())
        stages[f"study-{name}"] = {
            "cmd": f"python -m stages.study --name {name}{given} --out studies/{name}.json"
            f" --provenance studies/provenance/{name}.json",
            "deps": [*folders.values(), code(f"study-{name}")],
            "params": sizes(f"studies.{name}", *(["threads"] if "judge" in needs else []))
            + (KNOBS if "suite" in needs else []),
            "outs": [f"studies/{name}.json", f"studies/provenance/{name}.json"],
        }
    return stages


def cost(suite: params.Params) -> dict[str, Any]:
    """On every dataset, of the rows that are timed there. Only what makes tables and pages may depend on it."""
    names = [f"{row}-{dataset}" for row in params.TIMED for dataset in suite.datasets]
    rows = [*params.TIMED, *(name for name in names if name in suite.rows)]
    knobs = [f"{block}.{system}" for system in params.TIMED for block in ("systems", *sizes("systems"))]
    outs = ["costs/${item.dataset}.json", "costs/provenance/${item.dataset}.json"]
    return {
        "matrix": {"dataset": "${use}"},
        "cmd": f"python -m stages.cost --data data/${{item.dataset}} --out {outs[0]} --provenance {outs[1]}",
        "deps": ["data/${item.dataset}", code("cost")],
        "params": ["seeds", "use", *[f"rows.{row}" for row in rows], *knobs, *sizes("settings", "threads", "cost")],
        "outs": outs,
    }


def row_stages(of: Instances, system: str, dataset: str) -> dict[str, Any]:
    """The stages of rows of one system on one dataset; a stage instance is a row and a seed."""
    key, matrix = of.key, {"row": of.rows, "seed": of.seeds}
    which = "--row ${item.row} --seed ${item.seed}"
    data, settings = f"data/{dataset}", [*of.params, f"systems.{system}", *sizes("settings", f"systems.{system}")]
    trained = system in params.trained_systems()

    train = {
        "matrix": matrix,
        "cmd": f"python -m stages.train {which} --data {data} --out {RUN}/model --losses {RUN}/losses.csv"
        f" --provenance {RUN}/provenance/train.json",
        "deps": [data, code(f"train-{system}")],
        "params": settings + sizes("threads", "log_every"),
        "outs": [f"{RUN}/model", f"{RUN}/losses.csv", f"{RUN}/provenance/train.json"],
    }
    generate = {
        "matrix": matrix,
        "cmd": f"python -m stages.generate {which} --data {data}{f' --model {RUN}/model' * trained}"
        f" --out {RUN}/generated --provenance {RUN}/provenance/generate.json",
        "deps": [data, *[f"{RUN}/model"] * trained, code(f"generate-{system}")],
        "params": ([] if trained else settings) + sizes("threads", "generate"),
        "outs": [f"{RUN}/generated", f"{RUN}/provenance/generate.json"],
    }
    evaluate = {
        "matrix": matrix,
        "cmd": f"python -m stages.evaluate --generated {RUN}/generated --data {data} --judge judges/{dataset}"
        f" --judge judges/{params.INCEPTION} --lpips judges/{LPIPS}"
        f" --out {RUN}/metrics.json --provenance {RUN}/provenance/evaluate.json",
        "deps": [
            *[f"{RUN}/generated", data, f"judges/{dataset}", f"judges/{params.INCEPTION}", f"judges/{LPIPS}"],
            code("evaluate"),
        ],
        "params": ["profile", f"datasets.{dataset}.judges", *sizes("threads", "evaluate")],
        "outs": [f"{RUN}/metrics.json", f"{RUN}/provenance/evaluate.json"],
    }
    stages = {f"generate-{key}": generate, f"evaluate-{key}": evaluate}
    return {f"train-{key}": train, **stages} if trained else stages


def likelihood(of: Instances, system: str, dataset: str) -> dict[str, Any]:
    """Of all rows of a suite's key, as DVC cannot choose among them; those without a number take no time."""
    return {
        f"likelihood-{of.key}": {
            "matrix": {"row": of.rows, "seed": of.seeds},
            "cmd": f"python -m stages.likelihood --row ${{item.row}} --seed ${{item.seed}} --data data/{dataset}"
            f" --model {RUN}/model --out {RUN}/likelihood.json --provenance {RUN}/provenance/likelihood.json",
            "deps": [f"data/{dataset}", f"{RUN}/model", code(f"likelihood-{system}")],
            "params": ["profile", *sizes("threads", "likelihood")],
            "outs": [f"{RUN}/likelihood.json", f"{RUN}/provenance/likelihood.json"],
        }
    }


def estimated(suite: params.Params) -> set[str]:
    """Keys of the suite with a row whose likelihood some profile asks for."""
    return {suite.rows[row].key for profile in suite.profiles.values() for row in profile.likelihood.rows}


def tabulate() -> dict[str, Any]:
    return {
        "cmd": "python -m stages.tabulate --runs runs --papers papers --data data --studies studies --costs costs"
        " --out tables",
        "deps": [
            *["runs", "papers", "data", "costs"],
            *(f"studies/{name}.json" for name in params.studies()),
            code("tabulate"),
        ],
        "params": [
            *["lambda", "profile", "resamplings", "rows", "seeds", "suite", "sweeps", "systems", "use"],
            *sizes("settings", "systems"),  # by which a row may be a point of a sweep
        ],
        "outs": ["tables"],
    }


def render_stage(pages: list[str]) -> dict[str, Any]:
    assets = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "stages/render").glob("page.*"))
    return {
        "matrix": {"page": pages},
        "cmd": "python -m stages.render --notebook notebooks/${item.page}.ipynb --root ."
        " --out reports/${item.page}.html",
        "deps": [
            *["tables", "runs", "studies", "costs", "notebooks/${item.page}.ipynb"],
            *assets,
            code("render"),
        ],
        "outs": ["reports/${item.page}.html"],
    }


def sizes(*keys: str) -> list[str]:
    """Parts of the profile in use. What another profile says is no dep."""
    return [f"profiles.${{profile}}.{key}" for key in keys]


def code(kind: str) -> str:
    """The list of the code that stages of this kind run: stages/code.py."""
    return f"code/{kind}.sha256"


if __name__ == "__main__":
    door.enter(main)
