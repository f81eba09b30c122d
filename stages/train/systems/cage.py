"""AGE given a grey image: colorization, where one L has many colours.

Paper: "It Takes (Only) Two: Adversarial Generator-Encoder Networks", its experiment on colours. Numbers in brackets are
its equations; with L an image's lightness, x its two colours in Lab, z uniform on the unit sphere of R^3,
x̃ = g(z|L), and Δ(·) (7) AGE's divergence of a batch of codes from the prior:

    player     networks   minimises
    encoder    e          (6)  Δ(e(x|L)) - Δ(e(x̃|L)) + μ L_X, L_X (3) the L1 distance of x and g(e(x|L)|L); g is given
    generator  g          (5)  Δ(e(x̃|L)) + λ L_Z, with L_Z (4) the distance of z and e(x̃|L); e is given

A batch mixes images, and Δ is of the whole batch: no image's own codes are asked to fill the sphere. x̃ is made of the
same L as x. The schedule is AGE's: one step of the encoder, then two of the generator, each on fresh x and z; x and x̃
pass e apart. An image in the colours of another is g(e(x₁|L₁)|L₂). The log has Δ(e(x|L)) and Δ(e(x̃|L)) as `real` and
`fake`.

Differs from the paper: terms are those of the authors' code for AGE (the variance for the standard deviation in (7),
unless `kl_scale` says otherwise; L_Z is 2 - cos(z, e(x̃|L)) / M; L_X is a mean over pixels), since the paper gives no
others. It gives neither λ nor μ here, nor networks beyond their kind, nor the budget: 1000 and 10, as elsewhere,
Johnson's residual generator and AGE's encoder, and 150 epochs. L is scaled as L / 50 - 1, colours as x / 110.
"""

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor, cat, nn
from torch.nn.functional import cosine_similarity

from stages.train import contract, lab
from stages.train.codes import on_sphere
from stages.train.networks import cage, dense
from stages.train.streams import Streams
from stages.train.terms import kl_of_fitted_gaussian, l1

NETWORKS: dict[str, Any] = {"cage": cage, "dense": dense}


class System(contract.System):
    conditional = True

    def __init__(self, settings: dict[str, Any], shape: list[int]):
        super().__init__(settings, shape)
        lab.check(shape)
        build = NETWORKS[settings["networks"]]
        self.encoder: nn.Module = build.encoder(settings, shape, settings["latent"])
        self.generator: nn.Module = build.colorizer(settings, shape)
        self.divergences: dict[str, Tensor] = {}  # of this iteration, to be logged

    def players(self) -> dict[str, list[nn.Module]]:
        return {"encoder": [self.encoder], "generator": [self.generator]}

    def decay(self, iteration: int) -> float:
        return float(0.5 ** (iteration // self.settings["halve_every"]))

    def moves(self) -> Sequence[contract.Move]:
        return [self.encoder_loss] + [self.generator_loss] * self.settings["generator_steps"]

    def encoder_loss(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        lightness, colours = lab.of_rgb(x)
        code = self.code_of(lightness, colours)
        fake_code = self.code_of(lightness, self.generator(lightness, self.prior(len(x), draw)))
        real, fake = self.divergence(code), self.divergence(fake_code)
        self.divergences = {"real": real.detach(), "fake": fake.detach()}
        data_loss = l1(colours, self.generator(lightness, code), "mean")  # (3)
        return {"encoder": real - fake + self.settings["data_weight"] * data_loss}  # (6), -V_2 and μ

    def generator_loss(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        lightness, _ = lab.of_rgb(x)
        z = self.prior(len(x), draw)
        fake_code = self.code_of(lightness, self.generator(lightness, z))
        code_loss = 2 - cosine_similarity(z, fake_code).mean() / z.shape[1]  # (4)
        return {"generator": self.divergence(fake_code) + self.settings["code_weight"] * code_loss}  # (5), λ

    def code_of(self, lightness: Tensor, colours: Tensor) -> Tensor:
        return on_sphere(self.encoder(cat([lightness, colours], dim=1)))

    def divergence(self, codes: Tensor) -> Tensor:
        return kl_of_fitted_gaussian(codes, self.settings["kl_scale"])  # (7)

    def finish(self, losses: dict[str, Tensor]) -> dict[str, Tensor]:
        return self.divergences

    def prior(self, n: int, draw: Streams) -> Tensor:
        return on_sphere(super().prior(n, draw))

    def encode(self, x: Tensor, draw: Streams) -> Tensor:
        return self.code_of(*lab.of_rgb(x))

    def decoder_given(self, x: Tensor) -> Callable[[Tensor], Tensor]:
        lightness, _ = lab.of_rgb(x)
        return lambda code: lab.to_rgb(lightness, self.generator(lightness, code))
