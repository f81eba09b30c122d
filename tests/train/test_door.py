"""`python -m stages.train` from a command line: on a machine with torch and little else, and with a profile named."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from stages import door
from stages.door import UserError
from stages.train.__main__ import main

ROOT = Path(__file__).parents[2]
# A machine for training: torch, what torch itself needs, and a YAML reader.
PRESENT = (
    "torch torchgen functorch nvidia triton sympy mpmath networkx jinja2 markupsafe filelock fsspec numpy numpy.libs"
)
PRESENT += " yaml typing_extensions.py"


@pytest.fixture
def place(tmp_path: Path, digits: Path) -> Path:
    """A folder laid out as a clone after `dvc repro fetch`."""
    shutil.copytree(digits, tmp_path / "data" / "digits")
    shutil.copy(ROOT / "params.yaml", tmp_path)
    return tmp_path


def card(place: Path, row: str) -> dict[str, object]:
    told: dict[str, object] = json.loads((place / f"runs/{row}/0/model/card.json").read_text())
    return told


@pytest.mark.slow
def test_a_row_trains_where_there_is_torch_and_no_dvc(place: Path) -> None:
    packages = place / "packages"
    packages.mkdir()
    for path in (Path(torch.__file__).parents[1] / name for name in PRESENT.split()):
        if path.exists():
            (packages / path.name).symlink_to(path)
    words = ["--row", "ijae", "--seed", "0", "--profile", "paper", "--iterations", "2"]
    settings = place / "params.yaml"
    text = settings.read_text()
    settings.write_text(text.replace("digits: {source: bundled, size: 16", "digits: {source: bundled, size: 32"))
    subprocess.run(
        [sys.executable, "-m", "stages.fetch", "--dataset", "digits", "--out", "data/digits"],
        cwd=place,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
    )
    done = subprocess.run(
        [sys.executable, "-S", "-m", "stages.train", *words],  # -S: without this environment's own packages
        cwd=place,
        env=os.environ | {"PYTHONPATH": f"{packages}{os.pathsep}{ROOT}", "SUITE_DEVICE": "cpu"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = card(place, "ijae")
    assert told["iterations"] == 2
    assert told["settings"]["networks"] == "ijae"  # type: ignore[index]
    assert "dvc" not in done.stderr


def test_training_imports_no_compiler(place: Path) -> None:
    # torch's optimisers do, and torch.use_deterministic_algorithms: seconds in each of many short processes
    words = ["--row", "pagan", "--seed", "0", "--profile", "tiny", "--iterations", "3"]
    program = (
        f"import sys; from stages.train.__main__ import main; main({words}); assert 'torch._dynamo' not in sys.modules;"
        "import torch; assert torch.are_deterministic_algorithms_enabled()"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "SUITE_DEVICE": "cpu", "SUITE_CHECKPOINT_SECONDS": "0"}
    subprocess.run([sys.executable, "-c", program], cwd=place, env=environment, check=True)


def test_a_profile_and_iterations_may_be_named_and_folders_left_out(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    monkeypatch.setenv("SUITE_DEVICE", "cpu")
    main(["--row", "pagan", "--seed", "0", "--profile", "tiny", "--iterations", "3"])
    told = card(place, "pagan")
    assert told["iterations"] == 3
    assert told["settings"]["width"] == 32  # type: ignore[index]
    assert not (place / "runs/pagan/0/losses.csv").exists()


def test_an_unknown_profile_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    with pytest.raises(UserError, match="profile is 'huge'; choose paper, quick or tiny"):
        main(["--row", "pagan", "--seed", "0", "--profile", "huge"])
    assert not (place / "runs").exists()


@pytest.mark.parametrize("count", ["0", "-1", "some"])
def test_a_count_of_no_iterations_is_refused(count: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--row", "pagan", "--seed", "0", "--iterations", count])
    assert left.value.code == 2
    assert "give a whole number of at least 1" in capsys.readouterr().err


def test_progress_is_told_now_and_then_with_the_time_to_go(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr("stages.door.time.monotonic", lambda: now[0])
    progress = door.Progress("pagan 0", 1000, start=200)
    for seconds, done in ((10, 300), (20, 400), (25, 500), (40, 600), (50, 1000)):
        now[0] = 100.0 + seconds
        progress.reached(done)
    assert capsys.readouterr().out.splitlines() == [
        "pagan 0: iteration 400 of 1,000, about 60 s to go",
        "pagan 0: iteration 600 of 1,000, about 40 s to go",
    ]
