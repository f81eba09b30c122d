"""Several claims as one: all of them hold, or any of them does. What is joined may be joined again.

All of k: p_rep is the largest, p_con is k times the smallest. Any of k: the other way round. So a conjunction needs
each part at 2.5 %, and is contradicted where one part is at 2.5/k %. A part that did not run never lets a conjunction
hold, and never lets an alternative fail.
"""

from dataclasses import replace

from stages.tabulate.evidence import Verdict
from stages.tabulate.rule import decide
from stages.tabulate.wording import tell_joined, unique


def joined(parts: list[Verdict], names: list[str], every: bool = True, absent: str = "") -> Verdict:
    """The verdict on all parts, or on any. `absent`: how it is called where some did not run."""
    parts = [replace(part, name=name) for part, name in zip(parts, names, strict=True)]
    scope = "stand-in" if any(part.scope == "stand-in" for part in parts) else "paper"
    if all(part.verdict == "not run" for part in parts):
        reasons, sentences = unique([part.reason for part in parts]), unique([part.sentence for part in parts])
        return Verdict("not run", scope, " ".join(sentences), "; ".join(reasons), parts=tuple(parts))

    p_reps, p_cons = [part.ps[0] for part in parts], [part.ps[1] for part in parts]
    p_rep, p_con = all_ps(p_reps, p_cons) if every else any_ps(p_reps, p_cons)
    verdict = decide(p_rep, p_con)
    place = deciding(verdict, p_reps, p_cons, every)
    not_run = sum(part.verdict == "not run" for part in parts)
    if verdict in ("reproduced", "contradicted"):
        reason = ""
    elif not_run:
        reason = absent or f"{not_run} of {len(parts)} parts not run"
    else:
        reason = parts[place].reason
    tested = any(part.p_rep is not None for part in parts)
    return Verdict(
        verdict,
        scope,
        tell_joined(verdict, parts, place, every),
        reason,
        p_rep=p_rep if tested else None,
        p_con=p_con if tested else None,
        n={row: min(part.n[row] for part in parts if row in part.n) for row in keys_of([part.n for part in parts])},
        failed={
            row: sorted({seed for part in parts for seed in part.failed.get(row, [])})
            for row in keys_of([part.failed for part in parts])
        },
        note="; ".join(unique([part.note for part in parts if part.note])),
        parts=tuple(parts),
    )


def all_ps(p_reps: list[float], p_cons: list[float]) -> tuple[float, float]:
    return max(p_reps), min(1.0, len(p_cons) * min(p_cons))


def any_ps(p_reps: list[float], p_cons: list[float]) -> tuple[float, float]:
    return min(1.0, len(p_reps) * min(p_reps)), max(p_cons)


def deciding(verdict: str, p_reps: list[float], p_cons: list[float], every: bool) -> int:
    """The place of the part that decides: of a conjunction the one furthest from holding, of an alternative the
    nearest; or the one that tells most against it."""
    if every:
        return p_cons.index(min(p_cons)) if verdict == "contradicted" else p_reps.index(max(p_reps))
    return p_cons.index(max(p_cons)) if verdict == "contradicted" else p_reps.index(min(p_reps))


def keys_of(parts: list[dict[str, int]] | list[dict[str, list[int]]]) -> list[str]:
    return sorted({row for part in parts for row in part})
