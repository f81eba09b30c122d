"""Does a claim of a paper hold on our few seeds? One rule for all kinds of claim.

A claim is a region R of one number theta, fixed before any run. A 95 % interval around our estimate of theta decides:
all of it in R, `reproduced`; all of it outside, `contradicted`; else `inconclusive`; nothing to measure, `not run`.
As p-values: p_rep tests "theta is not in R", p_con tests "theta is in R"; a verdict needs its own at 0.025 or less.

Scale     logarithmic for most metrics: seed noise multiplies, and gaps read as ratios (scales.py).
Spread    three seeds guess their spread badly. The table's trained rows form a pool; their typical spread counts as
          one more degree of freedom in each row's own, and only ever raises it. A pool of fewer than 4 rows: own only.
Contrast  theta is a weighted sum of rows' means; Welch and Satterthwaite's t. Set against one printed number it takes
          one further run's noise, for the paper's number is one run.
Failed    a failed seed is never dropped: the claim is judged without it and with the table's worst value in its place,
          and both must agree. A seed missing between 0 and the largest asked for has failed too: none can be left out.
Stand-in  an order may be judged on another dataset than the paper's, or by the classifier trained here in place of a
          published one, and says so; a printed number may not.
All, any  of k parts: for all, p_rep is the largest and p_con k times the smallest; for any, the other way round.
Sweeps    a job counts by the mean over its seeds. The best job of a sweep is chosen on seed 0 and judged on the others.

Each kind is a class that reads a claim, and so checks it without any run, and judges it on scores.
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from stages.door import UserError
from stages.tabulate.combine import joined
from stages.tabulate.evidence import Claim, Scores, Verdict
from stages.tabulate.kinds_correlation import Correlation
from stages.tabulate.kinds_exact import CONDITIONS, Check, Look
from stages.tabulate.kinds_jobs import Disagreement, Share, Spread
from stages.tabulate.kinds_rows import Best, Order, Same, Value
from stages.tabulate.kinds_sweeps import Pareto, Trend
from stages.tabulate.reading import Keys, check_keys, wrong
from stages.tabulate.wording import labels


class Question(Protocol):
    def judge(self, scores: Scores) -> Verdict: ...


def judge(claim: Claim, scores: Scores) -> Verdict:
    """The verdict on one claim of papers/*.yaml."""
    return read(claim).judge(scores)


def read(claim: Claim) -> Question:
    """The claim as its kind understands it; or one line that says what is wrong with it."""
    if "id" not in claim:
        raise UserError(f"a claim of kind {claim.get('kind')!r} has no id; give it one")
    name = claim.get("kind")
    if not isinstance(name, str) or name not in KINDS:
        raise wrong(claim, "kind", f"choose one of {', '.join(KINDS)}")
    kind = KINDS[name]
    check_keys(claim, kind.keys)
    return kind.read(claim)


@dataclass(frozen=True)
class Joined:
    """Several claims of any kind; every one holds, or one is enough."""

    parts: list[Question]
    names: list[str]
    every: bool

    @classmethod
    def read(cls, claim: Claim) -> "Joined":
        parts = claim["parts"]
        if not isinstance(parts, list) or not parts or not all(isinstance(part, dict) for part in parts):
            raise wrong(claim, "parts", "give a list of one or more claims")
        named = [{"id": f"{claim['id']}, part {place}"} | part for place, part in enumerate(parts, 1)]
        return cls([read(part) for part in named], labels(named), claim["kind"] == "all")

    def judge(self, scores: Scores) -> Verdict:
        return joined([part.judge(scores) for part in self.parts], self.names, self.every)


class Reader(Protocol):
    def __call__(self, claim: Claim, /) -> Question: ...


class Kind(NamedTuple):
    read: Reader
    keys: Keys


KINDS = {
    "order": Kind(Order.read, Keys(("metric", "better", "than"), ("at_least", "nearest", "select", "paired"))),
    "all": Kind(Joined.read, Keys(("parts",))),
    "any": Kind(Joined.read, Keys(("parts",))),
    "best": Kind(Best.read, Keys(("metric", "row", "of"), ("nearest", "select"))),
    "value": Kind(Value.read, Keys(("metric", "row", "paper"), ("within", "model_free", "deterministic"))),
    "same": Kind(Same.read, Keys(("metrics", "rows"), ("within", "nearest"))),
    "trend": Kind(Trend.read, Keys(("metric", "row", "over", "direction"), ("strict",))),
    "pareto": Kind(Pareto.read, Keys(("metrics", "better", "than"))),
    "correlation": Kind(Correlation.read, Keys(("metrics", "between"), ("over", "row", "unit", "method"))),
    "spread": Kind(Spread.read, Keys(("metric", "wider", "than"))),
    "disagreement": Kind(Disagreement.read, Keys(("metrics", "over", "between"))),
    "share": Kind(Share.read, Keys(("metric", "over", "beats", "above"))),
    "check": Kind(Check.read, Keys(("fact",), ("per", *CONDITIONS))),
    "look": Kind(Look.read, Keys(("figure",))),
}
