"""Implicit λ-Jeffreys autoencoder: an ELBO whose likelihood and encoder are both implicit, weighed against a GAN.

Paper: "Implicit λ-Jeffreys Autoencoders: Taking the Best of Both Worlds". Numbers in brackets are its equations; with
x an image, z ~ N(0, I), ẑ = E(x, ξ) its code, ξ ~ N(0, I), x̃ = G(z), x̂ = G(ẑ), and y a cyclic shift of x:

    player     networks             minimises
    image      D_ψ, of images       (3)  telling x from x̃; reconstructions are not shown to it
    triplet    D_τ, of two images   (4)  telling (x, ẑ, y) from (x, ẑ, x̂): is the last a shift of the first?
               and a code
    joint      D_ζ, of image, code  (5)  telling (x, z) from (x, ẑ); the prior is the real side
    generator  G                    (6)  (1 - λ) times the negative logit of D_ψ at x̃, λ times that of D_τ; ẑ is given
    encoder    E                    (7)  λ times the negative logits of D_τ, through ẑ and G(ẑ), and of D_ζ; G is given

The logits estimate log density ratios, so that with the best discriminators G and E descend a bound of
λ KL(data || model) + (1 - λ) KL(model || data): λ = 1 covers modes, λ = 0 seeks them. λ is the `lambda` at the top of
params.yaml. `conditional_likelihood: laplace` (λ-IJAE-L1) or `gaussian` (λ-IJAE-L2) puts -log p(x|ẑ), up to its
constant, in the place of the triplet game: Σ|x - x̂| / s or Σ(x - x̂)² / 2s², summed over pixels, s the
`likelihood_scale`.

Differs from the paper:
- All players step at once, one forward pass an iteration; the paper says "alternating gradients" and no more.
- (6) is printed with λ and 1 - λ exchanged, against the objective it is to minimise and against the text, where a
  small λ gives sharp samples. The objective is followed; `weights: printed` is (6) as printed.
- The printed probabilities of a shift's size k = 0..S sum to 1.69. They are divided by their sum, which leaves
  P(k) ∝ 1 / (k + 1); `shift_identity: false` is the other reading, k = 1..S, of which the printed ones do sum to 1,
  but which has no mode at the image itself, as a symmetric likelihood needs.
- r', a Gaussian of scale 1e-8 around x̂, is a point: as a standard deviation that is less than a float32 can hold.
- Spectral norm of D_ψ and D_τ is this suite's choice, after the networks that theirs resemble. D_ζ has none: a log
  ratio of densities must be free to grow. The paper names no norm, nor batch size, number of iterations or scale of
  the explicit likelihoods (here 1).
- λ = 0 leaves the encoder where it starts, since (7) is then 0.
"""

from typing import Any

import torch
from torch import Tensor, nn

from stages.train import contract
from stages.train.networks import dense, ijae
from stages.train.streams import Streams
from stages.train.terms import l1, reverse_kl, squared, tell_apart

NETWORKS: dict[str, Any] = {"ijae": ijae, "dense": dense}


class System(contract.System):
    def __init__(self, settings: dict[str, Any], shape: list[int]):
        super().__init__(settings, shape)
        build = NETWORKS[settings["networks"]]
        share = settings["lambda"]
        self.forward_share = share  # λ, the weight of the forward KL's bound
        self.generator_shares = (share, 1 - share) if settings["weights"] == "printed" else (1 - share, share)
        self.implicit = settings["conditional_likelihood"] == "implicit"
        self.shifts = shift_probabilities(settings["shift_size"], settings["shift_identity"])
        self.generator: nn.Module = build.generator(settings, shape)
        encoder = build.noisy_encoder(settings, shape)
        self.encoder: nn.Module = encoder
        self.noises: int = encoder.NOISES
        self.image: nn.Module = build.image_discriminator(settings, shape)
        free = settings | {"discriminator_norm": settings["joint_norm"]}
        self.joint: nn.Module = build.joint_discriminator(free, shape)
        if self.implicit:
            self.triplet: nn.Module = build.triplet_discriminator(settings, shape)

    def players(self) -> dict[str, list[nn.Module]]:
        triplet: dict[str, list[nn.Module]] = {"triplet": [self.triplet]} if self.implicit else {}
        return {
            "image": [self.image],
            **triplet,
            "joint": [self.joint],
            "generator": [self.generator],
            "encoder": [self.encoder],
        }

    def moves(self) -> list[contract.Move]:
        return [self.losses]

    def learning_rate(self, player: str) -> float:
        side = "learning_rate" if player in ("generator", "encoder") else "discriminator_rate"
        rate: float = self.settings[side]
        return rate

    def losses(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        """Every player's loss on images x, [n, c, h, w] in [-1, 1]."""
        z = self.prior(len(x), draw)
        code = self.encode(x, draw)
        sample, reconstruction = self.generator(z), self.generator(code)

        fake_image, fake_joint = self.image(sample), self.joint(x, code)
        losses = {
            "image": tell_apart(self.image(x), fake_image),  # (3)
            "joint": tell_apart(self.joint(x, z), fake_joint),  # (5)
        }
        if self.implicit:
            fake_triplet = self.triplet(x, code, reconstruction)
            shifted = cyclic_shift(x, self.shifts, draw)
            losses["triplet"] = tell_apart(self.triplet(x, code, shifted), fake_triplet)  # (4)
            unlikely = -fake_triplet.mean()  # Theorem 1: has the gradient of -log r(x|G(ẑ))
        else:
            unlikely = self.explicit(x, reconstruction)
        adversarial, likelihood = self.generator_shares
        losses["generator"] = adversarial * reverse_kl(fake_image) + likelihood * unlikely  # (6)
        losses["encoder"] = self.forward_share * (unlikely + reverse_kl(fake_joint))  # (7)
        return losses

    def explicit(self, x: Tensor, reconstruction: Tensor) -> Tensor:
        """-log p(x|ẑ) less its constant; mean over the batch."""
        scale = self.settings["likelihood_scale"]
        if self.settings["conditional_likelihood"] == "laplace":
            return l1(x, reconstruction, "sum") / scale
        return squared(x, reconstruction) / (2 * scale**2)

    def encode(self, x: Tensor, draw: Streams) -> Tensor:
        """ẑ = E(x, ξ), with fresh ξ after training too."""
        noise = draw.normal(self.noises, len(x), self.settings["latent"])
        code: Tensor = self.encoder(x, noise)
        return code


def shift_probabilities(largest: int, identity: bool) -> list[float]:
    """Of the sizes 0..largest in pixels, ∝ 1 / (size + 1); without `identity`, 0 is left out."""
    weights = [1 / (size + 1) if size or identity else 0.0 for size in range(largest + 1)]
    return [weight / sum(weights) for weight in weights]


def cyclic_shift(x: Tensor, probabilities: list[float], draw: Streams) -> Tensor:
    """Each image [c, h, w] rolled up, down, left or right, all equally likely: r(y|x), the symmetric likelihood."""
    n, _, height, width = x.shape
    size, direction = draw.choices(probabilities, n), draw.offsets(4, n)
    signed, vertical = size * (2 * (direction % 2) - 1), direction < 2
    down, across = (signed * vertical)[:, None, None], (signed * ~vertical)[:, None, None]
    image = torch.arange(n, device=x.device)[:, None, None]
    rows = (torch.arange(height, device=x.device)[None, :, None] - down) % height
    columns = (torch.arange(width, device=x.device)[None, None, :] - across) % width
    return x[image, :, rows, columns].permute(0, 3, 1, 2)
