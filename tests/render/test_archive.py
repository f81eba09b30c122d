"""The archive describes itself: what it lists is what it holds, and packing twice gives the same bytes."""

import hashlib
import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from stages.render.archive import METADATA, main

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def workspace(tmp_path):
    """As after a run, with one row; in a repository of its own."""
    root = tmp_path / "project"
    for name in ("CITATION.cff", "LICENSE", "README.md", "params.yaml", "dvc.yaml", "requirements.lock"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes((ROOT / name).read_bytes())
    for name in (
        "dvc.lock",
        "pipeline/pagan/dvc.lock",
        "reports/index.html",
        "tables/verdicts.json",
        "tables/losses/pagan.csv",
        "runs/pagan/0/metrics.json",
        "runs/pagan/0/provenance/train.json",
        "runs/pagan/0/model/weights.safetensors",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{name}\n")
    for words in (["init", "-q"], ["add", "params.yaml"], ["commit", "-q", "-m", "a run"]):
        subprocess.run(
            ["git", "-c", "user.name=a test", "-c", "user.email=test@localhost", *words], cwd=root, check=True
        )
    return root


def pack(workspace: Path, out: Path) -> zipfile.ZipFile:
    main(["--root", str(workspace), "--out", str(out)])
    return zipfile.ZipFile(out)


def test_every_file_is_listed_with_its_hash_and_every_listed_file_is_there(workspace, tmp_path):
    archive = pack(workspace, tmp_path / "run.zip")
    graph = {entity["@id"]: entity for entity in json.loads(archive.read(METADATA))["@graph"]}
    listed = {part["@id"] for part in graph["./"]["hasPart"]}
    assert listed == set(archive.namelist()) - {METADATA}
    for name in listed:
        content = archive.read(name)
        assert graph[name]["sha256"] == hashlib.sha256(content).hexdigest()
        assert graph[name]["contentSize"] == str(len(content))
    assert {"reports/index.html", "pipeline/pagan/dvc.lock", "runs/pagan/0/provenance/train.json"} <= listed


def test_the_description_has_what_an_ro_crate_must_have(workspace, tmp_path):
    told = json.loads(pack(workspace, tmp_path / "run.zip").read(METADATA))
    graph = {entity["@id"]: entity for entity in told["@graph"]}
    assert told["@context"] == "https://w3id.org/ro/crate/1.1/context"
    assert graph[METADATA]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert graph[METADATA]["about"] == {"@id": "./"}
    root = graph["./"]
    assert root["@type"] == "Dataset"
    assert all(root[key] for key in ("name", "description", "datePublished", "license"))
    assert root["license"]["@id"] in graph
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=workspace, capture_output=True, text=True).stdout.strip()
    assert commit in root["description"]


def test_models_stay_out(workspace, tmp_path):
    assert not [name for name in pack(workspace, tmp_path / "run.zip").namelist() if "weights" in name]


def test_packing_twice_gives_the_same_bytes(workspace, tmp_path):
    pack(workspace, tmp_path / "one.zip")
    pack(workspace, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_a_workspace_without_a_report_is_refused(workspace, tmp_path, refusal):
    (workspace / "reports/index.html").unlink()
    line = refusal(main, "--root", workspace, "--out", tmp_path / "run.zip")
    assert "reports/index.html is missing; run `make repro` first" in line
    assert not (tmp_path / "run.zip").exists()
