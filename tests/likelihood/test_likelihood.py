"""From a model to a log-likelihood, through the door: which images, prior and variance, and what is refused."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from stages import arrays, params, record
from stages.door import UserError
from stages.likelihood.__main__ import main
from stages.likelihood.estimating import estimate, halves
from stages.likelihood.observation import cropped, decoder, observed, prior_of
from stages.train import contract
from stages.train.streams import Streams

SUITE = params.load(Path(__file__).parents[2] / "params.yaml", "tiny")
SIZES = params.Likelihood(
    rows=[],
    side=8,
    images=3,
    chains=64,
    temperatures=100,
    first_step=0.2,
    validation_images=4,
    validation_temperatures=20,
    variances=[0.005, 0.05, 0.5],
    simulated=4,
)


@pytest.fixture(autouse=True)
def _on_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUITE_DEVICE", "cpu")


def built(row: str, **knobs: Any) -> contract.System:
    return contract.build(SUITE.rows[row].system, SUITE.settings(row) | knobs, [16, 16, 1]).eval()


@pytest.fixture
def run(
    tiny: dict[str, Any], write_params: Callable[[Any], Path], digits: Path, model: Path, tmp_path: Path
) -> Callable[..., dict[str, Any]]:
    """Runs the door for the tiny PAGAN, a row that gets a number, and gives what it wrote."""
    tiny["profiles"]["tiny"]["likelihood"]["rows"] = ["pagan", "vae"]
    params_file = write_params(tiny)

    def go(out: str = "likelihood.json", model: Path = model, row: str = "pagan") -> dict[str, Any]:
        which = ["--params", str(params_file), "--row", row, "--seed", "0", "--data", str(digits)]
        main([*which, "--model", str(model), "--out", str(tmp_path / out)])
        told: dict[str, Any] = record.read(tmp_path / out)
        return told

    return go


# The door


def test_a_row_gets_its_number_beside_checks_and_protocol(run: Callable[..., dict[str, Any]], model: Path) -> None:
    told = run()
    names = ("row", "seed", "dataset", "stand_in", "profile", "status", "diverged")
    assert [told[name] for name in names] == ["pagan", 0, "digits", True, "tiny", "estimated", None]
    number = told["metrics"]["log-likelihood"]
    assert (number["better"], number["judge"], number["images"]) == ("higher", None, 2)
    assert number["variance"] in (0.01, 0.05)
    assert np.isfinite(number["value"])
    assert 1 <= number["effective_chains"] <= 2
    assert told["checks"]["linear"]["error"] == pytest.approx(
        told["checks"]["linear"]["estimate"] - told["checks"]["linear"]["exact"]
    )
    assert told["checks"]["both_sides"]["images"] == 2
    protocol = told["protocol"]
    assert (protocol["prior"], protocol["unit"], protocol["pixels"]) == ("N(0, I)", "nats an image", 256)
    assert protocol["weights_sha256"] == record.file_digest(model / "weights.safetensors")
    assert list(protocol["validation"]) == ["0.01", "0.05"]


def test_running_twice_gives_the_same_bytes(run: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    run("one.json")
    run("other.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "other.json").read_bytes()


def test_a_diverged_row_has_no_number(
    run: Callable[..., dict[str, Any]], model: Path, tmp_path: Path, edit_card: Callable[..., None]
) -> None:
    copied = Path(shutil.copytree(model, tmp_path / "model"))
    lost = {"iteration": 7, "player": "image", "loss": "nan"}
    edit_card(copied, status="diverged", diverged=lost)
    told = run(model=copied)
    assert (told["status"], told["diverged"], told["metrics"]) == ("diverged", lost, {})


def test_a_row_that_params_do_not_list_has_no_number(
    run: Callable[..., dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    told = run(row="age", model=Path("no/model"))  # it is not looked at
    assert (told["status"], told["metrics"]) == ("not asked for", {})
    assert "no number, because likelihood.rows in params.yaml has other rows" in capsys.readouterr().out


def test_a_row_without_a_model_is_refused(
    tiny_params: Path, digits: Path, model: Path, tmp_path: Path, refusal: Callable[..., str]
) -> None:
    which = ["--params", tiny_params, "--row", "real", "--seed", "0", "--data", digits, "--model", model]
    line = refusal(main, *which, "--out", tmp_path / "likelihood.json")
    assert "--row is 'real', which has no model and so no likelihood" in line


def test_another_row_s_model_is_refused(run: Callable[..., dict[str, Any]]) -> None:
    with pytest.raises(UserError, match="--model holds row 'pagan', seed 0; give the folder of row 'vae', seed 0"):
        run(row="vae")


# Prior and decoder


def test_a_normal_prior_and_one_on_the_sphere_are_known() -> None:
    assert prior_of(built("vae")) == prior_of(built("age-gaussian")) == "N(0, I)"
    assert prior_of(built("age")) == "uniform on the unit sphere"


@pytest.mark.parametrize("row", ["began", "two-stage-vae"])
def test_another_prior_is_refused(row: str) -> None:
    with pytest.raises(UserError, match=r"a prior that is neither N\(0, I\) nor uniform on the unit sphere"):
        prior_of(built(row))


@torch.no_grad()
def test_on_the_sphere_a_draw_s_length_does_not_matter() -> None:
    h = Streams(0).normal(3, 8)
    sphere = decoder(built("age"), "uniform on the unit sphere", 16)
    assert torch.allclose(sphere(h), sphere(5 * h), atol=1e-6)
    plain = decoder(built("vae"), "N(0, I)", 16)
    assert not torch.allclose(plain(h), plain(5 * h), atol=1e-3)


@torch.no_grad()
def test_a_decoder_gives_the_system_s_images_in_0_to_1() -> None:
    system, h = built("vae"), Streams(0).normal(3, 8)
    images = decoder(system, "N(0, I)", 16)(h)
    assert torch.allclose(images, (system.decode(h).flatten(1) + 1) / 2)
    assert images.shape == (3, 256)


def test_the_middle_is_scored_where_images_were_padded() -> None:
    padded = np.pad(np.arange(1, 785).reshape(1, 1, 28, 28), ((0, 0), (0, 0), (2, 2), (2, 2)))
    assert torch.equal(cropped(torch.from_numpy(padded), 28), torch.arange(1, 785).reshape(1, 1, 28, 28))
    with pytest.raises(UserError, match=r"likelihood\.side in params\.yaml is 40, images are 32 x 32; give 32 at most"):
        cropped(torch.from_numpy(padded), 40)


def test_an_observation_s_value_and_slope_are_those_of_a_gaussian() -> None:
    weight = torch.tensor([[1.0, 2.0]])
    x, h = torch.tensor([[1.0, 0.5], [0.0, 0.0]]), torch.tensor([[0.25], [1.0]])
    state = observed(lambda h: h @ weight, x, 0.1)(h)
    residual = x - h @ weight
    expected = torch.distributions.Normal(h @ weight, 0.1**0.5).log_prob(x).sum(dim=1)
    assert state.value.tolist() == pytest.approx(expected.tolist(), rel=1e-5)
    assert state.slope.flatten().tolist() == pytest.approx(((residual @ weight.T) / 0.1).flatten().tolist(), rel=1e-5)
    assert not state.h.requires_grad


# Images


def test_images_are_bytes_and_noise_in_256ths_and_each_half_is_its_own(digits: Path) -> None:
    images = arrays.load(digits / "test" / "images.npy")
    sizes = params.Likelihood([], 16, 100, 1, 1, 0.1, 100, 1, [0.1], 1)
    validation, tests = halves(images, sizes)
    seen = [{image.tobytes() for image in (256 * part).floor().to(torch.uint8).numpy()} for part in (validation, tests)]
    every = {image.tobytes() for image in np.array(images).reshape(len(images), -1)}
    assert [len(part) for part in seen] == [100, 100]
    assert not seen[0] & seen[1]
    assert seen[0] | seen[1] <= every
    noise = 256 * tests - (256 * tests).floor()
    assert (float(noise.min()), float(noise.max())) == pytest.approx((0, 1), abs=0.01)
    assert float(noise.mean()) == pytest.approx(0.5, abs=0.01)
    again = halves(images, sizes)
    assert torch.equal(validation, again[0])
    assert torch.equal(tests, again[1])


def test_more_images_than_half_the_test_set_are_refused() -> None:
    few = np.zeros((10, 16, 16, 1), dtype=np.uint8)
    with pytest.raises(UserError, match=r"half of the test images are 5, likelihood in params\.yaml wants 6; lower it"):
        halves(few, params.Likelihood([], 16, 6, 1, 1, 0.1, 5, 1, [0.1], 1))


# The number


def test_a_known_model_gets_its_own_variance_and_likelihood() -> None:
    weight = 0.3 * torch.randn(3, 12, generator=torch.Generator().manual_seed(0))
    draw = torch.Generator().manual_seed(1)

    def made(n: int) -> torch.Tensor:
        noise = 0.05**0.5 * torch.randn(n, 12, generator=draw)
        return torch.randn(n, 3, generator=draw) @ weight + noise

    tests = made(3)
    told = estimate(lambda h: h @ weight, 3, made(4), tests, SIZES, Streams(0), "test")
    number, checks = told["metrics"]["log-likelihood"], told["checks"]
    covariance = weight.T @ weight + 0.05 * torch.eye(12)
    exact = torch.distributions.MultivariateNormal(torch.zeros(12), covariance).log_prob(tests)
    assert number["variance"] == 0.05
    assert not told["protocol"]["variance_at_the_grid_s_end"]
    assert number["value"] == pytest.approx(float(exact.mean()), abs=0.2)
    assert number["over_images"] == pytest.approx(float(exact.std(correction=0)), rel=0.1)
    assert abs(checks["linear"]["error"]) < 0.2
    assert 0 <= checks["both_sides"]["gap"] < 1


def test_a_variance_at_the_end_of_its_grid_is_told() -> None:
    images = torch.rand(4, 12, generator=torch.Generator().manual_seed(0)) * 5
    sizes = replace(SIZES, temperatures=2, validation_temperatures=2)  # nothing depends on h
    told = estimate(lambda h: 0 * h[:, :1].expand(-1, 12), 3, images, images[:3], sizes, Streams(0), "test")
    assert told["metrics"]["log-likelihood"]["variance"] == 0.5
    assert told["protocol"]["variance_at_the_grid_s_end"]
