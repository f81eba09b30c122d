"""papers/*.yaml: what is wrong in one is told in one line, without any run."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from stages import params
from stages.door import UserError
from stages.tabulate import papers

ROOT = Path(__file__).parents[2]
SUITE = params.load(ROOT / "params.yaml")
SAME = {"kind": "same", "metrics": ["FID"], "rows": ["pagan", "age"]}
ORDER = {"kind": "order", "metric": "FID", "better": "pagan", "than": "age"}
NUMBER = {"artifact": "Table 1", "system": "PAGAN", "row": "pagan", "metric": "FID", "value": 32.84}
WEIGHTS = {"id": "weights", "where": "Eq. 6", "printed": "a", "right": "b", "reading": "b"}
PAPER = {
    "id": "p",
    "title": "A paper",
    "dataset": "cifar10",
    "datasets": {"cifar10": "CIFAR-10", "celeba": "CelebA"},
    "judge": "the ImageNet Inception network",
    "printed": [
        {**NUMBER, "std": None, "source": "paper"},
        {**NUMBER, "row": None, "metric": "mood", "value": "7.70", "std": 0.1, "source": "literature"},
    ],
    "claims": [
        {"id": "P7", "says": "so", "artifact": "Table 1", **ORDER},
        {"id": "P8", "says": "so", "artifact": "Table 1", "kind": "all", "parts": [SAME]},
    ],
    "ledger": [{**WEIGHTS, "switch": "systems.ijae.weights=printed", "demonstration": None}],
}


def load(paper: Any, folder: Path) -> papers.Paper:
    (folder / "p.yaml").write_text(yaml.safe_dump(paper), encoding="utf-8")
    (found,) = papers.load(folder, SUITE)
    return found


def test_a_paper_is_read_as_it_is_written(tmp_path):
    paper = load(PAPER, tmp_path)
    assert [number.value for number in paper.printed] == [32.84, "7.70"]
    assert paper.artifacts() == ["Table 1"]
    assert paper.about()["dataset_title"] == "CIFAR-10"
    assert paper.about()["ledger"][0]["switch"] == "systems.ijae.weights=printed"
    assert "claims" not in paper.about()


@pytest.mark.parametrize("path", sorted((ROOT / "papers").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_paper_of_ours_is_whole(path):
    paper = papers.read(path, SUITE)
    assert paper.id == path.stem
    assert paper.claims
    assert paper.ledger


def put(place: str, value: Any) -> Callable[[Any], None]:
    """Sets one value, by its path; or takes the key away."""

    def change(paper: Any) -> None:
        *path, last = place.split("/")
        for key in path:
            paper = paper[int(key) if key.isdigit() else key]
        if value is GONE:
            del paper[last]
        else:
            paper[last] = value

    return change


GONE = object()


@pytest.mark.parametrize(
    ("place", "value", "found"),
    [
        ("titel", "x", "titel is not a known key; choose claims, dataset"),
        ("title", GONE, "title is missing; add it"),
        ("title", 3, "title is 3; give a word"),
        ("dataset", "cifar", "cifar"),
        ("datasets/mars", "Mars", "datasets: a key is 'mars'; choose"),
        ("dataset", "mnist", "dataset is 'mnist'; choose celeba or cifar10"),
        ("stand_ins", {"mnist": "digits"}, "stand_ins: a key is 'mnist'; choose celeba or cifar10"),
        ("stand_ins", {"celeba": "faces"}, "stand_ins.celeba is 'faces'; choose"),
        ("printed/0/value", None, "printed.0.value is None; give a number or a word"),
        (
            "printed/0/source",
            "rumour",
            "printed.0.source is 'rumour'; give paper, pretrained, public code",
        ),
        ("printed/0/row", "pagan-l3", "printed.0.row is 'pagan-l3'; choose"),
        ("printed/0/metric", "FIT", "printed.0.metric is 'FIT'; choose"),
        ("printed/0/dataset", "svhn", "printed.0.dataset is 'svhn'; choose celeba or cifar10"),
        ("printed/0/digits", 2, "printed.0.digits is not a known key"),
        ("claims/0/says", GONE, "claim 'P7' has no 'says'; add it"),
        ("claims/0/id", "P8", "claims has 'P8' twice; give each an id of its own"),
        ("claims/0/kind", "odrer", "claim P7: kind is 'odrer'; choose one of order, all"),
        ("claims/0/than", "pagan-l3", "claim P7: a row is 'pagan-l3'; choose"),
        ("claims/0/metric", "FIT", "claim P7: metric is 'FIT'; choose"),
        ("claims/0/within", 0.1, "claim P7: within is not a key of kind order"),
        ("claims/0/dataset", "svhn", "claim P7: dataset is 'svhn'; choose celeba or cifar10"),
        ("claims/0/dataset", None, "claim P7: dataset is None; kind order needs one"),
        ("claims/1/parts/0/rows", ["pagan", "cgae"], "claim P8: a row is 'cgae'; choose"),
        ("claims/1/parts/0/within", -1, "claim P8, part 1: within is -1; give a number above 0"),
        ("claims/1/parts/0/kind", "best", "claim P8, part 1: metrics is not a key of kind best"),
        ("ledger/0/right", GONE, "ledger.0.right is missing; add it"),
        (
            "ledger/0/switch",
            "systems.ijae.wieghts=printed",
            "switch is .*, and params.yaml has no systems.ijae.wieghts",
        ),
        (
            "ledger/0/switch",
            "systems.ijae.weights=reversed",
            "ledger weights: switch is .*; give KEY=VALUE with a value",
        ),
        ("ledger/0/switch", "systems.ijae.weights", "ledger weights: switch is .*; give KEY=VALUE with a value"),
        ("ledger", [{}], "ledger.0.id is missing; add it"),
    ],
)
def test_a_wrong_paper_is_told_in_one_line(tmp_path, place, value, found):
    paper = copy.deepcopy(PAPER)
    put(place, value)(paper)
    with pytest.raises(UserError, match=found) as told:
        load(paper, tmp_path)
    assert "\n" not in str(told.value)
    assert "p.yaml: " in str(told.value)


def test_a_file_that_is_no_yaml_is_named(tmp_path):
    (tmp_path / "p.yaml").write_text("a: [")
    with pytest.raises(UserError, match=r"p\.yaml is not YAML"):
        papers.load(tmp_path, SUITE)


def test_rows_are_named_in_many_places():
    parts = [
        {"kind": "best", "row": "a", "of": ["b", "c"]},
        {"kind": "order", "better": {"row": "d", "over": "x", "at": 1}, "than": {"printed": 3}, "nearest": "e"},
        {"kind": "spread", "wider": "s-sweep", "than": "t-sweep"},
        {"kind": "order", "select": "best", "better": "s-sweep", "than": "t-sweep"},
        {"kind": "any", "parts": [{"kind": "correlation", "unit": "run", "row": "f"}]},
    ]
    assert sorted(papers.rows_of({"kind": "all", "parts": parts})) == ["a", "b", "c", "d", "e", "f"]
