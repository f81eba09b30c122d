"""Rows without a model on real images, against numbers that the papers print.

These need data that is not bundled: SUITE_REALDATA names a folder with cifar10-jpeg/train.parquet and test.parquet, a
copy of CIFAR-10 re-encoded as JPEG, which smooths it a little. Without it they are skipped, and say so.
"""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from stages import record
from stages.evaluate.__main__ import main as evaluate
from stages.fetch.__main__ import main as fetch
from stages.generate.__main__ import main as generate

REAL = Path(os.environ.get("SUITE_REALDATA") or "unset")
COPY = REAL / "cifar10-jpeg"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.slow,
    pytest.mark.skipif(
        not (COPY / "test.parquet").is_file(),
        reason="set SUITE_REALDATA to a folder with cifar10-jpeg/{train,test}.parquet to compare with the papers",
    ),
]


@pytest.fixture(scope="module")
def folder(declared: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy as this suite keeps CIFAR-10, and params by which the rows without a model run on all of it."""
    made = tmp_path_factory.mktemp("real")
    use = ["cifar10", *declared["use"][1:]]  # the sets beside the main one, which some rows of the suite run on
    (made / "params.yaml").write_text(yaml.safe_dump(declared | {"profile": "paper", "use": use}))
    where = ["--params", str(made / "params.yaml"), "--dataset", "cifar10", "--out", str(made / "cifar10")]
    fetch([*where, "--source", f"parquet:{COPY}"])
    return made


def scores(folder: Path, row: str, metrics: str) -> dict[str, Any]:
    params, data, out = str(folder / "params.yaml"), str(folder / "cifar10"), folder / row
    generate(["--params", params, "--row", row, "--seed", "0", "--data", data, "--out", str(out)])
    where = ["--params", params, "--generated", str(out), "--data", data, "--metrics", metrics]
    evaluate([*where, "--out", str(folder / f"{row}.json")])
    told: dict[str, Any] = record.read(folder / f"{row}.json")["metrics"]
    return told


def test_augmented_images_are_as_far_as_pagan_prints(folder: Path) -> None:
    # Table 2 has 8.89 on CIFAR-10 itself.
    told = scores(folder, "aug", "rmse")
    assert told["RMSE"]["images"] == 10_000
    assert told["RMSE"]["value"] == pytest.approx(8.8, abs=0.1)


def test_real_images_are_as_diverse_as_recorded(folder: Path) -> None:
    told = scores(folder, "real", "diversity")["Diversity"]
    assert (told["samples"], told["pairs"], told["scales"]) == (10_000, 10_000, 5)
    assert told["value"] == pytest.approx(0.923, abs=0.01)  # of its pairs, a standard error of 0.0014
