"""Arrays on disk between the rooms: .npy files, mapped when read, checked before they are used.

Images are uint8, [n, height, width, channels], everywhere outside a network.
"""

import hashlib
from pathlib import Path

import numpy as np

from stages.door import UserError


def load(path: Path, *, dtype: type[np.generic] = np.uint8, dimensions: int = 4) -> np.ndarray:
    """The array at `path`, mapped read-only; images unless told otherwise."""
    try:
        array: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise UserError(f"{path} is missing; `dvc repro` makes it, or give another path") from None
    except (ValueError, EOFError, OSError) as error:
        raise UserError(f"{path} is not a whole .npy file ({error}); delete it and make it again") from None
    if array.dtype != dtype or array.ndim != dimensions:
        wanted = f"{np.dtype(dtype).name} with {dimensions} dimensions"
        raise UserError(f"{path} holds {array.dtype} of shape {array.shape}; it must be {wanted}")
    if len(array) == 0:
        raise UserError(f"{path} holds no rows; give a set with at least one")
    return array


def save(folder: Path, name: str, array: np.ndarray) -> None:
    np.save(folder / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)


def digest(array: np.ndarray) -> str:
    """Of the values and the shape, not of the file."""
    told = hashlib.sha256(f"{array.dtype} {array.shape}".encode())
    told.update(np.ascontiguousarray(array).reshape(-1).data)  # a view: large sets are mapped, not read at once
    return told.hexdigest()
