"""Execute one notebook and make it a page that stands alone.

python -m stages.render --notebook notebooks/pagan.ipynb --root . --out reports/pagan.html
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import jinja2
import nbformat
import papermill
from nbconvert import HTMLExporter
from traitlets.config import Config

from stages import door, record

TEMPLATE = Path(__file__).with_name("page.html")
SCRIPT = Path(__file__).with_name("page.js")
# What the kernel is told goes over a port that other users of the machine could listen to; it warns if it is plain.
ENCRYPTED = Config(KernelManager={"transport_encryption": "auto"})
LARGEST = 3_000_000  # bytes: a page should open on a phone


def main(argv: Sequence[str] | None = None) -> None:
    parser = door.parser("stages.render", __doc__)
    parser.add_argument(
        "--notebook", type=Path, required=True, help="notebook with a cell of parameters that has `root`"
    )
    parser.add_argument("--root", type=Path, required=True, help="the project's root, with tables/ and runs/")
    parser.add_argument("--out", type=Path, required=True, help="HTML file to write")
    args = parser.parse_args(argv)

    executed = execute(args.notebook, args.root)
    text = page(executed, args.notebook.stem)
    size = len(text.encode())
    if size > LARGEST:
        raise door.UserError(
            f"{args.out} would have {size:,} bytes, {LARGEST:,} at most; show fewer or smaller pictures"
        )
    with record.new_file(args.out) as temporary:
        temporary.write_text(text, encoding="utf-8")
    door.say(f"{args.out}: {size / 1000:,.0f} kB")


def execute(notebook: Path, root: Path) -> nbformat.NotebookNode:
    """Run every cell in a kernel of this very environment; the copy with outputs is kept nowhere."""
    if not notebook.is_file():
        raise door.UserError(f"{notebook} is missing; give a notebook of notebooks/")
    try:
        known = papermill.inspect_notebook(str(notebook))
    except (ValueError, nbformat.reader.NotJSONError) as error:
        raise door.UserError(f"{notebook} cannot be read ({error}); save it anew with the kernel python3") from None
    if "root" not in known:
        raise door.UserError(f"{notebook} has no parameter `root`; tag the cell that sets it `parameters`")
    with tempfile.TemporaryDirectory() as scratch:
        done = Path(scratch) / notebook.name
        try:
            papermill.execute_notebook(
                str(notebook),
                str(done),
                parameters={"root": str(root.resolve())},
                kernel_name="python3",
                progress_bar=False,
                cwd=str(root),
                config=ENCRYPTED,
            )
        except papermill.PapermillExecutionError as error:
            raise door.UserError(
                f"{notebook}: cell {error.exec_count} failed with {error.ename}: {error.evalue}"
            ) from None
        made = nbformat.read(done, as_version=4)
    # papermill's cell of parameters has nothing to show, and a random name, which would make each page a new file
    made.cells = [cell for cell in made.cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    return made


def page(notebook: nbformat.NotebookNode, name: str) -> str:
    """Outputs and prose, without code, in our own page: nbconvert's asks the network for scripts."""
    exporter = HTMLExporter(
        template_name="basic", exclude_input=True, exclude_output_prompt=True, exclude_anchor_links=True
    )
    body, _ = exporter.from_notebook_node(notebook)
    template = jinja2.Environment(autoescape=True).from_string(TEMPLATE.read_text(encoding="utf-8"))
    finished = jinja2.filters.do_mark_safe
    script = finished(SCRIPT.read_text(encoding="utf-8"))
    return template.render(title=notebook.metadata.get("title", name), body=finished(body), name=name, script=script)


if __name__ == "__main__":
    door.enter(main)
