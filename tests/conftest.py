"""What the tests share: the suite's params to edit, doors run as programs, and small folders that doors made once."""

import copy
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from stages import door

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: what is small is slower on two threads
# A shell starts what runs in the background deaf to Ctrl-C; programs that a test interrupts would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parent.parent
Main = Callable[[Any], None]


@pytest.fixture(scope="session")
def declared() -> dict[str, Any]:
    """params.yaml as it is kept; not to be edited."""
    raw: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    return raw


@pytest.fixture
def suite(declared: dict[str, Any]) -> dict[str, Any]:
    """params.yaml as plain data, to edit."""
    return copy.deepcopy(declared)


@pytest.fixture
def tiny(suite: dict[str, Any]) -> dict[str, Any]:
    """The same in its smallest profile."""
    suite["profile"] = "tiny"
    return suite


@pytest.fixture
def write_params(tmp_path: Path) -> Callable[[Any], Path]:
    def write(raw: Any) -> Path:
        path = tmp_path / "params.yaml"
        path.write_text(yaml.safe_dump(raw, sort_keys=False, allow_unicode=True), encoding="utf-8")
        return path

    return write


@pytest.fixture
def refusal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a door as the program would, expects exit code 2, and gives the one line that it left on stderr."""

    def run(main: Main, *arguments: str | Path) -> str:
        monkeypatch.setattr(sys, "argv", ["stage", *map(str, arguments)])
        monkeypatch.setattr(door, "leave", lambda: None)  # a door that does not refuse must not end the tests
        with pytest.raises(SystemExit) as left:
            door.enter(main)
        assert left.value.code == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("error: ")
        assert err.index("\n") == len(err) - 1
        return err

    return run


@pytest.fixture(scope="session")
def tiny_params(declared: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tiny") / "params.yaml"
    path.write_text(yaml.safe_dump(declared | {"profile": "tiny"}, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def digits(tiny_params: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that fetch makes of the digits."""
    return fetched("digits", tiny_params, tmp_path_factory)


@pytest.fixture(scope="session")
def digits_tinted(tiny_params: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """And of the tinted ones."""
    return fetched("digits-tinted", tiny_params, tmp_path_factory)


def fetched(name: str, params: Path, folders: pytest.TempPathFactory) -> Path:
    from stages.fetch.__main__ import main

    out = folders.mktemp("data") / name
    main(["--params", str(params), "--dataset", name, "--out", str(out)])
    return out


@pytest.fixture(scope="session")
def judge(tiny_params: Path, digits: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a judge that learned for one epoch."""
    from stages.judge.__main__ import main

    folder = tmp_path_factory.mktemp("judges")
    outs = ["--out", f"{folder}/digits", "--provenance", f"{folder}/provenance.json"]
    main(["--params", str(tiny_params), "--data", str(digits), *outs])
    return folder / "digits"


@pytest.fixture(scope="session")
def model(tiny_params: Path, digits: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a PAGAN that learned for 20 iterations, seed 0."""
    from stages.train.__main__ import main

    folder = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)  # checkpoints go to the working directory
        patch.setenv("SUITE_DEVICE", "cpu")
        which = ["--params", str(tiny_params), "--row", "pagan", "--seed", "0", "--data", str(digits)]
        main([*which, "--out", str(folder / "pagan")])
    return folder / "pagan"


@pytest.fixture
def edit_card() -> Callable[..., None]:
    """Overwrites facts in a folder's card."""

    def edit(folder: Path, **facts: Any) -> None:
        path = folder / "card.json"
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | facts), encoding="utf-8")

    return edit


@pytest.fixture(autouse=True)
def _torch_as_it_was() -> Iterator[None]:
    """Doors set torch's threads and its deterministic mode for the whole process; the next test gets them back."""
    before = torch_modes()
    yield
    if before is not None:
        torch = sys.modules["torch"]
        torch.set_num_threads(before[0])
        torch.set_deterministic_debug_mode(before[1])


def torch_modes() -> tuple[int, int] | None:
    """(threads, mode), or nothing as long as no test has imported torch."""
    torch = sys.modules.get("torch")
    return (torch.get_num_threads(), torch.get_deterministic_debug_mode()) if torch else None
