"""params.yaml, read and checked as a whole before any stage works.

Knobs of systems are data: `systems.<system>` declares each with the paper's value, and so its name and type;
`profiles.<profile>` and `rows.<row>` may override what is declared and nothing else. `choices` lists the words that
a word-valued knob may take. So a new system brings its knobs to params.yaml and changes nothing here. The same holds
of `classifiers.<network>`, the judges that are trained here, and `profiles.<profile>.judge.<network>`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Annotated, Any

import yaml

from stages import points
from stages.door import UserError
from stages.points import Knob
from stages.schema import Must, or_list, parse

ROOMS = Path(__file__).parent
TOP_LEVEL = "top-level lambda"  # the declared value of a knob that follows the `lambda` at the top of params.yaml
INCEPTION = "inception"  # the published network that judges; the others are trunks of LPIPS
PUBLISHED = (INCEPTION, "lpips-alex", "lpips-squeeze", "lpips-vgg")

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # eight times as fast, where PyYAML has it
# AGE's cost is compared with these rows', each named as its system. Their systems are what the code of `cost` runs.
TIMED = ("age", "ali", "vae")
SWEPT = ["corners", "grid"]  # how much of a sweep a profile has

NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
SHA256 = re.compile(r"[0-9a-f]{64}")

Count = Annotated[int, Must(lambda n: n >= 1, "a whole number of at least 1")]
Index = Annotated[int, Must(lambda n: n >= 0, "a whole number of at least 0")]
Rate = Annotated[float, Must(lambda x: isfinite(x) and x > 0, "a number above 0")]
Name = Annotated[str, Must(lambda word: bool(NAME.fullmatch(word)), "a name of small letters, digits, - and _")]
Digest = Annotated[str, Must(lambda word: bool(SHA256.fullmatch(word)), "a sha256, 64 digits of 0-9 and a-f")]
Address = Annotated[
    str, Must(lambda word: word.startswith(("https://", "http://")), "an address that starts with https://")
]
Some = Must(lambda items: len(items) >= 1, "at least 1")


@dataclass(frozen=True)
class Row:
    """A line of a table. What is neither `system` nor `dataset` is one of its system's knobs."""

    system: Name
    rest: dict[str, Any]
    dataset: Name | None = None

    @property
    def key(self) -> str:
        """Where the suite lists it."""
        return self.system if self.dataset is None else f"{self.system}-{self.dataset}"

    @property
    def knobs(self) -> dict[str, Any]:
        """Those that the row sets; null leaves a knob to the profile and the system."""
        return {name: value for name, value in self.rest.items() if value is not None}


@dataclass(frozen=True)
class Sweep:
    """A grid round rows of one system, on one dataset."""

    rows: Annotated[list[Name], Some]
    grid: dict[Name, Annotated[list[Any], Some]]  # knob -> its values
    seeds: Annotated[list[Index], Some]
    points: list[str]  # those that run


@dataclass(frozen=True)
class Dataset:
    source: str
    size: Count
    judges: list[Name]


@dataclass(frozen=True)
class Published:
    """Others' weights: where the file should lie, and what it must be."""

    file: str
    sha256: Digest
    url: Address


@dataclass(frozen=True)
class Generate:
    samples: Count
    images: Count
    colorizations: Count  # of each test image, and images whose colours others get: of rows that colour grey ones
    features: dict[Name, Count]  # rows that keep their encoder's features, and of how many training images


@dataclass(frozen=True)
class CriticBudget:
    steps: Count
    batch: Count
    learning_rate: Rate
    width: Count
    every: Count  # steps between two points of its curves


@dataclass(frozen=True)
class Svm:
    labels: Count  # labelled images to learn from
    draws: Count
    costs: Annotated[list[Rate], Some]  # what C may be


@dataclass(frozen=True)
class Evaluate:
    splits: Count
    shuffle_seed: Index  # of every draw that a metric makes but the critic's and the SVM's
    kid_subsets: Count
    kid_subset_size: Count
    diversity_pairs: Count
    critic: CriticBudget
    svm: Svm


@dataclass(frozen=True)
class Cost:
    rounds: Count  # through all rows, with each seed
    iterations: Count  # of a row in a round


@dataclass(frozen=True)
class Likelihood:
    rows: list[Name]  # that get a number in the pipeline
    side: Count  # pixels that are scored, of a square in the middle
    images: Count
    chains: Count
    temperatures: Count
    first_step: Rate  # of Hamiltonian Monte Carlo, which then follows the acceptance rate
    validation_images: Count  # by which the variance is chosen ...
    validation_temperatures: Count
    variances: Annotated[list[Rate], Some]  # ... among these
    simulated: Count  # images of the checks


@dataclass(frozen=True)
class Profile:
    use: Annotated[list[Name], Some]  # `make repro PROFILE=...` puts it in the place of the top-level one
    sweeps: Annotated[str, Must(lambda word: word in SWEPT, or_list(SWEPT))]
    suite: dict[Name, list[Name]]  # and adds this to the top-level suite: rows on datasets of their own
    threads: Count
    log_every: Count
    settings: dict[Name, Knob]
    systems: dict[Name, dict[Name, Knob]]
    judge: dict[Name, dict[Name, Knob]]
    generate: Generate
    evaluate: Evaluate
    likelihood: Likelihood
    cost: Cost
    studies: dict[Name, dict[Name, Count]]


@dataclass(frozen=True)
class Params:
    profile: Name
    use: Annotated[list[Name], Some]
    lambda_: Annotated[float, Must(lambda x: 0 <= x <= 1, "a number in [0, 1]")]
    seeds: Annotated[list[Index], Some]
    resamplings: Annotated[list[Index], Some]  # the seeds of rows without a model
    suite: dict[Name, list[Name]]
    rows: dict[Name, Row]
    sweeps: dict[Name, Sweep]
    systems: dict[Name, dict[Name, Knob]]
    choices: dict[Name, Annotated[list[str], Some]]
    datasets: dict[Name, Dataset]
    classifiers: dict[Name, dict[Name, Knob]]
    published: dict[Name, Published]
    profiles: dict[Name, Profile]

    @property
    def sizes(self) -> Profile:
        return self.profiles[self.profile]

    def row(self, name: str) -> Row:
        """Of a table, or a point of a sweep: a row with knobs of its own."""
        base, knobs = points.parts(name)
        row = self.rows[known(base, self.rows, "the row asked for")]
        declared = self.systems[row.system]
        for knob, value in knobs.items():
            check_knob(name, knob, value, declared, self.choices)
            if isinstance(declared[knob], float) or declared[knob] == TOP_LEVEL:
                knobs[knob] = float(value)  # 1 is written for 1.0
        return replace(row, rest=row.rest | knobs)

    def seeds_of(self, row: str) -> list[int]:
        return self.resamplings if self.row(row).system in modelfree_systems() else self.seeds

    def dataset_of(self, row: str) -> str:
        return self.row(row).dataset or self.use[0]

    def own_judge(self, dataset: str) -> str | None:
        """The network that is trained on the dataset's own labels."""
        return next((name for name in self.datasets[dataset].judges if name in self.classifiers), None)

    def classifier(self, network: str) -> dict[str, Any]:
        """Every knob of a network that judges: as declared, under the profile's."""
        return self.classifiers[network] | self.sizes.judge.get(network, {})

    def stage(self, verb: str, row: str, seed: int) -> str:
        """The name by which DVC knows one row's training, say, with one seed."""
        which = self.row(row)
        key = next((name for name, sweep in self.sweeps.items() if row in sweep.points), which.key)
        return f"pipeline/{which.system}/dvc.yaml:{verb}-{key}@{row}-{seed}"

    def on_grid(self, sweep: Sweep, row: str) -> dict[str, Knob] | None:
        """The swept knobs as the row of the table has them; nothing, if it is no point of the grid."""
        settings = self.settings(row)
        here = all(settings[knob] in values for knob, values in sweep.grid.items())
        return {knob: settings[knob] for knob in sweep.grid} if here else None

    def points_of(self, sweep: Sweep) -> list[str]:
        """The profile's part of the grid, in every row; without what is a row of the table, which runs as that."""
        shared = {points.name(row, knobs) for row in sweep.rows if (knobs := self.on_grid(sweep, row)) is not None}
        grid = sweep.grid if self.sizes.sweeps == "grid" else points.corners(sweep.grid)
        return [point for point in points.every(sweep.rows, grid) if point not in shared]

    def settings(self, row: str) -> dict[str, Any]:
        """Every knob of the row's system: the paper's value, under the profile's, under the row's."""
        system = self.row(row).system
        declared = self.systems[system]
        common = {name: value for name, value in self.sizes.settings.items() if name in declared}
        settings = declared | common | self.sizes.systems[system] | self.row(row).knobs
        return {name: self.lambda_ if value == TOP_LEVEL else value for name, value in settings.items()}

    def suite_rows(self) -> list[str]:
        return [row for rows in self.suite.values() for row in rows]


def known(name: str, among: Mapping[str, Any] | list[str], where: str) -> str:
    if name not in among:
        raise UserError(f"{where} is {name!r}; choose {or_list(sorted(among))}")
    return name


def files_in(*folder: str) -> list[str]:
    """The names that a room's folder answers to: one file, one name."""
    return sorted(path.stem for path in (ROOMS.joinpath(*folder)).glob("*.py") if not path.stem.startswith("_"))


def trained_systems() -> list[str]:
    return files_in("train", "systems")


def modelfree_systems() -> list[str]:
    return files_in("generate", "modelfree")


def studies() -> list[str]:
    return [name.replace("_", "-") for name in files_in("study", "studies")]


def load(path: Path, profile: str | None = None) -> Params:
    """The whole of params.yaml, in another profile if asked; or a UserError that names the first wrong key."""
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), LOADER)
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(f"{path} is missing; run from the project's root or give --params") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not YAML: {error}") from None
    if profile is not None and isinstance(raw, dict):
        raw["profile"] = profile
    return check(raw, str(path))


def check(raw: Any, where: str = "params.yaml") -> Params:
    try:
        params = parse(Params, raw)
        check_names(params)
        check_knobs(params)
    except UserError as error:
        raise UserError(f"{where}: {error}") from None
    return params


def check_names(params: Params) -> None:
    """Everything that names something else names something that is there."""
    known(params.profile, params.profiles, "profile")
    for name, seeds in (("seeds", params.seeds), ("resamplings", params.resamplings)):
        if len(set(seeds)) < len(seeds):
            raise UserError(f"{name} is {seeds}; give each seed once")
    if len(set(params.use)) < len(params.use):
        raise UserError(f"use is {params.use}; give each dataset once")
    systems, datasets = trained_systems() + modelfree_systems(), files_in("fetch")
    for name in params.systems:
        known(name, systems, "systems: a key")
    for name in params.classifiers:
        known(name, files_in("judge", "networks"), "classifiers: a key")
    for name in params.published:
        known(name, list(PUBLISHED), "published: a key")
    judging = [*params.classifiers, *(name for name in params.published if name == INCEPTION)]
    for name, dataset in params.datasets.items():
        known(name, datasets, "datasets: a key")
        for judge in dataset.judges:
            known(judge, judging, f"datasets.{name}.judges")
    for name in params.use:
        known(name, params.datasets, "use")
    for name, row in params.rows.items():
        known(row.system, params.systems, f"rows.{name}.system")
        if row.dataset is not None:
            known(row.dataset, params.datasets, f"rows.{name}.dataset")
    check_suite(params, "suite", params.suite, params.use)
    for name, sweep in params.sweeps.items():
        check_sweep(params, f"sweeps.{name}", sweep)
    for name, profile in params.profiles.items():
        for system in params.systems:
            if system not in profile.systems:
                raise UserError(f"profiles.{name}.systems.{system} is missing; add it (it may be {{}})")
        for study in studies():
            if study not in profile.studies:
                raise UserError(f"profiles.{name}.studies.{study} is missing; add it")
        for study in profile.studies:
            known(study, studies(), f"profiles.{name}.studies: a key")
        for used in profile.use:
            known(used, params.datasets, f"profiles.{name}.use")
        check_suite(params, f"profiles.{name}.suite", profile.suite, profile.use)
        for key in profile.suite:
            known(key, params.suite, f"profiles.{name}.suite: a key")
        for keeping in profile.generate.features:
            known(keeping, params.rows, f"profiles.{name}.generate.features: a key")
        for estimated in profile.likelihood.rows:
            known(estimated, params.rows, f"profiles.{name}.likelihood.rows")
        for network in profile.judge:
            known(network, params.classifiers, f"profiles.{name}.judge: a key")
        for system in profile.systems:
            known(system, params.systems, f"profiles.{name}.systems: a key")


def check_suite(params: Params, where: str, suite: dict[str, list[str]], use: list[str]) -> None:
    """Each row is listed once, under its own system, and its dataset is fetched."""
    listed: list[str] = []
    for key, rows in suite.items():
        for name in rows:
            row = params.rows[known(name, params.rows, f"{where}.{key}")]
            if row.key != key:
                raise UserError(
                    f"{where}.{key} lists {name!r}, a row that belongs under {where}.{row.key}; move it there"
                )
            if row.dataset is not None and row.dataset not in use:
                raise UserError(f"use is {use}, but {name!r} of {where} runs on {row.dataset!r}; add it to use")
            if name in listed:
                raise UserError(f"{where} lists {name!r} twice; list a row once")
            listed.append(name)


def check_sweep(params: Params, where: str, sweep: Sweep) -> None:
    """Its rows are of one system and dataset, and its points are rows with the knobs of the grid."""
    rows = [params.rows[known(name, params.rows, f"{where}.rows")] for name in sweep.rows]
    for row, name in zip(rows, sweep.rows, strict=True):
        if (row.system, row.dataset) != (rows[0].system, rows[0].dataset):
            raise UserError(
                f"{where}.rows holds {name!r}, of another system or dataset than {sweep.rows[0]!r}; sweep it apart"
            )
    for knob, values in sweep.grid.items():
        for value in values:
            check_knob(f"{where}.grid", knob, value, params.systems[rows[0].system], params.choices)
    for point in sweep.points:
        base, knobs = points.parts(point)
        if base not in sweep.rows or list(knobs) != list(sweep.grid):
            form = points.name(sweep.rows[0], {knob: values[0] for knob, values in sweep.grid.items()})
            raise UserError(f"{where}.points holds {point!r}; write a point as {form!r}")
        params.row(point)
    if len(set(sweep.points)) < len(sweep.points):
        raise UserError(f"{where}.points lists one twice; give each point once")
    dataset = rows[0].dataset
    if sweep.points and dataset is not None and dataset not in params.use:
        raise UserError(f"use is {params.use}, but {where} runs on {dataset!r}; add it to use")


def overrides(params: Params) -> Iterator[tuple[str, dict[str, Knob], dict[str, Any], list[str]]]:
    """(where, declared knobs, knobs, other keys that may stand there) of every block that overrides another's."""
    for name, row in params.rows.items():
        yield f"rows.{name}", params.systems[row.system], row.rest, ["dataset", "system"]
    for name, profile in params.profiles.items():
        for system, knobs in profile.systems.items():
            yield f"profiles.{name}.systems.{system}", params.systems[system], knobs, []
        for network, knobs in profile.judge.items():
            yield f"profiles.{name}.judge.{network}", params.classifiers[network], knobs, []


def check_knobs(params: Params) -> None:
    """An override names a declared knob, has its type, and is in range; a word is one of its choices."""
    for block, declaring in (("systems", params.systems), ("classifiers", params.classifiers)):
        for owner, knobs in declaring.items():
            for name, value in knobs.items():
                check_value(f"{block}.{owner}.{name}", name, value, value, params.choices)
    for where, declared, knobs, others in overrides(params):
        for name, value in knobs.items():
            check_knob(where, name, value, declared, params.choices, others)
    for profile, sizes in params.profiles.items():
        for name, value in sizes.settings.items():
            having = [knobs[name] for knobs in params.systems.values() if name in knobs]
            where = f"profiles.{profile}.settings.{name}"
            if not having:
                every = sorted({knob for knobs in params.systems.values() for knob in knobs})
                raise UserError(f"{where} is no system's knob; choose {or_list(every)}")
            check_value(where, name, value, having[0], params.choices)


def check_knob(
    where: str,
    name: str,
    value: Any,
    declared: dict[str, Knob],
    choices: dict[str, list[str]],
    others: Sequence[str] = (),
) -> None:
    """Of a block that may override `declared`, beside `others`; null overrides nothing."""
    if name not in declared:
        raise UserError(f"{where}.{name} is not a known key; choose {or_list(sorted([*declared, *others]))}")
    if value is not None:
        check_value(f"{where}.{name}", name, value, declared[name], choices)


def check_value(where: str, name: str, value: Any, declared: Any, choices: dict[str, list[str]]) -> None:
    if declared == TOP_LEVEL and name == "lambda":
        if value != TOP_LEVEL and (isinstance(value, bool) or not (isinstance(value, int | float) and 0 <= value <= 1)):
            raise UserError(f"{where} is {value!r}; give a number in [0, 1], or leave it out to follow `lambda`")
        return
    if isinstance(declared, str):
        if value not in known_choices(choices, name, where):
            raise UserError(f"{where} is {value!r}; choose {or_list(choices[name])}")
        return
    alike = isinstance(value, bool) == isinstance(declared, bool) and isinstance(value, int | float)
    if not alike or (isinstance(declared, int) and not isinstance(value, int)):
        wanted = {bool: "true or false", int: "a whole number", float: "a number"}[type(declared)]
        raise UserError(f"{where} is {value!r}; give {wanted}")
    least = 1 if isinstance(declared, int) and not isinstance(declared, bool) else 0
    if not isinstance(declared, bool) and not least <= value < float("inf"):
        raise UserError(f"{where} is {value!r}; give {'a whole number' if least else 'a number'} of at least {least}")
    if (name.startswith("beta") or name.endswith("_share") or name == "momentum") and value >= 1:
        raise UserError(f"{where} is {value!r}; give a number in [0, 1)")


def known_choices(choices: dict[str, list[str]], name: str, where: str) -> list[str]:
    if name not in choices:
        raise UserError(f"choices.{name} is missing, which should list what {where} may say; add it")
    return choices[name]
