"""α-GAN: an autoencoder whose reconstructions and samples face one discriminator, and its codes another.

Paper: "Variational Approaches for Auto-Encoding Generative Adversarial Networks". Numbers in brackets are its
equations; with x an image, z ~ N(0, I), ẑ = E(x) its code, x̂ = G(ẑ), x̃ = G(z), and R(·) = -log D + log(1 - D):

    player     networks          minimises
    encoder    E                 (11)  λ_E |x - x̂| + R_C(ẑ): the distance, and ẑ passing C; G is given
    generator  G                 (13)  λ_G |x - x̂| + R_D(x̂) + R_D(x̃); ẑ is given
    image      D, of images      (14)  telling x, with weight 2, from x̂ and from x̃
    code       C, of codes       (17)  telling z from ẑ; the prior is the real side

Of logits, R is the logit itself, negative. One iteration is five moves, each on fresh x and z: encoder, generator,
encoder, generator, then both discriminators. These two do not see each other, so that one after the other, as
Algorithm 1 prints them, and at once, from one forward pass, are the same.
`code_term: empirical-kl` (appendix D) has no C: in the place of R_C(ẑ) stands (18), the KL divergence to N(0, I) of the
Gaussian fitted to a batch of codes, per dimension.

Differs from the paper: discriminators return logits. Where it leaves a choice: the weight of x is 2 as in (14), which
the ratio estimate needs, not 1 as in (15); R_kl(z) in (12) is R_D(x̂), as (13) has it; the sign of R is that of (9), not
of the sentence before it; λ is two weights, as in appendix H; the distance is a mean over pixels, which λ of 1 to 50
suit; "twice" is E, G, E, G; the encoder is deterministic; x, x̂ and x̃ pass D apart, each with its own batch statistics;
(18) is Σ (s² + m²)/2 - log s - 1/2, 0 for N(0, I) as it must be, and its weight 1; C has no batch norm.
"""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import softplus

from stages.train import contract
from stages.train.networks import dense, wgan
from stages.train.streams import Streams
from stages.train.terms import kl_of_fitted_gaussian, l1, reverse_kl, tell_apart

NETWORKS: dict[str, Any] = {"wgan": wgan, "dense": dense}


class System(contract.System):
    likelihood = ("observer", "ratio")

    def __init__(self, settings: dict[str, Any], shape: list[int]):
        super().__init__(settings, shape)
        build = NETWORKS[settings["networks"]]
        self.adversarial = settings["code_term"] == "adversarial"
        self.to_prior = ("ratio",) if self.adversarial else ("approximate KL",)
        self.encoder: nn.Module = build.encoder(settings, shape, settings["latent"])
        self.generator: nn.Module = build.generator(settings, shape)
        self.image: nn.Module = build.image_discriminator(settings, shape)
        if self.adversarial:
            self.code: nn.Module = build.code_discriminator(settings)

    def players(self) -> dict[str, list[nn.Module]]:
        code: dict[str, list[nn.Module]] = {"code": [self.code]} if self.adversarial else {}
        return {"encoder": [self.encoder], "generator": [self.generator], "image": [self.image], **code}

    def learning_rate(self, player: str) -> float:
        rate: float = self.settings[{"image": "discriminator_rate", "code": "code_rate"}.get(player, "learning_rate")]
        return rate

    def moves(self) -> Sequence[contract.Move]:
        twice = [self.encoder_loss, self.generator_loss] * self.settings["generator_steps"]
        return [*twice, self.discriminator_losses]

    def encoder_loss(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        code = self.encoder(x)
        if self.adversarial:
            to_prior = reverse_kl(self.code(code))  # R_C(ẑ)
        else:
            to_prior = self.settings["kl_weight"] * kl_of_fitted_gaussian(code)  # (18)
        return {"encoder": self.settings["encoder_weight"] * self.distance(x, self.generator(code)) + to_prior}  # (11)

    def generator_loss(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        reconstruction, sample = self.generator(self.encoder(x)), self.generator(self.prior(len(x), draw))
        return {
            "generator": self.settings["generator_weight"] * self.distance(x, reconstruction)  # (13)
            + reverse_kl(self.image(reconstruction))
            + reverse_kl(self.image(sample))
        }

    def discriminator_losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        z, code = self.prior(len(x), draw), self.encoder(x)
        real, reconstruction, sample = self.image(x), self.image(self.generator(code)), self.image(self.generator(z))
        losses = {
            "image": self.settings["real_weight"] * softplus(-real).mean()  # (14)
            + softplus(reconstruction).mean()
            + softplus(sample).mean()
        }
        if self.adversarial:
            losses["code"] = tell_apart(self.code(z), self.code(code))  # (17)
        return losses

    def distance(self, x: Tensor, reconstruction: Tensor) -> Tensor:
        return l1(x, reconstruction, self.settings["l1_reduction"])

    def encode(self, x: Tensor, draw: Streams) -> Tensor:
        code: Tensor = self.encoder(x)
        return code
