"""The files that CLUSTER.md shows say to SLURM and to Ray what it tells."""

import re
from pathlib import Path

import pytest
import ray

from stages.door import UserError
from stages.repro.engines.slurm import executor
from stages.repro.settings import Settings, load

ROOT = Path(__file__).parents[2]


@pytest.fixture
def shown(tmp_path):
    """Settings of the YAML blocks in CLUSTER.md, in order."""

    def settings(place: int) -> Settings:
        blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "CLUSTER.md").read_text(), re.DOTALL)
        (tmp_path / "shown.yaml").write_text(blocks[place])
        return load(tmp_path / "shown.yaml")

    return settings


def batch_file(settings: Settings, gpu: bool, folder: Path) -> set[str]:
    text = executor(settings, gpu, folder)._executor._make_submission_file_text("the command", "0")
    return {line.removeprefix("#SBATCH --") for line in text.splitlines() if line.startswith("#SBATCH")}


def test_the_slurm_file_makes_such_a_batch_file(shown, tmp_path, monkeypatch):
    (tmp_path / "srun").write_text("")  # submitit asks only whether it is there
    (tmp_path / "srun").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    settings = shown(0)
    plain, with_gpu = (batch_file(settings, gpu, tmp_path / "jobs") for gpu in (False, True))
    assert {"partition=cpu", "cpus-per-task=2", "mem=8GB", "time=600"} <= plain
    assert not [line for line in plain if "gpu" in line]
    assert {"partition=gpu", "gpus-per-node=1", "cpus-per-task=2", "time=600"} <= with_gpu
    assert "time=10080" in batch_file(Settings(all={}, gpu={}), True, tmp_path / "jobs")  # a week


def test_the_ray_file_is_in_ray_s_words(shown):
    settings = shown(1)
    assert (settings.address, settings.source, settings.scratch) == (
        "FIRST:6379",
        "https://GIT.EXAMPLE/replication.git",
        "/local",
    )
    assert settings.asked(gpu=False) == {"num_cpus": 2}
    assert settings.asked(gpu=True) == {"num_cpus": 2, "num_gpus": 1}
    ray.remote(load).options(**settings.asked(gpu=True))  # raises at a word that it does not know
    with pytest.raises(ValueError, match="gpus"):
        ray.remote(load).options(gpus=1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("all: 3", "all is 3; give a mapping"),
        ("gpus: {}", "gpus is not a known key; choose address, all, cluster, gpu, scratch or source"),
        ("- all", "the file is ['all']; give a mapping"),
        ("{", "is no YAML: "),
    ],
)
def test_a_wrong_file_is_named_with_its_key(tmp_path, text, said):
    (tmp_path / "s.yaml").write_text(text)
    with pytest.raises(UserError, match=re.escape(f"{tmp_path}/s.yaml")) as error:
        load(tmp_path / "s.yaml")
    assert said in str(error.value)


def test_no_file_asks_for_nothing():
    assert load(None).asked(gpu=True) == {}
