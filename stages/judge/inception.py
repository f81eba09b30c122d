"""The ImageNet network of the official Inception Score and FID, as torch-fidelity ported it from TensorFlow.

Its port brings the preprocessing of the official graph: TensorFlow 1's bilinear resize to 299 x 299, then (x - 128) /
128. Features are the 2,048 of the last pooling; logits are of 1,008 classes and without the last layer's bias, as the
official Inception Score takes them. Grey images are shown as three equal channels.
"""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from stages import record, weights
from stages.door import UserError
from stages.judge import device

OUTPUTS = ["2048", "logits_unbiased"]


def network() -> nn.Module:
    """The port as shapes without numbers: what it is to see with comes from a checked file."""
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3  # takes seconds

    class Port(FeatureExtractorInceptionV3):
        def load_state_dict(self, state: dict[str, Tensor], strict: bool = True, assign: bool = False) -> Any:
            # The port's own constructor wants a file at once, and gets an empty one.
            return super().load_state_dict(state, strict, assign) if state else None

    nothing = BytesIO()
    torch.save({}, nothing)
    nothing.seek(0)
    with torch.device("meta"):
        made: nn.Module = Port("inception", OUTPUTS, feature_extractor_weights_path=nothing)
    return made


class Inception:
    suffix = ""

    def __init__(self, model: nn.Module, card: dict[str, Any]):
        self.model = model
        self.card = card

    @property
    def name(self) -> str:
        """As reports say it, with eight letters of the published file's hash."""
        return f"{self.card['title']} ({self.card['published_sha256'][:8]})"

    @torch.no_grad()
    def look(self, images: np.ndarray, batch: int = 50) -> tuple[np.ndarray, np.ndarray]:
        """(features, logits) of uint8 NHWC images of any size, in float64."""
        if images.shape[3] not in (1, 3):
            raise UserError(f"Inception sees grey or colour images, these have {images.shape[3]} channels")
        where = device.choose()
        self.model.to(where)
        seen: list[list[Tensor]] = []
        for at in range(0, len(images), batch):
            part = torch.from_numpy(np.array(images[at : at + batch])).permute(0, 3, 1, 2).expand(-1, 3, -1, -1)
            seen.append([output.cpu() for output in self.model(part.to(where))])
        features, logits = (torch.cat(part).double().numpy() for part in zip(*seen, strict=True))
        return features, logits

    @classmethod
    def load(cls, folder: Path) -> "Inception":
        card = record.read(folder / "card.json")
        path = folder / "weights.safetensors"
        if not path.is_file() or record.file_digest(path) != card["weights_sha256"]:
            raise UserError(
                f"{path} is not the file that its card describes; run `dvc repro published@inception` to make it again"
            )
        model = network()
        kept = {name: torch.from_numpy(array) for name, array in weights.load(path).items()}
        model.load_state_dict(kept, assign=True)
        return cls(model.eval(), card)
