"""AGE: a game between encoder and generator alone, about how far a batch of codes is from the prior.

Paper: "It Takes (Only) Two: Adversarial Generator-Encoder Networks". Numbers in brackets are its equations; with x an
image, z uniform on the unit sphere of R^M, x̃ = g(z), and Δ(·) (7) the KL divergence to N(0, I) of the Gaussian that is
fitted, dimension by dimension, to a batch of codes:

    player     networks   minimises
    encoder    e          (6)  Δ(e(x)) - Δ(e(x̃)) + μ L_X, with L_X (3) the L1 distance of x and g(e(x)); g is given
    generator  g          (5)  Δ(e(x̃)) + λ L_Z, with L_Z (4) the distance of z and e(x̃); e is given

One iteration is one step of the encoder, then two of the generator, each on fresh x and z. e's codes are divided by
their length, and x and x̃ pass e apart, because Δ and batch norm are a batch's. On the sphere Δ cannot reach 0; what it
lacks is a constant that the game cancels. `code_weight: 0`, `data_weight: 0` is AGE-ALIGN (figure 5c);
`generator_data_weight` adds L_X to g's loss too (AGE-DATAL1, figure 9); `prior: gaussian` (AGE-GAUSSIAN) draws z from
N(0, I) and leaves codes as they are. The log has Δ(e(x)) and Δ(e(x̃)) as `real` and `fake`.

Differs from the paper: by default terms are those of the authors' code, which made the paper's numbers. There s in (7)
is the variance, not the standard deviation (`kl_scale`); Δ is a mean over dimensions, 0 for N(0, I), where (7) mixes
M/2 with a mean; L_Z is 2 - cos(z, e(x̃)) / M, whose pull is that of |z - e(x̃)|² divided by 2M, so λ = 1000 acts there
as 1000 / 2M would on (4) (`code_loss: l2`); L_X is a mean over pixels, not a sum (`l1_reduction`); the rate is halved
every 40 epochs. That code halves one epoch earlier. Figure 9 does not give the weight of L_X in g: 10, as in e. A
cosine does not see a code's length, so with the Gaussian prior L_Z is |z - e(x̃)|² / 2M, which on the sphere is the
cosine's up to a constant (`code_loss: half-mse`).
"""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from stages.train import contract
from stages.train.codes import on_sphere
from stages.train.networks import age, dense, wu
from stages.train.streams import Streams
from stages.train.terms import kl_of_fitted_gaussian, l1, squared

NETWORKS: dict[str, Any] = {"age": age, "dense": dense, "wu": wu}


class System(contract.System):
    likelihood = ("observer",)
    to_prior = ("approximate KL",)

    def __init__(self, settings: dict[str, Any], shape: list[int]):
        super().__init__(settings, shape)
        build = NETWORKS[settings["networks"]]
        self.spherical = settings["prior"] == "sphere"
        self.encoder: nn.Module = build.encoder(settings, shape, settings["latent"])
        self.generator: nn.Module = build.generator(settings, shape)
        self.divergences: dict[str, Tensor] = {}  # of this iteration, to be logged

    def players(self) -> dict[str, list[nn.Module]]:
        return {"encoder": [self.encoder], "generator": [self.generator]}

    def decay(self, iteration: int) -> float:
        return float(0.5 ** (iteration // self.settings["halve_every"]))

    def moves(self) -> Sequence[contract.Move]:
        return [self.encoder_loss] + [self.generator_loss] * self.settings["generator_steps"]

    def encoder_loss(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        code = self.encode(x, draw)
        fake_code = self.encode(self.generator(self.prior(len(x), draw)), draw)
        real, fake = self.divergence(code), self.divergence(fake_code)
        self.divergences = {"real": real.detach(), "fake": fake.detach()}
        loss = real - fake  # (6), -V_2
        if self.settings["data_weight"]:
            loss = loss + self.settings["data_weight"] * self.data_loss(x, code)  # (6), μ
        return {"encoder": loss}

    def generator_loss(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        z = self.prior(len(x), draw)
        fake_code = self.encode(self.generator(z), draw)
        loss = self.divergence(fake_code)  # (5), V_2 without Δ(e(x)), which g does not move
        if self.settings["code_weight"]:
            loss = loss + self.settings["code_weight"] * self.code_loss(z, fake_code)  # (5), λ
        if self.settings["generator_data_weight"]:
            loss = loss + self.settings["generator_data_weight"] * self.data_loss(x, self.encode(x, draw))
        return {"generator": loss}

    def divergence(self, codes: Tensor) -> Tensor:
        return kl_of_fitted_gaussian(codes, self.settings["kl_scale"])  # (7)

    def data_loss(self, x: Tensor, code: Tensor) -> Tensor:
        return l1(x, self.generator(code), self.settings["l1_reduction"])  # (3)

    def code_loss(self, z: Tensor, code: Tensor) -> Tensor:
        form, latent = self.settings["code_loss"], z.shape[1]
        if form == "cosine":
            return 2 - cosine_similarity(z, code).mean() / latent  # (4) in the code
        return squared(z, code) if form == "l2" else squared(z, code) / (2 * latent)  # (4)

    def finish(self, losses: dict[str, Tensor]) -> dict[str, Tensor]:
        return self.divergences

    def prior(self, n: int, draw: Streams) -> Tensor:
        z = super().prior(n, draw)
        return on_sphere(z) if self.spherical else z

    def encode(self, x: Tensor, draw: Streams) -> Tensor:
        code: Tensor = self.encoder(x)
        return on_sphere(code) if self.spherical else code
