"""Wasserstein PAGAN: the three games of PAGAN between critics, each held to a slope of 1 by a gradient penalty.

Paper: "Pairwise Augmented GANs with Adversarial Reconstruction Loss", appendices B.2 and C.1. Numbers in brackets are
its equations; with x an image, z ~ N(0, I), ẑ ~ q(z|x) its code, x̃ = G(z), x̂ = G(ẑ), and y = a(x) an augmentation
of x:

    player     networks             minimises
    image      f_x, of images       (37)  E f_x(x̃) - E f_x(x), and its penalty
    code       f_z, of codes        (37)  E f_z(ẑ) - E f_z(z), and its penalty; the prior is the real side
    pair       f_xx, of two images  (37)  E f_xx(x, x̂) - E f_xx(x, y), and its penalty, whose points are (38)
    generator  G                    (37)  -E f_x(x̃) - E f_xx(x, x̂); ẑ is given
    encoder    μ, σ of q(z|x)       (37)  -E f_z(ẑ) - E f_xx(x, G(ẑ)); G is given

A penalty is λ E (‖∇f‖ - 1)² at points between the real and the fake; of a pair, the norm is that of both images'
gradients together. Critics move `critic_steps` times, each time on fresh images, codes and augmentations and all three
at once; then generator and encoder move once, so `iterations` counts the steps of these. A critic takes two images as
channels of one.

Differs from the paper: it describes the penalty of pairs, which all three critics are given here; critics have no norm,
neither spectral (the penalty stands in its place) nor batch, as the library's own critic with this penalty; the rest,
also Adam's numbers, is PAGAN's, read from "other parameters were unchanged". (36) prints the Wasserstein distance as
minimised over the model where it is the infimum itself. In (38), (x, y) and (x', y') are read as a real pair and the
fake pair of another image: of the same image, x = x', and the two ways of mixing could not differ.
`mixing: independent` draws a share for each image of a pair (39).
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from stages.train import contract
from stages.train.augmentation import padding, reflect_crop
from stages.train.codes import gaussian, reconstructed_from
from stages.train.networks import dcgan, dense
from stages.train.streams import Streams
from stages.train.terms import critic_gap, gradient_penalty

NETWORKS: dict[str, Any] = {"dcgan": dcgan, "dense": dense}


class System(contract.System):
    def __init__(self, settings: dict[str, Any], shape: list[int]):
        super().__init__(settings, shape)
        build = NETWORKS[settings["networks"]]
        self.pad = padding(shape[0], settings["pad_share"])
        self.generator: nn.Module = build.generator(settings, shape)
        self.encoder: nn.Module = build.encoder(settings, shape, 2 * settings["latent"])
        self.image: nn.Module = build.image_discriminator(settings, shape)
        self.code: nn.Module = build.code_discriminator(settings)
        self.pair: nn.Module = build.pair_discriminator(settings, shape)

    def players(self) -> dict[str, list[nn.Module]]:
        return {
            "image": [self.image],
            "code": [self.code],
            "pair": [self.pair],
            "generator": [self.generator],
            "encoder": [self.encoder],
        }

    def moves(self) -> Sequence[contract.Move]:
        return [self.critic_losses] * self.settings["critic_steps"] + [self.autoencoder_losses]

    def critic_losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        """On images x, [n, c, h, w] in [-1, 1]."""
        weight = self.settings["penalty_weight"]  # λ
        z = self.prior(len(x), draw)
        with torch.no_grad():  # nothing behind the critics moves
            code = self.sampled_code(x, draw)
            sample, reconstruction = self.generator(z), self.generator(code)
        augmented = reflect_crop(x, self.pad, draw)

        share = draw.uniform(4, len(x))  # α of images, of codes, and two of pairs
        pairs = (share[2], share[2] if self.settings["mixing"] == "shared" else share[3])  # (38) or (39)
        other, other_reconstruction = x.roll(1, 0), reconstruction.roll(1, 0)  # (x', y')
        penalties = {
            "image": gradient_penalty(self.image, (x,), (sample,), (share[0],)),
            "code": gradient_penalty(self.code, (z,), (code,), (share[1],)),
            "pair": gradient_penalty(self.pair, (x, augmented), (other, other_reconstruction), pairs),
        }
        gaps = {  # (37), negative
            "image": critic_gap(self.image(x), self.image(sample)),
            "code": critic_gap(self.code(z), self.code(code)),
            "pair": critic_gap(self.pair(x, augmented), self.pair(x, reconstruction)),
        }
        return {name: gaps[name] + weight * penalties[name] for name in gaps}

    def autoencoder_losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        z = self.prior(len(x), draw)
        code = self.sampled_code(x, draw)
        alike = -self.pair(x, self.generator(code)).mean()
        return {
            "generator": -self.image(self.generator(z)).mean() + alike,
            "encoder": -self.code(code).mean() + alike,
        }

    def sampled_code(self, x: Tensor, draw: Streams) -> Tensor:
        """A draw of ẑ ~ N(μ(x), σ²(x)), by reparametrisation."""
        return gaussian(self.encoder(x), draw)

    def encode(self, x: Tensor, draw: Streams) -> Tensor:
        return reconstructed_from(self.encoder(x), draw, self.settings["code"])
