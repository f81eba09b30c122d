"""What the keys of a claim may say. Each function reads one key, or ends in one line that names claim and key."""

from decimal import Decimal, InvalidOperation
from math import inf
from typing import Any, NamedTuple

from stages.door import UserError
from stages.schema import or_list
from stages.tabulate import labels, scales
from stages.tabulate.evidence import Claim
from stages.tabulate.scales import METRICS, SERIES, WITHIN_MODEL_FREE, known
from stages.tabulate.subjects import Subject
from stages.tabulate.wording import Mark, Printed

EVERY_KIND = ("id", "says", "artifact", "dataset", "kind", "note")


class Keys(NamedTuple):
    needs: tuple[str, ...]
    may: tuple[str, ...] = ()


def check_keys(claim: Claim, keys: Keys) -> None:
    allowed = [*EVERY_KIND, *keys.needs, *keys.may]
    unknown = sorted(str(key) for key in claim if key not in allowed)
    if unknown:
        raise UserError(
            f"claim {claim['id']}: {unknown[0]} is not a key of kind {claim['kind']}; choose of {', '.join(allowed)}"
        )
    absent = [key for key in keys.needs if key not in claim]
    if absent:
        raise UserError(
            f"claim {claim['id']}: {absent[0]} is missing; kind {claim['kind']} needs {', '.join(keys.needs)}"
        )


def wrong(claim: Claim, key: str, mend: str) -> UserError:
    return UserError(f"claim {claim['id']}: {key} is {claim.get(key)!r}; {mend}")


def name_in(claim: Claim, key: str) -> str:
    return name(claim, key, claim[key])


def name(claim: Claim, key: str, found: Any) -> str:
    if not isinstance(found, str) or not found:
        raise wrong(claim, key, "give one name")
    return found


def names_in(claim: Claim, key: str, least: int, most: float = inf) -> list[str]:
    found = claim[key]
    if not isinstance(found, list) or not least <= len(found) <= most or len(set(map(str, found))) < len(found):
        raise wrong(claim, key, f"give {least} {'different names' if least == most else 'or more different names'}")
    return [name(claim, key, one) for one in found]


def metric_in(claim: Claim) -> str:
    return metric(claim, "metric", name_in(claim, "metric"))


def metrics_in(claim: Claim, least: int, most: float = inf) -> list[str]:
    return [metric(claim, "metrics", one) for one in names_in(claim, "metrics", least, most)]


def metric(claim: Claim, key: str, found: str) -> str:
    if not known(found):
        raise wrong(claim, key, f"choose {or_list(sorted(METRICS))}, with {labels.OWN} for the classifier trained here")
    return found


def series_in(claim: Claim) -> list[str]:
    """Two numbers that are known at points along a run."""
    found = names_in(claim, "metrics", 2, 2)
    for one in found:
        if one not in SERIES and not known(one):
            raise wrong(claim, "metrics", f"choose {or_list(sorted([*METRICS, *SERIES]))}")
    return found


def choice(claim: Claim, key: str, among: tuple[str, ...], otherwise: str) -> str:
    found = claim.get(key, otherwise)
    if found not in among:
        raise wrong(claim, key, f"choose {or_list(list(among))}")
    return str(found)


def number(claim: Claim, key: str, above: float = -inf) -> float:
    found = claim[key]
    if not is_number(found) or not above < found < inf:
        raise wrong(claim, key, "give a number" + (f" above {above:g}" if above > -inf else ""))
    return float(found)


def between(claim: Claim, key: str, least: float, most: float) -> tuple[float, float]:
    found = claim[key]
    pair = isinstance(found, list) and len(found) == 2 and all(map(is_number, found))
    if not pair or not least <= found[0] < found[1] <= most:
        raise wrong(claim, key, f"give [low, high], from {least:g} to {most:g}")
    return float(found[0]), float(found[1])


def is_number(found: Any) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool) and found == found


def flag(claim: Claim, key: str) -> bool:
    found = claim.get(key, False)
    if not isinstance(found, bool):
        raise wrong(claim, key, "choose true or false")
    return found


def printed_number(claim: Claim, key: str, found: Any) -> Printed:
    try:
        exact = Decimal(str(found)) if isinstance(found, str) or is_number(found) else None
    except InvalidOperation:
        exact = None
    if exact is None or not exact.is_finite():
        raise wrong(claim, key, "give a number, or one in quotes where its last digit is 0")
    exponent = exact.as_tuple().exponent
    rounding = 0.5 * 10.0 ** int(exponent)
    if float(exact) <= rounding:
        raise wrong(claim, key, "give a number that does not round to 0: it is compared as a ratio")
    return Printed(str(found), float(exact), rounding)


def mark(claim: Claim, key: str, found: Any, metric: str) -> Mark:
    """A number that the metric can have."""
    least = 0.0 if scales.metric(metric).logarithmic else -inf
    if not is_number(found) or not least < found < inf:
        raise wrong(claim, key, f"give a number{' above 0, which is compared as a ratio' if least == 0 else ''}")
    return Mark(float(found))


def margin(claim: Claim, of: str, model_free: bool = False) -> float:
    """The claim's own, or the usual one: of the metric, or for rows that need no training."""
    if "within" in claim:
        return number(claim, "within", above=0)
    usual = WITHIN_MODEL_FREE if model_free else scales.metric(of).within
    if usual is None:
        raise UserError(f"claim {claim['id']}: within is missing, and {of} has no usual margin; give one such as 0.25")
    return usual


def subject_in(claim: Claim, key: str) -> Subject:
    return subject(claim, key, claim[key])


def subject(claim: Claim, key: str, found: Any) -> Subject:
    """A row; with `select: best` a sweep, for the best of it; or {row, over, at}, one point of a row's sweep."""
    if isinstance(found, str) and found:
        return Subject(best_of=found) if "select" in claim else Subject(row=found)
    if isinstance(found, dict) and set(found) == {"row", "over", "at"} and "select" not in claim:
        at = found["at"]
        if all(isinstance(found[word], str) for word in ("row", "over")) and (is_number(at) or at in ("least", "most")):
            return Subject(row=found["row"], over=found["over"], at=at)
    raise wrong(claim, key, "give the name of a row, or {row, over, at} with a level or least or most")


def points_in(claim: Claim, key: str) -> Subject:
    """{row, over}: every point of a row's sweep over one knob."""
    found = claim[key]
    if (
        not isinstance(found, dict)
        or set(found) != {"row", "over"}
        or not all(isinstance(one, str) for one in found.values())
    ):
        raise wrong(claim, key, "give {row, over}: a row and the knob that is swept")
    return Subject(row=found["row"], over=found["over"])


def sweeps_in(claim: Claim, key: str = "over") -> list[str]:
    """One sweep, or several taken together."""
    found = claim[key]
    return [name_in(claim, key)] if isinstance(found, str) else names_in(claim, key, 1)
