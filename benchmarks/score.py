"""Time scoring 10,000 images against 10,000 others by FID, KID and IS, beside torch-fidelity with the same judge.

    python -m benchmarks.score [--images 10000] [--width 16] [--rounds 3]

The images are blurred noise of 32 x 32, from a seed; the judge is the vgg of `classifiers` with random weights, which
take as long as others. Each way runs in a process of its own, from arrays on disk to numbers, imports and all, in
alternation. Prints, as medians over rounds: seconds on the clock, seconds of the processor, the largest memory; and
how far the numbers of the two are apart.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

WAYS = ("this suite", "this suite, again", "torch-fidelity")
METRICS = {"FID": "frechet_inception_distance", "KID": "kernel_inception_distance_mean", "IS": "inception_score_mean"}
SIZES = {"kid_subsets": 100, "kid_subset_size": 1000}


def make(folder: Path, images: int, width: int) -> None:
    """Two sets of images, a judge's folder, and params with torch-fidelity's own sizes."""
    import torch
    import yaml
    from scipy.ndimage import uniform_filter

    from stages.judge import classifier

    draw = np.random.default_rng(0)
    for name, spread in (("samples", 300), ("reference", 330)):
        rough = draw.normal(128, spread, (images, 32, 32, 3)).astype(np.float32)
        np.save(folder / f"{name}.npy", uniform_filter(rough, (0, 5, 5, 0)).clip(0, 255).astype(np.uint8))
    raw = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    raw["profiles"]["quick"]["evaluate"] |= SIZES
    raw["profiles"]["quick"]["threads"] = os.cpu_count()
    (folder / "params.yaml").write_text(yaml.safe_dump(raw | {"profile": "quick"}), encoding="utf-8")

    torch.manual_seed(0)
    knobs = raw["classifiers"]["vgg"] | {"width": width}
    model = classifier.network("vgg").Network(3, 32, 10, knobs)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0  # one batch tells what is usual, else random layers fade away
    shown = torch.from_numpy(np.load(folder / "reference.npy")[:500])
    model.train()(classifier.to_unit_range(shown))
    model.eval()
    card = {"kind": "own", "network": "vgg", "shape": [32, 32, 3], "classes": 10, "knobs": knobs, "title": "noise"}
    card |= {"features": model.features, "dataset": None, "test_accuracy": None}
    (folder / "judge").mkdir()
    classifier.Classifier(model, card).save(folder / "judge")


def ours(folder: Path) -> dict[str, float]:
    from stages import record
    from stages.evaluate.__main__ import main

    given = {
        "generated": "",
        "reference": "reference.npy",
        "judge": "judge",
        "params": "params.yaml",
        "out": "out.json",
    }
    words = [word for name, file in given.items() for word in (f"--{name}", str(folder / file))]
    main([*words, "--metrics", ",".join(METRICS)])
    told = record.read(folder / "out.json")["metrics"]
    return {name: told[f"{name}-own"]["value"] for name in METRICS}


def theirs(folder: Path) -> dict[str, float]:
    import torch
    import torch_fidelity
    from torch_fidelity.feature_extractor_base import FeatureExtractorBase

    from stages.judge import classifier

    judge = classifier.Classifier.load(folder / "judge")

    class Extractor(FeatureExtractorBase):  # type: ignore[misc]
        def __init__(self, name: str, features_list: list[str], **kwargs: Any):
            super().__init__(name, features_list)
            self.model = judge.model

        @staticmethod
        def get_provided_features_list() -> tuple[str, ...]:
            return "features", "logits"

        @staticmethod
        def get_default_feature_layer_for_metric(metric: str) -> str:
            return "logits" if metric == "isc" else "features"

        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
            seen = dict(zip(self.get_provided_features_list(), self.model(x.float() / 127.5 - 1), strict=True))
            return tuple(seen[name] for name in self.features_list)

    class Images(torch.utils.data.Dataset[torch.Tensor]):
        def __init__(self, path: Path):
            self.images = np.load(path, mmap_mode="r")

        def __len__(self) -> int:
            return len(self.images)

        def __getitem__(self, place: int) -> torch.Tensor:
            return torch.from_numpy(np.array(self.images[place])).permute(2, 0, 1)

    torch_fidelity.register_feature_extractor("judge", Extractor)
    told = torch_fidelity.calculate_metrics(
        input1=Images(folder / "samples.npy"),
        input2=Images(folder / "reference.npy"),
        feature_extractor="judge",
        **{"isc": True, "fid": True, "kid": True, "cuda": False, "cache": False, "verbose": False, "batch_size": 500},
        **SIZES,
    )
    return {name: told[key] for name, key in METRICS.items()}


def alone(way: str, folder: Path) -> dict[str, Any]:
    """One way in a process of its own: its numbers and its cost."""
    if way == "this suite":
        for kept in (folder / "cache").glob("*"):
            kept.unlink()
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.score", "--way", way, "--folder", str(folder)],
        env=os.environ | {"SUITE_CACHE": str(folder / "cache"), "SUITE_DEVICE": "cpu"},
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told | {"seconds": time.perf_counter() - began}


def cost() -> dict[str, float]:
    """Of this process and the workers that it has had."""
    mine, workers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    busy = mine.ru_utime + mine.ru_stime + workers.ru_utime + workers.ru_stime
    return {"processor": busy, "megabytes": max(mine.ru_maxrss, workers.ru_maxrss) / 1024}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--width", type=int, default=16, help="of the judge; it has eight times as many features")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", choices=["make", *WAYS], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.way == "make":
        make(args.folder, args.images, args.width)
        return
    if args.way:
        numbers = (theirs if args.way == "torch-fidelity" else ours)(args.folder)
        print(json.dumps({"numbers": numbers} | cost()))
        return
    with tempfile.TemporaryDirectory() as scratch:
        maker = ["--way", "make", "--folder", scratch, "--images", str(args.images), "--width", str(args.width)]
        subprocess.run([sys.executable, "-m", "benchmarks.score", *maker], check=True)  # its memory is not ours
        told: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
        for _ in range(args.rounds):
            for way in WAYS:
                told[way].append(alone(way, Path(scratch)))
    for way, rounds in told.items():
        seconds, processor, megabytes = (
            statistics.median(one[key] for one in rounds) for key in ("seconds", "processor", "megabytes")
        )
        print(f"{way:20} {seconds:6.1f} s, {processor:6.1f} s of the processor, {megabytes:6.0f} MB")
    here, there = (told[way][0]["numbers"] for way in ("this suite", "torch-fidelity"))
    apart = {name: abs(here[name] - there[name]) / abs(there[name]) for name in METRICS}
    print("apart:", ", ".join(f"{name} {found:.1e} of {there[name]:.4g}" for name, found in apart.items()))


if __name__ == "__main__":
    main()
