"""Small sets of random images, in every form in which a user may have them."""

import gzip
import io
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image
from scipy.io import savemat

Files = dict[str, bytes]  # {relative path: content}
FORMS = {  # (width, height), Pillow's mode, format of the files that users have
    "mnist": ((28, 28), "L", "PNG"),
    "colormnist": ((28, 28), "L", "PNG"),
    "cifar10": ((32, 32), "RGB", "PNG"),
    "svhn": ((32, 32), "RGB", "PNG"),
    "celeba": ((178, 218), "RGB", "JPEG"),
    "tiny-imagenet": ((64, 64), "RGB", "JPEG"),
    "stanford-cars": ((80, 50), "RGB", "JPEG"),
}
SETS = sorted(FORMS)
WNIDS = ("n01443537", "n01629819", "n02002556")


@dataclass
class Picture:
    encoded: bytes
    label: int

    @property
    def pixels(self) -> np.ndarray:
        array = np.asarray(Image.open(io.BytesIO(self.encoded)))
        return array if array.ndim == 3 else array[..., None]


def encode(pixels: np.ndarray, kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def draw(name: str, number: int, seed: int) -> bytes:
    """An encoded image that no other number and seed gives."""
    (width, height), mode, kind = FORMS[name]
    pixels = np.random.default_rng([number, seed]).integers(0, 256, (height, width, 3), np.uint8)
    return encode(pixels if mode == "RGB" else pixels[..., 0], kind)


class Small:
    """A few images of a set, in the order in which it is published."""

    def __init__(self, name: str, train: int = 12, test: int = 5):
        self.name = name
        classes = {"celeba": 1, "stanford-cars": 1, "tiny-imagenet": len(WNIDS)}.get(name, 10)
        self.splits = {
            split: [Picture(draw(name, n, seed), n * 7 % classes) for n in range(count)]
            for seed, (split, count) in enumerate({"train": train, "test": test}.items())
        }
        if name == "tiny-imagenet":  # published class by class
            self.splits["train"].sort(key=lambda picture: picture.label)

    def parquet(self) -> Files:
        columns = {"label": lambda p: p.label} if self.name not in ("celeba", "stanford-cars") else {}
        found = {}
        for split, pictures in self.splits.items():
            table = {"image": [{"bytes": p.encoded, "path": None} for p in pictures]}
            table |= {name: [value(p) for p in pictures] for name, value in columns.items()}
            found[f"{split}.parquet"] = parquet(table)
        return found

    def folder(self) -> Files:
        found = {}
        for split, pictures in self.splits.items():
            for number, p in enumerate(pictures):
                place = "" if self.name in ("celeba", "stanford-cars") else f"{self.folder_of(p.label)}/"
                suffix = {"PNG": ".png", "JPEG": ".JPEG"}[FORMS[self.name][2]]
                found[f"{split}/{place}{number}{suffix}"] = p.encoded  # 10 comes after 9, not after 1
        return found

    def folder_of(self, label: int) -> str:
        return WNIDS[label] if self.name == "tiny-imagenet" else str(label)

    @cached_property
    def archives(self) -> Files:
        """Packed once: a .gz holds the time."""
        return ARCHIVES[self.name](self.splits)


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, **options)
    return file.getvalue()


def idx(array: np.ndarray) -> bytes:
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(head + array.astype(np.uint8).tobytes())


def stack(pictures: list[Picture]) -> tuple[np.ndarray, np.ndarray]:
    return np.stack([p.pixels for p in pictures]), np.array([p.label for p in pictures])


def mnist_archives(splits: dict[str, list[Picture]]) -> Files:
    found = {}
    for split, start in {"train": "train", "test": "t10k"}.items():
        images, labels = stack(splits[split])
        found[f"{start}-images-idx3-ubyte.gz"] = idx(images[..., 0])
        found[f"{start}-labels-idx1-ubyte.gz"] = idx(labels)
    return found


def cifar10_archives(splits: dict[str, list[Picture]]) -> Files:
    inside = {}
    for number, part in enumerate(np.array_split(np.arange(len(splits["train"])), 5), start=1):
        inside[f"data_batch_{number}"] = cifar10_batch([splits["train"][n] for n in part])
    inside["test_batch"] = cifar10_batch(splits["test"])
    return {"cifar-10-python.tar.gz": tar_gz({f"cifar-10-batches-py/{name}": data for name, data in inside.items()})}


def cifar10_batch(pictures: list[Picture]) -> bytes:
    images, labels = stack(pictures)
    rows = images.transpose(0, 3, 1, 2).reshape(len(images), -1)
    return pickle.dumps({"data": rows, "labels": labels.tolist(), "batch_label": "a test's"}, protocol=2)


def svhn_archives(splits: dict[str, list[Picture]]) -> Files:
    found = {}
    for split, pictures in splits.items():
        images, labels = stack(pictures)
        file = io.BytesIO()
        held = {"X": images.transpose(1, 2, 3, 0), "y": np.where(labels == 0, 10, labels)[:, None].astype(np.uint8)}
        savemat(file, held, do_compression=True)
        found[f"{split}_32x32.mat"] = file.getvalue()
    return found


def celeba_archives(splits: dict[str, list[Picture]]) -> Files:
    """With an image of the split that is left out between the others."""
    images, lines = {}, []
    left_out = [Picture(draw("celeba", 0, 99), 0)]
    for kind, pictures in {"0": splits["train"], "1": left_out, "2": splits["test"]}.items():
        for picture in pictures:
            name = f"{len(lines) + 1:06d}.jpg"
            images[f"img_align_celeba/{name}"] = picture.encoded
            lines.append(f"{name} {kind}\n")
    return {"img_align_celeba.zip": zipped(images), "list_eval_partition.txt": "".join(lines).encode()}


def tiny_imagenet_archives(splits: dict[str, list[Picture]]) -> Files:
    inside, seen, lines = {"wnids.txt": b"not read"}, dict.fromkeys(range(len(WNIDS)), 0), []
    for p in splits["train"]:
        inside[f"train/{WNIDS[p.label]}/images/{WNIDS[p.label]}_{seen[p.label]}.JPEG"] = p.encoded
        seen[p.label] += 1
    for number, p in enumerate(splits["test"]):
        inside[f"val/images/val_{number}.JPEG"] = p.encoded
        lines.append(f"val_{number}.JPEG\t{WNIDS[p.label]}\t0\t0\t63\t63\n")
    inside["val/val_annotations.txt"] = "".join(lines).encode()
    inside["test/images/test_0.JPEG"] = draw("tiny-imagenet", 0, 99)
    return {"tiny-imagenet-200.zip": zipped({f"tiny-imagenet-200/{name}": data for name, data in inside.items()})}


def stanford_cars_archives(splits: dict[str, list[Picture]]) -> Files:
    return {
        f"cars_{split}.tgz": tar_gz({f"cars_{split}/{n:05d}.jpg": p.encoded for n, p in enumerate(pictures, start=1)})
        for split, pictures in splits.items()
    }


ARCHIVES: dict[str, Callable[[dict[str, list[Picture]]], Files]] = {
    "mnist": mnist_archives,
    "colormnist": mnist_archives,
    "cifar10": cifar10_archives,
    "svhn": svhn_archives,
    "celeba": celeba_archives,
    "tiny-imagenet": tiny_imagenet_archives,
    "stanford-cars": stanford_cars_archives,
}


def tar_gz(members: Files, extra: tuple[tarfile.TarInfo, ...] = ()) -> bytes:
    """Its members in an order that is none, with folders between, as tar packs what a disk lists."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", format=tarfile.GNU_FORMAT) as archive:
        for name in sorted({name.rpartition("/")[0] for name in members} - {""}):
            info = tarfile.TarInfo(name)
            info.type = tarfile.DIRTYPE
            archive.addfile(info)
        for name in sorted(members, reverse=True):
            info = tarfile.TarInfo(name)
            info.size = len(members[name])
            archive.addfile(info, io.BytesIO(members[name]))
        for info in extra:
            archive.addfile(info)
    return file.getvalue()


def zipped(members: Files) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members, reverse=True):
            archive.writestr(name, members[name])
    return file.getvalue()


def write(folder: Path, files: Files) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder
