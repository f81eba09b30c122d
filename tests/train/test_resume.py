"""A run that was killed ends as if it had not been; and one that diverges ends with a record and no weights."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from stages import params, record
from stages.door import UserError
from stages.evaluate.__main__ import main as evaluate
from stages.generate.__main__ import main as generate
from stages.train.__main__ import main as train
from stages.train.checkpoint import Checkpoints

ROOT = Path(__file__).parents[2]
SUITE = params.load(ROOT / "params.yaml")
PATIENCE = 120  # seconds; far beyond what any step here takes


class Program:
    """`python -m stages.train` in a place.

    Not forked from this process, which would start it sooner: other tests have left threads and exit functions in it,
    and a fork of it may crash or hang.
    """

    def __init__(self, place: "Place", seconds: float):
        self.said = place.root / "said.txt"
        environment = {"PYTHONPATH": str(ROOT), "SUITE_DEVICE": "cpu", "SUITE_CHECKPOINT_SECONDS": str(seconds)}
        with self.said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "stages.train", *place.arguments],
                cwd=place.root,
                env=os.environ | environment,
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    def ended(self) -> bool:
        return self.process.poll() is not None

    def wait_until(self, ready: Callable[[], bool]) -> None:
        begun = time.monotonic()
        while not ready():
            assert time.monotonic() - begun < PATIENCE
            time.sleep(0.001)

    def kill(self) -> str:
        """What it had said until now."""
        assert not self.ended(), self.said.read_text()
        self.process.kill()
        self.wait_until(self.ended)
        assert self.process.returncode == -signal.SIGKILL
        return self.said.read_text()

    def finish(self) -> str:
        self.wait_until(self.ended)
        assert self.process.returncode == 0, self.said.read_text()
        return self.said.read_text()


class Place:
    """A folder like a clone's root, in which to train."""

    def __init__(self, root: Path, suite: dict[str, Any], data: Path, row: str = "pagan"):
        self.root = root
        which = ["--row", row, "--seed", "0", "--data", str(data)]
        self.arguments = [*which, "--out", "out/model", "--losses", "out/losses.csv"]
        (root / ".dvc").mkdir(parents=True)
        (root / ".dvc" / "config").touch()
        (root / "params.yaml").write_text(yaml.safe_dump(suite), encoding="utf-8")
        who = ["-c", "user.name=Tester", "-c", "user.email=tester@localhost"]
        for words in (["init", "-q"], [*who, "commit", "-q", "--allow-empty", "-m", "Begin"]):
            subprocess.run(["git", *words], cwd=root, check=True)

    def checkpoints(self) -> list[Path]:
        return list(self.root.glob(".scratch/train/*/checkpoint.pt"))

    def written(self) -> int | None:
        """When the last checkpoint was written, in nanoseconds; nothing before the first."""
        return max((path.stat().st_mtime_ns for path in self.checkpoints()), default=None)

    def results(self) -> dict[str, bytes]:
        out = self.root / "out"
        return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}

    def kill_after_checkpoints(self, number: int) -> str:
        """Trains until so many new checkpoints were seen, and is killed; what it had said."""
        last, seen = self.written(), 0
        program = Program(self, seconds=0)

        def enough() -> bool:
            nonlocal last, seen
            now = self.written()
            seen, last = seen + (now != last), now
            return seen >= number or program.ended()

        program.wait_until(enough)
        return program.kill()


@pytest.mark.slow
def test_a_run_killed_at_four_moments_ends_with_the_same_bytes(
    tiny: dict[str, Any], digits: Path, tmp_path: Path
) -> None:
    tiny["profiles"]["tiny"]["settings"]["iterations"] = 400
    straight, broken = (Place(tmp_path / name, tiny, digits) for name in ("straight", "broken"))
    uninterrupted = subprocess.Popen(
        [sys.executable, "-m", "stages.train", *straight.arguments],
        cwd=straight.root,
        env=os.environ | {"PYTHONPATH": str(ROOT), "SUITE_DEVICE": "cpu"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )

    program = Program(broken, seconds=3600)
    time.sleep(0.7)  # while it still imports torch
    program.kill()
    assert not broken.checkpoints()  # it was killed before the first

    assert "going on" not in broken.kill_after_checkpoints(1)
    (checkpoint,) = broken.checkpoints()
    (checkpoint.parent / ".checkpoint.pt.1.tmp").write_bytes(b"half of one")
    for number in (3, 7):
        assert "pagan 0: going on from iteration" in broken.kill_after_checkpoints(number)
    assert not (broken.root / "out").exists()
    said = Program(broken, seconds=0).finish()
    assert "pagan 0: going on from iteration" in said
    assert "of 400" in said

    out, err = uninterrupted.communicate(timeout=PATIENCE)
    assert uninterrupted.returncode == 0, err
    assert "going on" not in out

    results = broken.results()
    assert results.keys() == {"model/weights.safetensors", "model/card.json", "losses.csv"}
    table = results["losses.csv"].splitlines()
    assert set(table[0].split(b",")) == {
        b"iteration",
        b"reconstruction",
        b"pair accuracy",
        b"pair gradient",
        b"image",
        b"code",
        b"pair",
        b"generator",
        b"encoder",
    }
    assert len(table) == 1 + 400 // 5
    assert results == straight.results()
    assert json.loads(results["model/card.json"])["iterations"] == 400
    for place in (straight, broken):
        assert not list(place.root.glob(".scratch/train/*"))  # what is done needs no checkpoint


TRAINED = [
    name
    for name, row in SUITE.rows.items()
    if row.system in params.trained_systems() and SUITE.dataset_of(name) in SUITE.use
]


@pytest.mark.slow
@pytest.mark.parametrize("row", TRAINED)
def test_a_run_of_each_row_killed_once_ends_with_the_same_bytes(
    row: str, tiny: dict[str, Any], digits: Path, digits_tinted: Path, tmp_path: Path
) -> None:
    tiny["profiles"]["tiny"]["log_every"] = 2
    data = {"digits": digits, "digits-tinted": digits_tinted}[SUITE.dataset_of(row)]
    straight, broken = (Place(tmp_path / name, tiny, data, row) for name in ("straight", "broken"))
    Program(straight, seconds=3600).finish()
    assert "going on" not in broken.kill_after_checkpoints(2)
    assert f"{row} 0: going on from iteration" in Program(broken, seconds=0).finish()
    assert straight.results() == broken.results()


Door = Callable[[str], Path]


@pytest.fixture
def trained(
    tiny: dict[str, Any],
    write_params: Callable[[Any], Path],
    digits: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Door:
    """Trains a row through the door in a folder of its own, and gives that folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUITE_DEVICE", "cpu")

    def run(row: str) -> Path:
        which = ["--params", str(write_params(tiny)), "--row", row, "--seed", "0", "--data", str(digits)]
        train([*which, "--out", str(tmp_path / "model"), "--provenance", str(tmp_path / "train.json")])
        return tmp_path

    return run


def explode(tiny: dict[str, Any]) -> None:
    tiny["rows"]["pagan"]["learning_rate"] = 1e30


def test_a_diverging_run_ends_in_peace_with_a_record_and_no_weights(
    tiny: dict[str, Any], trained: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    explode(tiny)
    folder = trained("pagan")
    assert [path.name for path in (folder / "model").iterdir()] == ["card.json"]
    card = record.read(folder / "model" / "card.json")
    assert card["status"] == "diverged"
    assert set(card["diverged"]) == {"iteration", "player", "loss"}
    assert 1 <= card["diverged"]["iteration"] <= card["iterations"]
    assert card["diverged"]["player"] in card["parameters"]
    assert "weights_sha256" not in card
    assert f"diverged at iteration {card['diverged']['iteration']}" in capsys.readouterr().out
    assert not list(folder.glob(".scratch/train/*"))


def test_a_diverged_run_is_generated_and_evaluated_without_numbers(
    tiny: dict[str, Any], trained: Door, tiny_params: Path, digits: Path, judge: Path
) -> None:
    explode(tiny)
    folder = trained("pagan")
    where = ["--params", str(tiny_params), "--data", str(digits)]
    generated, metrics = folder / "generated", folder / "metrics.json"
    generate([*where, "--row", "pagan", "--seed", "0", "--model", str(folder / "model"), "--out", str(generated)])
    evaluate([*where, "--generated", str(generated), "--judge", str(judge), "--out", str(metrics)])
    lost = record.read(folder / "model" / "card.json")["diverged"]
    assert [path.name for path in generated.iterdir()] == ["card.json"]
    card, told = record.read(generated / "card.json"), record.read(metrics)
    assert (card["status"], card["diverged"], card["arrays"]) == ("diverged", lost, {})
    assert (told["status"], told["diverged"], told["metrics"]) == ("diverged", lost, {})


def test_training_twice_gives_the_same_bytes(trained: Door) -> None:
    results = []
    for _ in range(2):
        folder = trained("pagan")
        results.append([(folder / "model" / name).read_bytes() for name in ("weights.safetensors", "card.json")])
        shutil.rmtree(folder / "model")
    assert results[0] == results[1]


def test_the_card_and_the_provenance_tell_of_the_run(trained: Door) -> None:
    folder = trained("pagan-l1")
    card, provenance = record.read(folder / "model" / "card.json"), record.read(folder / "train.json")
    assert (card["row"], card["seed"], card["system"], card["status"]) == ("pagan-l1", 0, "pagan", "trained")
    assert (card["iterations"], card["shape"], card["diverged"]) == (20, [16, 16, 1], None)
    assert (card["settings"]["reconstruction"], card["settings"]["width"]) == ("l1", 32)
    assert card["weights_sha256"] == record.file_digest(folder / "model" / "weights.safetensors")
    assert set(card["parameters"]) == {"image", "code", "generator", "encoder"}
    assert (provenance["seed"], provenance["device"], provenance["resumed_at"]) == (0, "cpu", 0)


def test_a_row_without_a_model_is_refused(trained: Door) -> None:
    with pytest.raises(UserError, match="--row is 'real', which has no model to train; generate and evaluate it"):
        trained("real")


@pytest.mark.parametrize(("device", "told"), [("tpu", "SUITE_DEVICE is 'tpu'; choose cpu or cuda")])
def test_an_unknown_device_is_refused(trained: Door, monkeypatch: pytest.MonkeyPatch, device: str, told: str) -> None:
    monkeypatch.setenv("SUITE_DEVICE", device)
    with pytest.raises(UserError, match=told):
        trained("pagan")


def test_a_checkpoint_interval_that_is_no_number_is_refused(trained: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUITE_CHECKPOINT_SECONDS", "often")
    with pytest.raises(UserError, match="SUITE_CHECKPOINT_SECONDS is 'often'; give a number or leave it out"):
        trained("pagan")


def test_data_of_another_set_is_refused(
    trained: Door, digits: Path, edit_card: Callable[..., None], tmp_path: Path
) -> None:
    other = Path(shutil.copytree(digits, tmp_path / "other"))
    edit_card(other, name="letters")
    which = ["--params", str(tmp_path / "params.yaml"), "--row", "pagan", "--seed", "0"]
    trained("pagan")
    with pytest.raises(UserError, match="other holds letters, but row 'pagan' runs on digits"):
        train([*which, "--data", str(other), "--out", str(tmp_path / "again")])
    assert not (tmp_path / "again").exists()


def test_a_checkpoint_is_found_by_the_same_inputs_alone(tmp_path: Path) -> None:
    inputs = {"seed": 0, "settings": {"width": 32}}
    Checkpoints(inputs, tmp_path).save({"iteration": 5})
    assert Checkpoints({"settings": {"width": 32}, "seed": 0}, tmp_path).latest() == {"iteration": 5}
    assert Checkpoints(inputs | {"seed": 1}, tmp_path).latest() is None
    assert Checkpoints(inputs | {"settings": {"width": 33}}, tmp_path).latest() is None


def test_a_cleared_checkpoint_is_gone_and_the_others_stay(tmp_path: Path) -> None:
    one, other = Checkpoints({"seed": 0}, tmp_path), Checkpoints({"seed": 1}, tmp_path)
    one.save({"iteration": 5})
    other.save({"iteration": 7})
    one.clear()
    assert one.latest() is None
    assert other.latest() == {"iteration": 7}
