"""Arrays by name in one safetensors file: no pickle, and the same bytes for the same arrays.

The format is eight bytes of length, a JSON header, and the arrays' bytes. It is read and written here, because training
must run where there is torch and no safetensors package; the tests hold both ways to that package.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from stages import record
from stages.door import UserError

CODES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "|u1", "BOOL": "|b1"}
NAMES = {np.dtype(code): name for name, code in CODES.items()}


def save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Wide types first, so that every array starts where its type wants to be aligned."""
    header: dict[str, Any] = {}
    chosen = sorted(arrays, key=lambda name: (-arrays[name].dtype.itemsize, name))
    end = 0
    for name in chosen:
        start, end = end, end + arrays[name].nbytes
        kind = NAMES[arrays[name].dtype.newbyteorder("<") if arrays[name].dtype.itemsize > 1 else arrays[name].dtype]
        header[name] = {"dtype": kind, "shape": list(arrays[name].shape), "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with record.new_file(path) as temporary, temporary.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name in chosen:
            file.write(np.ascontiguousarray(arrays[name]).tobytes())


def load(path: Path) -> dict[str, np.ndarray]:
    try:
        content = path.read_bytes()
        start = 8 + int.from_bytes(content[:8], "little")
        header = json.loads(content[8:start])
        header.pop("__metadata__", None)
        return {name: one(content, start, told) for name, told in header.items()}
    except FileNotFoundError:
        raise UserError(f"{path} is missing; `dvc repro` makes it, or give another path") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path} is not a whole safetensors file ({error}); delete it and make it again") from None


def one(content: bytes, start: int, told: dict[str, Any]) -> np.ndarray:
    first, last = told["data_offsets"]
    array: np.ndarray = np.frombuffer(content[start + first : start + last], dtype=CODES[told["dtype"]])
    return array.reshape(told["shape"]).copy()
