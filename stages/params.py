"""params.yaml, read and checked as a whole before any stage works.

Knobs of systems are data: `systems.<system>` declares each with the paper's value, and so its name and type;
`profiles.<profile>` and `rows.<row>` may override what is declared and nothing else. `choices` lists the words that
a word-valued knob may take. So a new system brings its knobs to params.yaml and changes nothing here.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr, ValidationError

from stages.door import UserError

ROOMS = Path(__file__).parent
TOP_LEVEL = "top-level lambda"  # the declared value of a knob that follows the `lambda` at the top of params.yaml

Knob = StrictBool | StrictInt | StrictFloat | StrictStr
Count = Annotated[StrictInt, Field(ge=1)]
Name = Annotated[StrictStr, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]


class Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Row(BaseModel):
    """A line of a table. What is neither `system` nor `dataset` is one of its system's knobs."""

    model_config = ConfigDict(extra="allow", frozen=True)
    system: Name
    dataset: Name | None = None

    @property
    def knobs(self) -> dict[str, Any]:
        """Those that the row sets; null leaves a knob to the profile and the system."""
        return {name: value for name, value in self.named.items() if value is not None}

    @property
    def named(self) -> dict[str, Any]:
        return self.model_extra or {}


class Dataset(Block):
    source: StrictStr
    size: Count
    judge: Name


class JudgeBudget(Block):
    epochs: Count
    batch: Count
    learning_rate: Annotated[StrictFloat, Field(gt=0, allow_inf_nan=False)]


class Generate(Block):
    samples: Count
    images: Count


class Evaluate(Block):
    splits: Count
    shuffle_seed: Annotated[StrictInt, Field(ge=0)]


class Profile(Block):
    threads: Count
    log_every: Count
    settings: dict[Name, Knob]
    systems: dict[Name, dict[Name, Knob]]
    judge: JudgeBudget
    generate: Generate
    evaluate: Evaluate


class Params(Block):
    profile: Name
    use: Annotated[list[Name], Field(min_length=1)]
    lambda_: Annotated[float, Field(strict=True, ge=0, le=1, alias="lambda")]
    seeds: Annotated[list[Annotated[StrictInt, Field(ge=0)]], Field(min_length=1)]
    suite: dict[Name, list[Name]]
    rows: dict[Name, Row]
    systems: dict[Name, dict[Name, Knob]]
    choices: dict[Name, Annotated[list[StrictStr], Field(min_length=1)]]
    datasets: dict[Name, Dataset]
    profiles: dict[Name, Profile]

    @property
    def sizes(self) -> Profile:
        return self.profiles[self.profile]

    def row(self, name: str) -> Row:
        return self.rows[known(name, self.rows, "the row asked for")]

    def dataset_of(self, row: str) -> str:
        return self.row(row).dataset or self.use[0]

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


def or_list(words: list[str]) -> str:
    """`a`, `a or b`, `a, b or c`: for "choose ..."."""
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def files_in(*folder: str) -> list[str]:
    """The names that a room's folder answers to: one file, one name."""
    return sorted(path.stem for path in (ROOMS.joinpath(*folder)).glob("*.py") if not path.stem.startswith("_"))


def trained_systems() -> list[str]:
    return files_in("train", "systems")


def modelfree_systems() -> list[str]:
    return files_in("generate", "modelfree")


def load(path: Path) -> Params:
    """The whole of params.yaml, or a UserError that names the first wrong key."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(f"{path} is missing; run from the project's root or give --params") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not YAML: {error}") from None
    return check(raw, str(path))


def check(raw: Any, where: str = "params.yaml") -> Params:
    try:
        params = Params.model_validate(raw)
        check_names(params)
        check_knobs(params)
    except ValidationError as error:
        raise UserError(f"{where}: {explain(error, raw)}") from None
    except UserError as error:
        raise UserError(f"{where}: {error}") from None
    return params


def explain(error: ValidationError, raw: Any) -> str:
    """The first of pydantic's findings, in one line: key, value, what is allowed."""
    finding = error.errors()[0]
    # Union and alias branches add steps of their own to the location; a user's path is what leads into the file.
    path: list[str] = []
    at: Any = raw
    for step in finding["loc"]:
        try:
            at = at[step]
        except (KeyError, IndexError, TypeError):
            if finding["type"] != "missing":
                continue
        path.append(str(step))
    name = ".".join(path) or "the file"
    if finding["type"] == "missing":
        return f"{name} is missing; add it"
    if finding["type"] == "extra_forbidden":
        siblings = siblings_of(finding["loc"])
        return f"{name} is not a known key; choose {or_list(siblings)}"
    last = finding["loc"][-1] if finding["loc"] else ""
    if last == "[key]":
        return f"{name} has a key that is no name; use small letters, digits, - and _, and start with a letter or digit"
    if last in ("bool", "int", "float", "str"):  # the branches of Knob
        return f"{name} is {at!r}; give a number, a word, true or false"
    return f"{name} is {at!r}; {finding['msg'][0].lower()}{finding['msg'][1:]}"


def siblings_of(location: tuple[int | str, ...]) -> list[str]:
    """The keys that the model at this place of the file knows."""
    model: Any = Params
    for step in location[:-1]:
        fields = getattr(model, "model_fields", None)
        if fields and step in fields:
            annotation = fields[step].annotation
            arguments = getattr(annotation, "__args__", ())
            model = arguments[-1] if arguments else annotation
    return sorted(field.alias or name for name, field in model.model_fields.items())


def check_names(params: Params) -> None:
    """Everything that names something else names something that is there."""
    known(params.profile, params.profiles, "profile")
    if len(set(params.seeds)) < len(params.seeds):
        raise UserError(f"seeds is {params.seeds}; give each seed once")
    if len(set(params.use)) < len(params.use):
        raise UserError(f"use is {params.use}; give each dataset once")
    systems, datasets = trained_systems() + modelfree_systems(), files_in("fetch")
    for name in params.systems:
        known(name, systems, "systems: a key")
    for name, dataset in params.datasets.items():
        known(name, datasets, "datasets: a key")
        known(dataset.judge, files_in("judge", "networks"), f"datasets.{name}.judge")
    for name in params.use:
        known(name, params.datasets, "use")
    for name, row in params.rows.items():
        known(row.system, params.systems, f"rows.{name}.system")
        if row.dataset is not None:
            known(row.dataset, params.datasets, f"rows.{name}.dataset")
    for key, rows in params.suite.items():
        for name in rows:
            row = params.rows[known(name, params.rows, f"suite.{key}")]
            home = row.system if row.dataset is None else f"{row.system}-{row.dataset}"
            if home != key:
                raise UserError(f"suite.{key} lists {name!r}, a row that belongs under suite.{home}; move it there")
            if row.dataset is not None and row.dataset not in params.use:
                raise UserError(f"use is {params.use}, but {name!r} runs on {row.dataset!r}; add it to use")
    twice = [name for name in params.suite_rows() if params.suite_rows().count(name) > 1]
    if twice:
        raise UserError(f"suite lists {twice[0]!r} twice; list a row once")
    for name, profile in params.profiles.items():
        for system in params.systems:
            if system not in profile.systems:
                raise UserError(f"profiles.{name}.systems.{system} is missing; add it (it may be {{}})")
        for system in profile.systems:
            known(system, params.systems, f"profiles.{name}.systems: a key")


def overrides(params: Params) -> Iterator[tuple[str, str, dict[str, Any], list[str]]]:
    """(where, system, knobs, other keys that may stand there) of every block that overrides a system's own."""
    for name, row in params.rows.items():
        yield f"rows.{name}", row.system, row.named, ["dataset", "system"]
    for name, profile in params.profiles.items():
        for system, knobs in profile.systems.items():
            yield f"profiles.{name}.systems.{system}", system, knobs, []


def check_knobs(params: Params) -> None:
    """An override names a declared knob, has its type, and is in range; a word is one of its choices."""
    for system, knobs in params.systems.items():
        for name, value in knobs.items():
            check_value(f"systems.{system}.{name}", name, value, value, params.choices)
    for where, system, knobs, others in overrides(params):
        declared = params.systems[system]
        for name, value in knobs.items():
            if name not in declared:
                raise UserError(f"{where}.{name} is not a known key; choose {or_list(sorted([*declared, *others]))}")
            if value is not None:
                check_value(f"{where}.{name}", name, value, declared[name], params.choices)
    for profile, sizes in params.profiles.items():
        for name, value in sizes.settings.items():
            having = [knobs[name] for knobs in params.systems.values() if name in knobs]
            where = f"profiles.{profile}.settings.{name}"
            if not having:
                every = sorted({knob for knobs in params.systems.values() for knob in knobs})
                raise UserError(f"{where} is no system's knob; choose {or_list(every)}")
            check_value(where, name, value, having[0], params.choices)


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
    if (name.startswith("beta") or name.endswith("_share")) and value >= 1:
        raise UserError(f"{where} is {value!r}; give a number in [0, 1)")


def known_choices(choices: dict[str, list[str]], name: str, where: str) -> list[str]:
    if name not in choices:
        raise UserError(f"choices.{name} is missing, which should list what {where} may say; add it")
    return choices[name]
