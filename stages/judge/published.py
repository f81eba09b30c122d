"""Take in a network with others' weights: the published file, checked, becomes safetensors with a card.

    python -m stages.judge.published --network inception --out judges/inception \\
        --provenance judges/provenance/inception.json

`published` in params.yaml says where the file lies and what its sha256 is, which is compared before anything in it is
read. Where there is no file, the card says so, and so does every number that needs it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stages import door, params, record, weights

if TYPE_CHECKING:  # what needs torch imports it where it is needed: that a file is not there is said without
    from torch import Tensor

TITLES = {
    params.INCEPTION: "ImageNet Inception",
    "lpips-alex": "AlexNet trunk of LPIPS",
    "lpips-squeeze": "SqueezeNet 1.1 trunk of LPIPS",
    "lpips-vgg": "VGG-16 trunk of LPIPS",
}
TRUNKS = {"lpips-alex": "alexnet", "lpips-squeeze": "squeezenet1_1", "lpips-vgg": "vgg16"}  # as torchvision names them


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.judge.published", __doc__)
    parser.add_argument("--network", required=True, help="a key of `published` in params.yaml")
    parser.add_argument("--out", type=Path, required=True, help="folder to make: weights.safetensors, card.json")
    parser.add_argument("--provenance", type=Path, required=True, help="JSON file to write: where it came from")
    args = parser.parse_args(argv)

    suite = params.load(args.params)
    told = suite.published[params.known(args.network, suite.published, "--network")]
    provenance = record.Provenance("published", asdict(told), f"dvc repro published@{args.network}")
    card: dict[str, Any] = {
        "kind": "published",
        "network": args.network,
        "title": TITLES[args.network],
        "classes": 1008 if args.network == params.INCEPTION else None,
        "features": 2048 if args.network == params.INCEPTION else None,
        "published_file": told.file,
        "published_sha256": told.sha256,
        "source": told.url,
        "weights_sha256": None,
        **dict.fromkeys(("dataset", "shape", "test_accuracy")),
    }
    path = Path(told.file)
    if path.is_file():
        kept = tensors(path, checked(path, told.sha256), args.network)
        said = f"{card['title']}, {sum(tensor.numel() for tensor in kept.values()):,} weights"
    else:
        kept = {}
        card["missing"] = f"needs {told.file} (sha256 {told.sha256[:8]}…)"
        said = f"{card['missing']}; get it with `make weights`, or put it there"
    with record.new_folder(args.out) as folder:
        if kept:
            weights.save(folder / "weights.safetensors", {name: tensor.numpy() for name, tensor in kept.items()})
            card["weights_sha256"] = record.file_digest(folder / "weights.safetensors")
        record.write(folder / "card.json", card)
    provenance.write(args.provenance)
    door.say(f"{args.out}: {said}")


def checked(path: Path, sha256: str) -> bytes:
    """The file's content, once, so that what was compared is what is read."""
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise door.UserError(f"{path} has sha256 {found}, not {sha256} as published; delete it and run `make weights`")
    return content


def tensors(path: Path, content: bytes, network: str) -> "dict[str, Tensor]":
    """Those of the file that are kept: by name, type and shape exactly those of the network."""
    import torch

    try:
        state = torch.load(BytesIO(content), map_location="cpu", weights_only=True)
    except Exception:  # whatever it is, the bytes are at fault
        raise door.UserError(f"{path} is no file of weights alone; nothing in it was run; give another") from None
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(tensor, torch.Tensor) for name, tensor in state.items()
    ):
        raise door.UserError(f"{path} holds a {type(state).__name__}, not tensors by name; give another")
    found = {name: tensor.detach() for name, tensor in state.items() if is_kept(name, network)}
    wanted = {name: tensor for name, tensor in shapes(network).items() if is_kept(name, network)}
    for name in sorted(found | wanted):
        here, there = form(found.get(name)), form(wanted.get(name))
        if here != there:
            raise door.UserError(f"{path} has {here} for {name}, where the {TITLES[network]} has {there}; give another")
    return found


def is_kept(name: str, network: str) -> bool:
    """Of Inception all but counters of training, of a trunk its convolutions alone."""
    return not name.endswith(".num_batches_tracked") if network == params.INCEPTION else name.startswith("features.")


def shapes(network: str) -> "dict[str, Tensor]":
    """The network's own tensors, without numbers."""
    if network == params.INCEPTION:
        from stages.judge import inception

        return inception.network().state_dict()
    import torch
    import torchvision

    with torch.device("meta"):
        state: dict[str, Tensor] = getattr(torchvision.models, TRUNKS[network])(weights=None).state_dict()
    return state


def form(tensor: "Tensor | None") -> str:
    return "nothing" if tensor is None else f"{str(tensor.dtype).removeprefix('torch.')} of {list(tensor.shape)}"


if __name__ == "__main__":
    door.enter(main)
