"""BEGAN: the discriminator is an autoencoder, and a controller holds its two losses at a given ratio.

Paper: Berthelot et al. 2017, "BEGAN: Boundary Equilibrium Generative Adversarial Networks", as told and criticised by
slides on BiGAN, BEGAN and AGE. Numbers in brackets are the slides' equations; with x an image, z ~ U(-1, 1),
x̃ = G(z), and l(v) = mean over pixels of |v - D(v)|^η:

    player       networks         minimises
    autoencoder  D, the           (5)  l(x) - k l(x̃): reconstruct images well, samples badly
                 discriminator
    generator    G                (5)  l(x̃), through both places of x̃ in it; D is given

Both step at once. Then, with a and b the batch's means of l(x) and l(x̃), k becomes k + λ_k (γ a - b), which stands
still at b = γ a; `project` cuts it to [0, 1]. Logged beside the losses: k; `convergence`, a + |γ a - b| (6); `balance`,
b / a, which the controller drives to γ; `bound`, b - a, the lower bound of the Wasserstein distance between the two
losses' distributions that (5) is derived from; and `vacuous`, the share of steps in which it is negative.

Differs from the slides:
- k is projected in the row `began`, as both public codes do and as the slides guess is missing; `project: false`
  (`began-unprojected`) is the update as printed, whose runs are the same up to the first step that leaves [0, 1].
- One draw of z serves both players, where the slides write z_D and z_G; k moves after them, by the losses before.
- Rates are halved every `halve_every` iterations, down to `least_rate`, as a public code does.
- Images are those that G gives, unbounded, in training; they are cut to [-1, 1] when kept. The dense generator has
  batch norm and tanh, as in every row: without, its samples begin as one image and stay so.

D reconstructs images through a code, but not through G: there is no way from an image to a code of G's.
"""

from typing import Any

import torch
from torch import Tensor, nn

from stages.train import contract
from stages.train.networks import began, dense
from stages.train.streams import Streams

NETWORKS: dict[str, Any] = {"began": began, "dense": dense}


class System(contract.System):
    encodes = False
    k: Tensor

    def __init__(self, settings: dict[str, Any], shape: list[int]):
        super().__init__(settings, shape)
        build = NETWORKS[settings["networks"]]
        self.autoencoder: nn.Module = build.autoencoder(settings, shape)
        self.generator: nn.Module = build.generator(settings, shape)
        self.register_buffer("k", torch.tensor(settings["k_start"]))

    def players(self) -> dict[str, list[nn.Module]]:
        return {"autoencoder": [self.autoencoder], "generator": [self.generator]}

    def moves(self) -> list[contract.Move]:
        return [self.losses]

    def losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        """Both players' losses on images x, [n, c, h, w] in [-1, 1]."""
        real = self.unlike(x)
        fake = self.unlike(self.generator(self.prior(len(x), draw)))
        return {"autoencoder": real - self.k * fake, "generator": fake}  # (5)

    def unlike(self, images: Tensor) -> Tensor:
        """l(v), from an image to what D makes of it; mean over the batch."""
        distance: Tensor = (images - self.autoencoder(images)).abs() ** self.settings["eta"]
        return distance.mean()

    @torch.no_grad()
    def finish(self, losses: dict[str, Tensor]) -> dict[str, Tensor]:
        fake = losses["generator"]
        real = losses["autoencoder"] + self.k * fake
        gamma = self.settings["gamma"]
        self.k.copy_(controlled(self.k, real, fake, gamma, self.settings["k_rate"], self.settings["project"]))
        return {
            "k": self.k.clone(),
            "convergence": convergence(real, fake, gamma),
            "balance": fake / real,
            "bound": fake - real,
            "vacuous": (fake < real).float(),
        }

    def decay(self, iteration: int) -> float:
        floor = self.settings["least_rate"] / self.settings["learning_rate"]
        return max(0.5 ** (iteration // self.settings["halve_every"]), min(floor, 1.0))

    def prior(self, n: int, draw: Streams) -> Tensor:
        return 2 * draw.uniform(n, self.settings["latent"]) - 1

    def decode(self, code: Tensor) -> Tensor:
        images: Tensor = self.generator(code)
        return images.clamp(-1, 1)


def controlled(k: Tensor, real: Tensor, fake: Tensor, gamma: float, rate: float, project: bool) -> Tensor:
    """(5): the next k, given a step's losses of real and of fake images."""
    k = k + rate * (gamma * real - fake)
    return k.clamp(0, 1) if project else k


def convergence(real: Tensor, fake: Tensor, gamma: float) -> Tensor:
    """(6), the slides' M_global."""
    return real + (gamma * real - fake).abs()
