"""pix2pix with a code: the baseline of AGE's colorization.

Paper: Isola et al. 2017, "Image-to-Image Translation with Conditional Adversarial Networks"; numbers in brackets are
its equations. AGE's authors gave it the noise that their own generator gets. With L an image's lightness, x its two
colours in Lab, z uniform on the unit sphere of R^3, and x̃ = G(L, z), z's three numbers as constant maps beside L:

    player     networks       minimises
    image      D, of patches  (1)  half of telling (L, x) from (L, x̃)
    generator  G              (4)  (L, x̃) passing D, plus λ times the L1 distance (3) of x and x̃

One iteration is one step of D, then one of G. Nothing asks that z be heeded, and (3) pulls x̃ to the median colour of
such an L whatever z is. There is no encoder, and so neither reconstruction nor transfer.

Differs from the paper: D and G step on images of their own, where it takes the same for both; G's dropout, in that
paper the only noise, is left out, so that z is; the term of G is -log D, as its text says it trains; (3) is a mean over
pixels and colours, as in its code; the rate does not fall. AGE's paper gives no budget: 50 epochs.
"""

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor, cat, nn

from stages.train import contract, lab
from stages.train.codes import on_sphere
from stages.train.networks import dense, pix2pix
from stages.train.streams import Streams
from stages.train.terms import l1, pass_for_real, tell_apart

NETWORKS: dict[str, Any] = {"pix2pix": pix2pix, "dense": dense}


class System(contract.System):
    encodes = False
    conditional = True
    cited = True

    def __init__(self, settings: dict[str, Any], shape: list[int]):
        super().__init__(settings, shape)
        lab.check(shape)
        build = NETWORKS[settings["networks"]]
        self.generator: nn.Module = build.colorizer(settings, shape)
        self.image: nn.Module = build.image_discriminator(settings, shape)

    def players(self) -> dict[str, list[nn.Module]]:
        return {"image": [self.image], "generator": [self.generator]}

    def moves(self) -> Sequence[contract.Move]:
        return [self.discriminator_loss, self.generator_loss]

    def discriminator_loss(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        lightness, colours = lab.of_rgb(x)
        made = self.generator(lightness, self.prior(len(x), draw))
        return {"image": tell_apart(self.judged(lightness, colours), self.judged(lightness, made)) / 2}  # (1)

    def generator_loss(self, x: Tensor, draw: Streams) -> dict[str, Tensor]:
        lightness, colours = lab.of_rgb(x)
        made = self.generator(lightness, self.prior(len(x), draw))
        passing = pass_for_real(self.judged(lightness, made), "nonsaturating")
        return {"generator": passing + self.settings["l1_weight"] * l1(colours, made, "mean")}  # (4)

    def judged(self, lightness: Tensor, colours: Tensor) -> Tensor:
        logits: Tensor = self.image(cat([lightness, colours], dim=1))
        return logits

    def prior(self, n: int, draw: Streams) -> Tensor:
        return on_sphere(super().prior(n, draw))

    def decoder_given(self, x: Tensor) -> Callable[[Tensor], Tensor]:
        lightness, _ = lab.of_rgb(x)
        return lambda code: lab.to_rgb(lightness, self.generator(lightness, code))
