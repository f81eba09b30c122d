"""Pairwise augmented GAN: reconstructions are judged beside their original, against an augmented copy of it.

Paper: "Pairwise Augmented GANs with Adversarial Reconstruction Loss". Numbers in brackets are its equations; with
x an image, z ~ N(0, I), ẑ ~ q(z|x) its code, x̃ = G(z), x̂ = G(ẑ), and y = a(x) an augmentation of x:

    player     networks             minimises, in the form trained
    image      D_x, of images       (5)   telling x from x̃; reconstructions are not shown to it
    code       D_z, of codes        (6)   telling z from ẑ; the prior is the real side
    pair       D_xx, of two images  (11)  telling (x, y) from (x, x̂)
    generator  G                    (14)  x̃ passing D_x and (x, x̂) passing D_xx; ẑ is given
    encoder    μ, σ of q(z|x)       (16)  ẑ passing D_z and (x, G(ẑ)) passing D_xx; G is given

All five losses come from one forward pass and all players step at once, each weight 1 (Algorithm 1).
`reconstruction: l1` (PAGAN-L1) puts the L1 norm of x - x̂ in the place of the pair game; `augmentation: none`
(PAGAN-NOAUG) makes y = x. `game: kl`, `rkl` or `chi2` (f-PAGAN, appendix B.1) plays all three games for another
f-divergence, (30), (32) and (34): a discriminator minimises E f*(T) over fakes minus E T over reals, generator and
encoder -E f*(T), which is `generator_loss: minimax`; nonsaturating is f-GAN's -E T. `gan` is the logistic game once
more, as f-GAN writes it.

Differs from the paper: discriminators return logits; σ is per dimension, exp(½ log variance), where one formula
prints σ²I; Adam where Algorithm 1 prints plain gradient steps; spectral norm takes one power iteration a move, not one
a forward pass. The paper trains no f-PAGAN: the choice of f, T = g_f(logit) as in f-GAN's own tables, and PAGAN's
settings for all else are ours; the expectation over x that (35) leaves out is taken.
`generator_loss: minimax` is the theory's form, `schedule: sequential` lets the discriminators step first.

Logged beside the losses, of test images: `pair accuracy`, how often D_xx is right about a pair, and `pair gradient`,
the norm of the gradient that V of the pair game leaves G. Section 3.2 argues by both that an augmentation is needed.
"""

from typing import Any

import torch
from torch import Tensor, nn

from stages.train import contract
from stages.train.augmentation import padding, reflect_crop
from stages.train.codes import gaussian, reconstructed_from
from stages.train.networks import dcgan, dense
from stages.train.streams import Streams
from stages.train.terms import GAMES, l1

NETWORKS: dict[str, Any] = {"dcgan": dcgan, "dense": dense}


class System(contract.System):
    def __init__(self, settings: dict[str, Any], shape: list[int]):
        super().__init__(settings, shape)
        build = NETWORKS[settings["networks"]]
        self.adversarial = settings["reconstruction"] == "adversarial"
        self.pad = padding(shape[0], settings["pad_share"]) if settings["augmentation"] == "reflect-crop" else 0
        self.generator: nn.Module = build.generator(settings, shape)
        self.encoder: nn.Module = build.encoder(settings, shape, 2 * settings["latent"])
        self.image: nn.Module = build.image_discriminator(settings, shape)
        self.code: nn.Module = build.code_discriminator(settings)
        if self.adversarial:
            self.pair: nn.Module = build.pair_discriminator(settings, shape)

    def players(self) -> dict[str, list[nn.Module]]:
        pair: dict[str, list[nn.Module]] = {"pair": [self.pair]} if self.adversarial else {}
        return {
            "image": [self.image],
            "code": [self.code],
            **pair,
            "generator": [self.generator],
            "encoder": [self.encoder],
        }

    def moves(self) -> list[contract.Move]:
        if self.settings["schedule"] == "simultaneous":
            return [self.losses]
        return [self.discriminator_losses, self.autoencoder_losses]

    def losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        """Every player's loss on images x, [n, c, h, w] in [-1, 1]."""
        game, form = GAMES[self.settings["game"]], self.settings["generator_loss"]
        z = self.prior(len(x), draw)
        code = self.sampled_code(x, draw)
        sample, reconstruction = self.generator(z), self.generator(code)

        fake_image, fake_code = self.image(sample), self.code(code)
        losses = {
            "image": game.tell_apart(self.image(x), fake_image),  # (5), (30)
            "code": game.tell_apart(self.code(z), fake_code),  # (6), (32)
            "generator": game.pass_for_real(fake_image, form),  # (14), V_x
            "encoder": game.pass_for_real(fake_code, form),  # (16), V_z
        }
        if self.adversarial:
            fake_pair = self.pair(x, reconstruction)
            losses["pair"] = game.tell_apart(self.pair(x, self.augmented(x, draw)), fake_pair)  # (11), (34)
            alike = game.pass_for_real(fake_pair, form)  # V in (14) and (16)
        else:
            alike = self.settings["l1_weight"] * l1(x, reconstruction, self.settings["l1_reduction"])
        losses["generator"] = losses["generator"] + alike
        losses["encoder"] = losses["encoder"] + alike
        return losses

    def discriminator_losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        return {name: loss for name, loss in self.losses(x, draw).items() if name in ("image", "code", "pair")}

    def autoencoder_losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        return {name: loss for name, loss in self.losses(x, draw).items() if name in ("generator", "encoder")}

    def measured(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        """Section 3.2: how often D_xx is right about a pair, and the norm of the gradient of V(x, x̂), (14), for G."""
        if not self.adversarial:
            return {}
        game = GAMES[self.settings["game"]]
        real = self.pair(x, self.augmented(x, draw))
        fake = self.pair(x, self.generator(self.sampled_code(x, draw)))
        right = torch.cat([(real - game.even).sign(), (game.even - fake).sign()])
        alike = game.pass_for_real(fake, self.settings["generator_loss"])
        gradients = torch.autograd.grad(alike, list(self.generator.parameters()))
        norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
        return {"pair accuracy": (1 + right.mean()) / 2, "pair gradient": norm}

    def augmented(self, x: Tensor, draw: Streams) -> Tensor:
        return reflect_crop(x, self.pad, draw)

    def sampled_code(self, x: Tensor, draw: Streams) -> Tensor:
        """A draw of ẑ ~ N(μ(x), σ²(x)), by reparametrisation."""
        return gaussian(self.encoder(x), draw)

    def encode(self, x: Tensor, draw: Streams) -> Tensor:
        return reconstructed_from(self.encoder(x), draw, self.settings["code"])
