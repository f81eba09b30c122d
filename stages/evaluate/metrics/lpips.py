"""LPIPS: how far an image is from its reconstruction in the layers of a network trained on ImageNet.

Zhang et al. 2018, version 0.1: activations of five layers (seven of SqueezeNet's), each pixel's scaled to length 1;
squared differences, weighed by learned heads; means over pixels, summed over layers. λ-IJAE's Table 1 reads it on test
images in [-1, 1] without resizing; the paper names no network, so AlexNet is taken. Its spread there is over images.

The heads are those that torchmetrics ships. Grey images are shown as three equal channels.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from stages import record, weights
from stages.door import UserError
from stages.judge.absent import NotComputed

LABEL = "LPIPS"
BETTER = "lower"
NEEDS = ("originals", "reconstructions")
JUDGED = False

SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)  # of ImageNet's channels, in [-1, 1]
BATCH = 250


class Trunk(NamedTuple):
    model: str  # as torchvision names it
    heads: str  # as torchmetrics names their file
    layers: tuple[int, ...]  # after which activations are compared
    least: int  # pixels of a side that these layers leave something of


TRUNKS = {
    "lpips-alex": Trunk("alexnet", "alex", (1, 4, 7, 9, 11), 31),
    "lpips-vgg": Trunk("vgg16", "vgg", (3, 8, 15, 22, 29), 16),
    "lpips-squeeze": Trunk("squeezenet1_1", "squeeze", (1, 4, 7, 9, 10, 11, 12), 17),
}


@torch.no_grad()
def distances(x: Tensor, y: Tensor, trunk: nn.Sequential, layers: tuple[int, ...], heads: list[Tensor]) -> Tensor:
    """Of pairs of images [n, 3, h, w] in [-1, 1], one a pair. A head is [1, channels, 1, 1]."""
    shift, scale = (torch.tensor(told, dtype=x.dtype)[:, None, None] for told in (SHIFT, SCALE))
    x, y, total = (x - shift) / scale, (y - shift) / scale, torch.zeros(len(x), dtype=x.dtype)
    for place, layer in enumerate(trunk[: layers[-1] + 1]):
        x, y = layer(x), layer(y)
        if place in layers:
            squares = (unit(x) - unit(y)) ** 2
            total += (squares * heads[layers.index(place)]).sum(dim=1).mean(dim=(1, 2))
    return total


def unit(activations: Tensor) -> Tensor:
    return activations / torch.sqrt((activations**2).sum(dim=1, keepdim=True) + 1e-8)


def heads_of(trunk: Trunk) -> list[Tensor]:
    """Found without importing torchmetrics, which takes seconds."""
    found = find_spec("torchmetrics")
    assert found is not None
    assert found.origin is not None
    path = Path(found.origin).parent / "functional/image/lpips_models" / f"{trunk.heads}.pth"
    state = torch.load(path, map_location="cpu", weights_only=True)
    return [state[f"lin{place}.model.1.weight"] for place in range(len(trunk.layers))]


def network(trunk: Trunk, arrays: dict[str, np.ndarray]) -> nn.Sequential:
    import torchvision  # takes seconds

    with torch.device("meta"):
        layers: nn.Sequential = getattr(torchvision.models, trunk.model)(weights=None).features
    state = {name.removeprefix("features."): torch.from_numpy(array) for name, array in arrays.items()}
    layers.load_state_dict(state, assign=True)
    return layers.eval()


def to_unit_range(images: np.ndarray) -> Tensor:
    """uint8 NHWC of one or three channels to float32 [n, 3, h, w] in [-1, 1]."""
    x = torch.from_numpy(np.array(images)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return x.expand(-1, 3, -1, -1)


def measure(seen: Any) -> dict[str, Any]:
    originals, reconstructions = seen.images("originals"), seen.images("reconstructions")
    if originals.shape != reconstructions.shape:
        raise UserError(
            f"LPIPS compares image by image: {originals.shape} originals, {reconstructions.shape} reconstructions; "
            "give pairs"
        )
    height, width, channels = originals.shape[1:]
    if channels not in (1, 3):
        raise UserError(f"LPIPS compares grey or colour images, these have {channels} channels")
    if seen.trunk is None:
        raise NotComputed("needs --lpips, the folder of the network on which it stands")
    card = record.read(seen.trunk / "card.json")
    if card["network"] not in TRUNKS:
        raise UserError(f"--lpips holds {card['network']}, no trunk of LPIPS; give one of {', '.join(TRUNKS)}")
    trunk = TRUNKS[card["network"]]
    if min(height, width) < trunk.least:
        reason = f"images of {height} x {width} are too small for the {card['title']}"
        raise NotComputed(f"{reason}, which leaves nothing of less than {trunk.least} x {trunk.least}")
    if "missing" in card:
        raise NotComputed(f"{card['missing']}; see README")
    path = seen.trunk / "weights.safetensors"
    if not path.is_file() or record.file_digest(path) != card["weights_sha256"]:
        again = f"dvc repro published@{card['network']}"
        raise UserError(f"{path} is not the file that its card describes; run `{again}` to make it again")
    layers, heads = network(trunk, weights.load(path)), heads_of(trunk)
    found = []
    for at in range(0, len(originals), BATCH):
        x, y = (to_unit_range(images[at : at + BATCH]) for images in (originals, reconstructions))
        found.append(distances(x, y, layers, trunk.layers, heads))
    values = torch.cat(found).double().numpy()
    return {
        "value": float(values.mean()),
        "over_images": float(values.std()),
        "images": len(values),
        "judge": f"{card['title']} ({card['published_sha256'][:8]}), heads 0.1",
    }
