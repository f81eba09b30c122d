"""Plain data, as YAML gives it, checked against frozen dataclasses; the first wrong key is named in one line.

Hand-written, because training must run where there is torch and a YAML reader and nothing else to check with.
"""

import dataclasses
import types
from collections.abc import Callable
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from stages.door import UserError

Model = TypeVar("Model")
WORDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a word",
    list: "a list",
    dict: "a mapping",
}


@dataclasses.dataclass(frozen=True)
class Must:
    """For Annotated: what holds of a good value, and how a message says so."""

    hold: Callable[[Any], bool]
    give: str


def parse(model: type[Model], raw: Any) -> Model:
    made: Model = value_of(model, raw, "")
    return made


def value_of(kind: Any, raw: Any, where: str) -> Any:
    """`raw` as the annotation `kind` wants it."""
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *conditions = get_args(kind)
        value = value_of(inner, raw, where)
        for condition in conditions:
            if not condition.hold(value):
                raise wrong(where, raw, condition.give)
        return value
    if origin in (Union, types.UnionType):
        return one_of(get_args(kind), raw, where)
    if origin is list:
        expect(list, raw, where)
        return [value_of(get_args(kind)[0], item, join(where, place)) for place, item in enumerate(raw)]
    if origin is dict:
        expect(dict, raw, where)
        keys, values = get_args(kind)
        return {key_of(keys, key, where): value_of(values, item, join(where, key)) for key, item in raw.items()}
    if dataclasses.is_dataclass(kind):
        return block_of(kind, raw, where)
    expect(kind, raw, where)
    return raw


def one_of(kinds: tuple[Any, ...], raw: Any, where: str) -> Any:
    for kind in kinds:
        if kind is type(None) and raw is None:
            return None
        if kind is not type(None) and fits(get_args(kind)[0] if get_origin(kind) is Annotated else kind, raw):
            return value_of(kind, raw, where)
    raise wrong(where, raw, " or ".join(WORDS[kind] for kind in kinds if kind in WORDS) or "another value")


def key_of(kind: Any, key: Any, where: str) -> Any:
    try:
        return value_of(kind, key, where)
    except UserError:
        shown = where or "the file"
        rule = "use small letters, digits, - and _, and start with a letter or digit"
        raise UserError(f"{shown} has the key {key!r}, which is no name; {rule}") from None


def block_of(kind: Any, raw: Any, where: str) -> Any:
    """A dataclass of a mapping. A trailing _ is no part of a key; a field `rest` takes every key without a field."""
    expect(dict, raw, where)
    hints = get_type_hints(kind, include_extras=True)
    fields = {field.name.rstrip("_"): field for field in dataclasses.fields(kind) if field.name != "rest"}
    given: dict[str, Any] = {}
    rest = {key: value for key, value in raw.items() if key not in fields}
    if "rest" in hints:
        given["rest"] = rest
    elif rest:
        raise UserError(f"{join(where, next(iter(rest)))} is not a known key; choose {or_list(sorted(fields))}")
    for key, field in fields.items():
        if key in raw:
            given[field.name] = value_of(hints[field.name], raw[key], join(where, key))
        elif field.default is field.default_factory is dataclasses.MISSING:
            raise UserError(f"{join(where, key)} is missing; add it")
    return kind(**given)


def expect(kind: Any, raw: Any, where: str) -> None:
    if not fits(kind, raw):
        raise wrong(where, raw, WORDS[kind])


def fits(kind: Any, raw: Any) -> bool:
    """Strictly: no true for 1, no 2.0 for 2; but a whole number is a number."""
    if kind is Any:
        return True
    return type(raw) is kind or (kind is float and type(raw) is int)


def wrong(where: str, raw: Any, give: str) -> UserError:
    return UserError(f"{where or 'the file'} is {raw!r}; give {give}")


def join(where: str, key: Any) -> str:
    return f"{where}.{key}" if where else str(key)


def or_list(words: list[str]) -> str:
    """`a`, `a or b`, `a, b or c`: for "choose ..."."""
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
