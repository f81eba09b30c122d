"""Pieces of pages, and the door that executes a notebook."""

from pathlib import Path

import nbformat
import numpy as np
import pytest

from stages import record
from stages.door import UserError
from stages.render import charts, claims, grids, markup
from stages.render.__main__ import main
from stages.render.report import Report


def test_text_from_data_cannot_become_markup():
    text = '<script>alert("x")</script>'
    assert "<script>" not in str(markup.tag("p", text))
    assert '"x"' not in str(markup.tag("p", "", title=text))
    assert "<script>" not in str(markup.table(text, [text], [[text, text]]))
    assert "<script>" not in str(markup.image(b"", "png", text, "grid"))


def test_finished_markup_is_not_escaped_again():
    assert str(markup.tag("p", markup.tag("b", "&"))) == "<p><b>&amp;</b></p>"


@pytest.mark.parametrize(
    ("value", "text"), [(32.84, "32.84"), (1234567.0, "1,234,567"), (0.00012, "0.00012"), (None, "–"), (9.999999, "10")]
)
def test_numbers_have_four_digits(value, text):
    assert markup.number(value) == text


def test_odd_columns_are_originals():
    originals = np.full((4, 2, 2, 1), 10, np.uint8)
    pairs = grids.paired(originals, originals + 5, columns=4, rows=2)
    assert pairs[:, 0, 0, 0].tolist() == [10, 15] * 4


def test_a_grid_shows_every_pixel_unsmoothed():
    from io import BytesIO

    from PIL import Image

    images = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3, 1)
    sheet = np.asarray(Image.open(BytesIO(grids.grid(images, columns=2, rows=1, scale=2))))
    assert sheet.shape == ((3 + 2) * 2, (3 * 2 + 3) * 2)
    assert sheet[2:8:2, 2:8:2].tolist() == images[0, ..., 0].tolist()


def test_a_chart_is_the_same_bytes_twice_and_names_what_it_shows():
    metric = {"name": "FID", "better": "lower", "paper": {"a": 1.0, "b": 2.0}, "ours": {"a": [3.0, 4.0], "b": []}}
    drawn = charts.beside(["a", "b"], [metric], "digits", "CIFAR-10")
    assert drawn == charts.beside(["a", "b"], [metric], "digits", "CIFAR-10")
    assert b"lower is better" in drawn
    assert b"the paper, CIFAR-10" in drawn


def test_a_verdict_is_told_in_words_not_by_colour_alone():
    for word in claims.SIGNS:
        assert word in str(claims.badge(word))
    assert len(set(claims.SIGNS.values())) == len(claims.SIGNS)


@pytest.fixture
def nothing_run(tmp_path):
    """A workspace in which nothing has been run."""
    tables = tmp_path / "tables"
    paper = {
        "id": "p",
        "title": "A <b>title</b>",
        "dataset_title": "CIFAR-10",
        "judge": "Inception",
        "artifacts": ["Table 1"],
    }
    run = {
        "profile": "quick",
        "seeds": [0],
        "rows": ["pagan"],
        "systems": {"pagan": "pagan"},
        "status": {},
        "protocol": {},
    }
    dataset = {"title": "digits", "stand_in": True}
    record.write(tables / "run.json", {**run, "dataset": dataset, "papers": {"p": paper}})
    record.write(tables / "verdicts.json", {"p": []})
    (tables / "scores.csv").write_text("row,seed,metric,better,value\n")
    (tables / "losses.csv").write_text("row,seed,iteration\n")
    columns = "system,row,metric,paper,paper_std,paper_source,failed_seeds"
    (tables / "p-table-1.csv").write_text(f"{columns}\nPAGAN,pagan,FID,32.84,,paper,\n")
    return tmp_path


def test_a_page_renders_with_every_row_missing(nothing_run):
    report = Report(str(nothing_run), "p")
    pieces = [report.heading(), report.verdicts(), report.table("Table 1"), report.chart("Table 1"), report.protocol()]
    pieces += [report.samples(["pagan"]), report.reconstructions(["pagan"]), report.curves(["pagan"])]
    pieces += [report.system("pagan"), report.provenance(), report.all_verdicts(), report.rows_by_metrics()]
    text = "".join(map(str, pieces))
    assert "not run" in text
    assert "32.84" in text
    assert "A &lt;b&gt;title&lt;/b&gt;" in text
    assert "digits, not CIFAR-10" in text


def test_a_diverged_run_is_shown_as_a_finding(nothing_run):
    told = record.read(nothing_run / "tables/run.json")
    told["status"]["pagan/0"] = {"iteration": 42, "player": "pair", "loss": "nan"}
    record.write(nothing_run / "tables/run.json", told)
    report = Report(str(nothing_run), "p")
    assert '<a href="#run-pagan-0"' in str(report.table("Table 1"))
    assert "seed 0 diverged" in str(report.table("Table 1"))
    assert "diverged at iteration 42 (pair)" in str(report.provenance())


def test_a_row_that_ran_and_has_no_samples_is_not_called_not_run(nothing_run):
    told = record.read(nothing_run / "tables/run.json")
    assert "not run" in str(Report(str(nothing_run), "p").samples(["pagan"]))
    told["status"]["pagan/0"] = "scored"
    record.write(nothing_run / "tables/run.json", told)
    assert "this row has none" in str(Report(str(nothing_run), "p").samples(["pagan"]))


def test_a_row_whose_objective_is_a_cited_paper_s_is_flagged_and_told(nothing_run):
    card = {"system": "ali", "cited": True, "docstring": "A game <of> pairs.", "parameters": {"joint": 1234}}
    record.write(nothing_run / "runs/pagan/0/model/card.json", card)
    report = Report(str(nothing_run), "p")
    assert "objective from the cited paper" in str(report.table("Table 1"))
    told = str(report.systems())
    assert "objective from the cited paper" in told
    assert "A game &lt;of&gt; pairs." in told
    assert "joint 1,234" in told
    record.write(nothing_run / "runs/pagan/0/model/card.json", card | {"cited": False})
    assert "objective from the cited paper" not in str(Report(str(nothing_run), "p").table("Table 1"))


def write_notebook(path: Path, *cells: str) -> Path:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.cells[0].metadata["tags"] = ["parameters"]
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return path


@pytest.mark.slow
def test_a_failing_cell_is_named_and_the_old_page_stays(tmp_path):
    notebook = write_notebook(tmp_path / "a.ipynb", 'root = ".."', "1 / 0")
    (tmp_path / "a.html").write_text("the old page")
    with pytest.raises(UserError, match=r"a\.ipynb: cell .* failed with ZeroDivisionError"):
        main(["--notebook", str(notebook), "--root", str(tmp_path), "--out", str(tmp_path / "a.html")])
    assert (tmp_path / "a.html").read_text() == "the old page"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "a.ipynb"]


def test_a_notebook_without_the_parameter_is_refused(tmp_path):
    notebook = write_notebook(tmp_path / "a.ipynb", "rooot = 1")
    with pytest.raises(UserError, match="no parameter `root`"):
        main(["--notebook", str(notebook), "--root", str(tmp_path), "--out", str(tmp_path / "a.html")])


def test_a_notebook_that_is_none_is_refused(tmp_path):
    (tmp_path / "a.ipynb").write_text("not a notebook")
    with pytest.raises(UserError, match=r"a\.ipynb cannot be read"):
        main(["--notebook", str(tmp_path / "a.ipynb"), "--root", str(tmp_path), "--out", str(tmp_path / "a.html")])


def test_a_missing_notebook_is_named(tmp_path):
    with pytest.raises(UserError, match=r"no\.ipynb is missing"):
        main(["--notebook", str(tmp_path / "no.ipynb"), "--root", ".", "--out", str(tmp_path / "a.html")])
