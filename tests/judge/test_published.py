"""Others' weights: nothing is read before its sha256 was compared, nothing taken in but the network's tensors."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from stages import record, weights
from stages.judge.published import main
from tests.judge.conftest import Take, drawn

TRUNKS = {"lpips-alex": 5, "lpips-squeeze": 25, "lpips-vgg": 13}  # convolutions


class Code:
    """A pickle that makes a folder when it is read."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.folder),)


@pytest.fixture
def refused(expecting: Callable[..., Path], refusal: Callable[..., str], tmp_path: Path) -> Callable[..., str]:
    """The line with which the door refuses a file, having left nothing."""

    def run(network: str, file: Path, **edit: str) -> str:
        words = ["--network", network, "--out", tmp_path / "out", "--provenance", tmp_path / "out.json"]
        line = refusal(main, "--params", expecting(network, file, **edit), *words)
        assert not (tmp_path / "out").exists()
        assert not (tmp_path / "out.json").exists()
        return line

    return run


def test_a_file_that_is_not_there_leaves_a_card_that_says_so(
    take: Take, tmp_path: Path, capsys: pytest.CaptureFixture[str], declared: dict[str, Any]
) -> None:
    sha256 = declared["published"]["inception"]["sha256"]
    file = tmp_path / "gone.pth"
    folder = take("inception", file)
    card = record.read(folder / "card.json")
    assert card["missing"] == f"needs {file} (sha256 {sha256[:8]}…)"
    assert (card["kind"], card["network"], card["weights_sha256"]) == ("published", "inception", None)
    assert [path.name for path in folder.iterdir()] == ["card.json"]
    assert capsys.readouterr().out == (
        f"{folder}: needs {file} (sha256 {sha256[:8]}…); get it with `make weights`, or put it there\n"
    )
    assert record.read(tmp_path / "provenance.json")["command"] == "dvc repro published@inception"


def test_inception_is_kept_as_it_was_published(inception: Path, inception_file: Path) -> None:
    card = record.read(inception / "card.json")
    kept = weights.load(inception / "weights.safetensors")
    published = torch.load(inception_file, weights_only=True)
    assert kept.keys() == {name for name in published if not name.endswith("num_batches_tracked")}
    for name, array in kept.items():
        assert np.array_equal(array, published[name].numpy())
    assert card["published_sha256"] == record.file_digest(inception_file)
    assert card["weights_sha256"] == record.file_digest(inception / "weights.safetensors")
    assert (card["classes"], card["features"], card["test_accuracy"]) == (1008, 2048, None)
    assert "missing" not in card


@pytest.mark.parametrize("network", TRUNKS)
def test_of_a_trunk_its_convolutions_are_kept(network: str, take: Take, tmp_path: Path) -> None:
    state = drawn(network)
    torch.save(state | {"classifier.1.weight": torch.zeros(3, 3)}, tmp_path / "trunk.pth")
    kept = weights.load(take(network, tmp_path / "trunk.pth") / "weights.safetensors")
    assert kept.keys() == state.keys()
    assert len([array for array in kept.values() if array.ndim == 4]) == TRUNKS[network]
    for name, array in kept.items():
        assert np.array_equal(array, state[name].numpy())


def test_the_old_form_of_files_and_parameters_are_read_too(take: Take, tmp_path: Path) -> None:
    state = drawn("lpips-squeeze")
    parameters = {name: torch.nn.Parameter(tensor) for name, tensor in state.items()}
    torch.save(parameters, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    kept = weights.load(take("lpips-squeeze", tmp_path / "old.pth") / "weights.safetensors")
    assert all(np.array_equal(kept[name], state[name].numpy()) for name in state)


def test_another_sha256_is_refused_before_anything_is_read(refused: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "inception.pth"
    file.write_bytes(pickle.dumps(Code(tmp_path / "ran")))
    found, wanted = record.file_digest(file), "0" * 64
    line = refused("inception", file, sha256=wanted)
    assert f"{file} has sha256 {found}, not {wanted} as published; delete it and run `make weights`" in line
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("write", [torch.save, lambda code, path: path.write_bytes(pickle.dumps(code))])
def test_code_is_refused_and_not_run(write: Any, refused: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "inception.pth"
    write({"fc.weight": Code(tmp_path / "ran")}, file)
    assert f"{file} is no file of weights alone; nothing in it was run" in refused("inception", file)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"\x80", b"<!DOCTYPE html>", b"PK\x03\x04 and no more", bytes(1000)])
def test_what_is_no_file_of_torch_s_is_refused(content: bytes, refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "alex.pth").write_bytes(content)
    assert "is no file of weights alone" in refused("lpips-alex", tmp_path / "alex.pth")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ([torch.zeros(2)], "holds a list, not tensors by name"),
        (torch.zeros(2), "holds a Tensor, not tensors by name"),
        ({"features.0.weight": 1.0}, "holds a dict, not tensors by name"),
        ({0: torch.zeros(2)}, "holds a dict, not tensors by name"),
    ],
)
def test_other_things_than_tensors_by_name_are_refused(
    content: Any, told: str, refused: Callable[..., str], tmp_path: Path
) -> None:
    torch.save(content, tmp_path / "alex.pth")
    assert told in refused("lpips-alex", tmp_path / "alex.pth")


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ({"features.0.bias": None}, "has nothing for features.0.bias"),
        ({"features.0.bias": torch.zeros(63)}, "has float32 of [63] for features.0.bias"),
        ({"features.0.bias": torch.zeros(64, dtype=torch.float16)}, "has float16 of [64] for features.0.bias"),
        ({"features.99.bias": torch.zeros(64)}, "has float32 of [64] for features.99.bias"),
    ],
)
def test_weights_of_another_network_are_refused(
    edit: dict[str, Any], told: str, refused: Callable[..., str], tmp_path: Path
) -> None:
    state = drawn("lpips-squeeze") | edit
    torch.save({name: tensor for name, tensor in state.items() if tensor is not None}, tmp_path / "squeeze.pth")
    line = refused("lpips-squeeze", tmp_path / "squeeze.pth")
    assert told in line
    assert "where the SqueezeNet 1.1 trunk of LPIPS has" in line


def test_an_unknown_network_is_named(refusal: Callable[..., str], tiny_params: Path, tmp_path: Path) -> None:
    words = ["--network", "clip", "--out", tmp_path / "out", "--provenance", tmp_path / "out.json"]
    assert "--network is 'clip'; choose inception, lpips-alex" in refusal(main, "--params", tiny_params, *words)
