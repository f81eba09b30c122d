"""Official archives that the user has: found by their names, taken only with the published checksum."""

import hashlib
from pathlib import Path

from stages.door import UserError
from stages.fetch.sources.dataset import Archive


def own(archives: tuple[Archive, ...], path: Path) -> dict[str, Path]:
    """{name: path} of archives that lie in a folder under their own names; of a single one, the file itself."""
    if not path.exists():
        raise UserError(f"{path} does not exist; give the folder that holds {names(archives)}")
    if not path.is_dir() and len(archives) > 1:
        raise UserError(f"{path} is one file; give the folder that holds {names(archives)}")
    found = {archive.name: path / archive.name if path.is_dir() else path for archive in archives}
    for archive in archives:
        if not found[archive.name].is_file():
            raise UserError(f"{found[archive.name]} does not exist; {path} must hold {names(archives)}")
        if wrong := problem(archive, found[archive.name]):
            raise UserError(f"{found[archive.name]} {wrong}")
    return found


def names(archives: tuple[Archive, ...]) -> str:
    return ", ".join(archive.name for archive in archives)


def problem(archive: Archive, path: Path) -> str | None:
    """What is wrong with a file that should be the archive."""
    kind, published = ("sha256", archive.sha256) if archive.sha256 else ("md5", archive.md5)
    with path.open("rb") as file:
        start = file.read(512).lstrip().lower()
        file.seek(0)
        found = hashlib.file_digest(file, lambda: hashlib.new(kind, usedforsecurity=False)).hexdigest()
    if found == published:
        return None
    if start.startswith((b"<!doctype html", b"<html")):
        return f"is a web page, not {archive.name}; its server may want a login or be over its quota"
    return f"has {kind} {found}, not {published} as published; it is cut short or altered, so get it again"
