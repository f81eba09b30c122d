"""Where each number came from: a section a run, folded up, which every number on a page links to and so unfolds."""

from typing import Any

from stages import record
from stages.render.markup import Markup, identifier, join, tag
from stages.render.results import Results


def link(row: str, seed: int, text: str) -> Markup:
    return tag("a", text, href=f"#{identifier(row, seed)}", title=f"{row}, seed {seed}: where this number comes from")


def sections(results: Results, rows: list[str]) -> Markup:
    runs = [(row, seed) for row, seed in results.runs() if row in rows]
    return join(section(row, seed, results.provenance(row, seed), results.run) for row, seed in runs)


def section(row: str, seed: int, stages: dict[str, Any], run: dict[str, Any]) -> Markup:
    status = run["status"][f"{row}/{seed}"]
    told = status if isinstance(status, str) else f"diverged at iteration {status['iteration']} ({status['player']})"
    return tag(
        "details",
        tag("summary", tag("strong", f"{row}, seed {seed}"), f": {told}"),
        tag("p", f"System {run['systems'][row]}, profile {run['profile']}."),
        join(stage(name, facts) for name, facts in stages.items()),
        id=identifier(row, seed),
        class_="run",
    )


def stage(name: str, facts: dict[str, Any], unfolded: bool = True) -> Markup:
    listed = {
        "commit": facts["commit"],
        "command": tag("code", facts["command"]),
        "params sha256": facts["params_sha256"],
        "params": ", ".join(f"{key}: {value}" for key, value in facts["params"].items()) or "none",
        "machine": facts["machine"] + (f", on {facts['device']}" if "device" in facts else ""),
        "libraries": ", ".join(f"{key} {value}" for key, value in facts["libraries"].items()),
        "began": facts["began"],
        "wall time": f"{facts['wall_seconds']} s",
    }
    if facts.get("resumed_at"):
        listed["resumed"] = f"after a stop at iteration {facts['resumed_at']}; the wall time is of the last part"
    items = join(join([tag("dt", key), tag("dd", value)]) for key, value in listed.items())
    state = {"open": ""} if unfolded else {}
    return tag("details", tag("summary", f"{name}: {facts['wall_seconds']} s"), tag("dl", items), **state)


def of_run(results: Results, row: str, seed: int) -> Markup:
    """Where a run came from that has no section of its own: a point of a sweep."""
    return join(folded(name, facts) for name, facts in results.provenance(row, seed).items())


def of_study(results: Results, name: str) -> Markup:
    """Where a study came from, folded up under it."""
    path = results.root / "studies" / "provenance" / f"{name}.json"
    return folded(name, record.read(path)) if path.is_file() else join([])


def folded(name: str, facts: dict[str, Any]) -> Markup:
    return stage(f"{name}, where it came from", facts, unfolded=False)
