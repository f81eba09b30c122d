"""Adam without torch.optim around it: the same bits as torch's own."""

import pytest
import torch
from torch import nn

from stages.train.adam import Adam


def networks() -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(0)
    one = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1))
    other = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1))
    other.load_state_dict(one.state_dict())
    return one, other


@pytest.mark.parametrize("betas", [(0.0, 0.9), (0.5, 0.999), (0.9, 0.999)])
def test_the_steps_are_those_of_torchs_own(betas: tuple[float, float]) -> None:
    one, other = networks()
    ours = Adam(list(one.parameters()), 1e-2, betas)
    theirs = torch.optim.Adam(other.parameters(), lr=1e-2, betas=betas, fused=True)
    for iteration in range(20):
        x = torch.randn(7, 3)
        ours.rate = theirs.param_groups[0]["lr"] = 1e-2 / (1 + iteration)
        gradients = torch.autograd.grad(one(x).square().mean(), ours.parameters)
        ours.step(gradients)
        theirs.zero_grad()
        other(x).square().mean().backward()
        theirs.step()
    for mine, its in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(mine, its)


def test_the_first_step_is_the_rate_against_the_sign() -> None:
    # With both moments corrected for their start at 0, the first step is rate * g / (|g| + eps).
    parameter = nn.Parameter(torch.tensor([1.0, 1.0]))
    Adam([parameter], 0.1, (0.5, 0.9)).step([torch.tensor([3.0, -1e-3])])
    assert parameter.tolist() == pytest.approx([0.9, 1.1], abs=1e-5)


def test_what_was_kept_goes_on_with_the_same_steps() -> None:
    one, other = networks()
    straight, resumed = (Adam(list(network.parameters()), 1e-2, (0.5, 0.9)) for network in (one, other))
    x = torch.randn(7, 3)
    straight.step(torch.autograd.grad(one(x).square().mean(), straight.parameters))
    other.load_state_dict(one.state_dict())
    resumed.restore(straight.state())
    for adam, network in ((straight, one), (resumed, other)):
        adam.step(torch.autograd.grad(network(x).square().mean(), adam.parameters))
    assert all(torch.equal(a, b) for a, b in zip(straight.parameters, resumed.parameters, strict=True))
