"""Pack what a reader needs to check a run into one file: an RO-Crate, a zip that describes itself.

    python -m stages.render.archive --root . --out replication.zip

In it: the report, tables, studies, every run's numbers and provenance, params, the pipeline and its locks. Models and
images are not: the locks name them by hash, and the params and the commit make them again.
https://www.researchobject.org/ro-crate/specification/1.1/
"""

import mimetypes
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from stages import door, record

METADATA = "ro-crate-metadata.json"
PROFILE = "https://w3id.org/ro/crate/1.1"
LICENCES = {"MIT": "https://spdx.org/licenses/MIT", "Apache-2.0": "https://spdx.org/licenses/Apache-2.0"}
KINDS = {".yaml": "application/yaml", ".lock": "application/yaml", ".cff": "application/yaml", ".md": "text/markdown"}
NEEDED = ("reports/index.html", "tables/verdicts.json", "params.yaml", "dvc.lock")
PACKED = (  # patterns from the root, and what such a file is
    ("reports/*.html", "a page of the report"),
    ("tables/**/*", "a table: numbers of all runs, or verdicts"),
    ("studies/**/*.json", "the result of a study, or where it came from"),
    ("costs/**/*.json", "what an epoch costs, and on which machine"),
    ("runs/*/*/metrics.json", "the numbers of one run and their protocol"),
    ("runs/*/*/losses.csv", "what one training logged"),
    ("runs/*/*/provenance/*.json", "where a run's results came from"),
    ("judges/*/card.json", "a judge: its data, accuracy and hash"),
    ("data/*/card.json", "a dataset: its counts, hashes, source and licence"),
    ("papers/*.yaml", "a paper's printed numbers and claims"),
    ("params.yaml", "every knob of the run"),
    ("dvc.yaml", "the pipeline"),
    ("dvc.lock", "hashes of everything that a stage read and wrote"),
    ("pipeline/*/dvc.yaml", "the stages of one system"),
    ("pipeline/*/dvc.lock", "hashes of everything that these stages read and wrote"),
    ("requirements.lock", "the libraries, pinned by hash"),
    ("README.md", "how to run it again"),
    ("CITATION.cff", "how to cite the project"),
    ("LICENSE", "the licence"),
)


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.render.archive", __doc__)
    parser.add_argument("--root", type=Path, required=True, help="the project's root, after `dvc repro`")
    parser.add_argument("--out", type=Path, required=True, help="zip file to write")
    args = parser.parse_args(argv)
    for name in NEEDED:
        if not (args.root / name).is_file():
            raise door.UserError(f"{args.root / name} is missing; run `make repro` first")
    found = list(files(args.root))
    with record.new_file(args.out) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        put(archive, METADATA, record.canonical(metadata(args.root, found)).encode())
        for path, _ in found:
            put(archive, path.relative_to(args.root).as_posix(), path.read_bytes())
    door.say(f"{args.out}: {len(found)} files, {args.out.stat().st_size / 1e6:.1f} MB, an RO-Crate 1.1")


def files(root: Path) -> Iterator[tuple[Path, str]]:
    for pattern, what in PACKED:
        for path in sorted(root.glob(pattern)):
            if path.is_file() and not path.name.startswith("."):
                yield path, what


def put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """With a fixed date, so that equal contents are equal archives."""
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def metadata(root: Path, found: list[tuple[Path, str]]) -> dict[str, Any]:
    cited = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    licence = LICENCES[cited["license"]]
    parts = [entity(path, path.relative_to(root).as_posix(), what) for path, what in found]
    commit, date = commit_and_date(root)
    return {
        "@context": f"{PROFILE}/context",
        "@graph": [
            {
                "@id": METADATA,
                "@type": "CreativeWork",
                "about": {"@id": "./"},
                "conformsTo": {"@id": PROFILE},
            },
            {
                "@id": "./",
                "@type": "Dataset",
                "name": cited["title"],
                "description": f"{cited['abstract'].strip()} A run at commit {commit}.",
                "datePublished": date,
                "license": {"@id": licence},
                "hasPart": [{"@id": part["@id"]} for part in parts],
            },
            {"@id": licence, "@type": "CreativeWork", "name": cited["license"], "description": "the project's licence"},
            *parts,
        ],
    }


def commit_and_date(root: Path) -> tuple[str, str]:
    """Of the last commit: the archive has no date of its own, so that packing twice gives the same bytes."""
    asked = ["git", "-C", str(root), "log", "-1", "--format=%H %cI"]
    try:
        commit, date = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        raise door.UserError(f"{root} is in no git repository; pack from a clone") from None
    return commit, date


def entity(path: Path, name: str, what: str) -> dict[str, Any]:
    kind = KINDS.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "text/plain"
    return {
        "@id": name,
        "@type": "File",
        "name": name,
        "description": what,
        "encodingFormat": kind,
        "contentSize": str(path.stat().st_size),
        "sha256": record.file_digest(path),
    }


if __name__ == "__main__":
    door.enter(main)
