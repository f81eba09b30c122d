"""Pieces of pages, and the door that executes a notebook."""

from pathlib import Path

import nbformat
import numpy as np
import pytest

from stages import arrays, params, record
from stages.door import UserError
from stages.render import charts, claims, grids, markup, overview, studies
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


def test_a_walk_stands_between_the_two_images_that_it_joins():
    originals = np.arange(5, dtype=np.uint8).reshape(5, 1, 1, 1)
    walks = np.array([[20, 21, 22], [30, 31, 32]], np.uint8).reshape(2, 3, 1, 1, 1)
    assert grids.framed(walks, originals).flatten().tolist() == [0, 20, 21, 22, 2, 1, 30, 31, 32, 3]


def test_a_grid_shows_every_pixel_unsmoothed():
    from io import BytesIO

    from PIL import Image

    images = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3, 1)
    sheet = np.asarray(Image.open(BytesIO(grids.grid(images, columns=2, rows=1, scale=2))))
    assert sheet.shape == ((3 + 2) * 2, (3 * 2 + 3) * 2)
    assert sheet[2:8:2, 2:8:2].tolist() == images[0, ..., 0].tolist()


def test_a_chart_is_the_same_bytes_twice_and_names_what_it_shows():
    metric = {"name": "FID", "measured": "FID-own", "better": "lower", "paper": {"a": 1.0, "b": 2.0}}
    metric["ours"] = {"a": [3.0, 4.0], "b": []}
    drawn = charts.beside(["a", "b"], [metric], "digits", "CIFAR-10")
    assert drawn == charts.beside(["a", "b"], [metric], "digits", "CIFAR-10")
    assert b"lower is better" in drawn
    assert b"FID: the paper, CIFAR-10" in drawn
    assert b"FID-own: ours, digits" in drawn


def test_a_verdict_is_told_in_words_not_by_colour_alone():
    for word in claims.SIGNS:
        assert word in str(claims.badge(word))
    assert len(set(claims.SIGNS.values())) == len(claims.SIGNS)


SLIP = {
    "id": "sum",
    "where": "Eq. 1",
    "printed": "1.69",
    "right": "1",
    "reading": "Divided by the sum",
    "switch": "systems.p.knob=printed",
    "demonstration": "made-up.p.sum",
}


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
        "ledger": [SLIP],
    }
    run = {
        "profile": "quick",
        "seeds": [0],
        "seeds_of": {"pagan": [0]},
        "rows": ["pagan"],
        "systems": {"pagan": "pagan"},
        "status": {},
        "elsewhere": {},
        "protocol": {},
        "not_computed": {},
        "labels": {},
        "chance": {},
    }
    dataset = {"title": "digits", "stand_in": True}
    record.write(tables / "run.json", {**run, "dataset": dataset, "papers": {"p": paper}})
    record.write(tables / "verdicts.json", {"p": []})
    (tables / "scores.csv").write_text("row,seed,metric,better,value,judge\n")
    (tables / "sweeps.csv").write_text("sweep,dataset,row,point,seed,metric,better,value,judge\n")
    (tables / "losses.csv").write_text("row,seed,iteration\n")
    columns = "system,row,dataset,metric,measured,paper,paper_std,paper_source,failed_seeds"
    (tables / "p-table-1.csv").write_text(f"{columns}\nPAGAN,pagan,CIFAR-10,FID,FID-own,32.84,,paper,\n")
    return tmp_path


def test_a_page_renders_with_every_row_missing(nothing_run):
    report = Report(str(nothing_run), "p")
    pieces = [report.heading(), report.verdicts(), report.table("Table 1"), report.chart("Table 1"), report.protocol()]
    pieces += [report.samples(["pagan"]), report.reconstructions(["pagan"]), report.curves(["pagan"])]
    pieces += [report.system("pagan"), report.provenance(), report.all_verdicts(), report.rows_by_metrics()]
    pieces += [report.tables(), report.points(["IS"], ["pagan"]), report.critic(["pagan"]), report.codes(["pagan"])]
    pieces += [report.study("ijae-figure1"), report.ledger(), report.missing(), report.pages()]
    text = "".join(map(str, pieces))
    assert "not run" in text
    assert "32.84" in text
    assert "A &lt;b&gt;title&lt;/b&gt;" in text
    assert "digits, not CIFAR-10" in text


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        ({"says": "What it adds up to", "numbers": {"as printed": 1.69}}, ["What it adds up to", "as printed", "1.69"]),
        (0.25, ["Computed by the study made-up", "0.25"]),
    ],
    ids=["numbers with a sentence", "one number"],
)
def test_a_contradiction_stands_beside_the_number_that_shows_it(nothing_run, fact, words):
    record.write(nothing_run / "studies/made-up.json", {"p": {"sum": fact}})
    text = str(Report(str(nothing_run)).ledger())
    for word in ["Eq. 1", "dvc exp run -S", "systems.p.knob=printed", *words]:
        assert word in text
    assert 'id="p-sum"' in text


def test_what_is_missing_is_told_once_for_all_that_wait_for_it(nothing_run):
    claim = {"says": "so", "verdict": "not run", "sentence": "Not run: no run of x (dvc repro).", "reason": "x"}
    record.write(nothing_run / "tables/verdicts.json", {"p": [{"id": "P1", **claim}, {"id": "P2", **claim}]})
    told = record.read(nothing_run / "tables/run.json")
    reasons = {"needs weights/x.pth; see README": {"LPIPS": ["pagan", "vae"]}}
    record.write(nothing_run / "tables/run.json", told | {"not_computed": reasons})
    text = str(Report(str(nothing_run)).missing())
    assert text.count("Not run: no run of x (dvc repro).") == 1
    assert 'href="p.html#claim-P1"' in text
    assert 'href="p.html#claim-P2"' in text
    assert "LPIPS of 2 rows" in text


def test_the_matrix_counts_every_claim_under_its_verdict():
    told = {"p": [{"id": f"P{n}", "says": "", "verdict": word} for n, word in enumerate([*claims.SIGNS, "not run"])]}
    text = str(overview.matrix(told))
    cells = [cell.split("</td>")[0] for cell in text.split("<td>")[1:]]
    assert [cell.split(":")[0] for cell in cells] == ["1", "1", "1", "2"]


def test_every_study_is_shown_but_the_one_behind_the_contradictions():
    assert set(studies.SHOWN) == set(params.studies()) - {"contradictions"}


@pytest.fixture
def scored(nothing_run):
    """The same after one run, which its own classifier judged and LPIPS could not."""
    told = record.read(nothing_run / "tables/run.json")
    judges = {"digits CNN (0123abcd)": {"kind": "own", "accuracy": 0.987, "sha256": "0123abcd"}}
    told["protocol"] = {"judges": judges, "dataset": "digits", "settings": {"splits": 10}, "libraries": {}}
    told |= {"status": {"pagan/0": "scored"}, "not_computed": {"needs a file; see README": {"LPIPS": ["pagan"]}}}
    record.write(nothing_run / "tables/run.json", told)
    lines = ["pagan,0,FID-own,lower,31.5,digits CNN (0123abcd)", "pagan,0,RMSE,lower,8.1,"]
    (nothing_run / "tables/scores.csv").write_text("\n".join(["row,seed,metric,better,value,judge", *lines, ""]))
    return nothing_run


def test_a_number_is_called_by_its_judge_s_name_and_the_judge_is_named_beside_it(scored):
    report = Report(str(scored), "p")
    for piece in (report.table("Table 1"), report.rows_by_metrics(), report.chart("Table 1")):
        assert "judge digits CNN (0123abcd) of FID-own" in str(piece)
    heads = str(report.table("Table 1")).split("<tbody>")[0]
    assert "FID-own: ours" in heads
    assert "FID: paper" in heads
    assert "FID: ours" not in heads
    assert "of FID-own and RMSE" not in str(report.rows_by_metrics())  # which no judge gives


def test_a_table_names_the_dataset_of_its_printed_numbers_and_a_judge_only_where_there_is_one(scored):
    path = scored / "tables/p-table-1.csv"
    assert "the paper on CIFAR-10: mean" in str(Report(str(scored), "p").table("Table 1"))
    assert "s judge Inception" in str(Report(str(scored), "p").table("Table 1"))
    path.write_text(path.read_text().replace("CIFAR-10,FID,FID-own", "SVHN,RMSE,RMSE"))
    told = str(Report(str(scored), "p").table("Table 1"))
    assert "Ours on digits, the paper on SVHN: mean" in told
    assert "no judge" in told
    assert "Inception" not in told


def test_a_verdict_s_scope_names_the_judge(scored):
    claim = {
        "scope": "stand-in",
        "judged_on": "tinted digits",
        "metric": None,
        "n": {"pagan": 1},
        "parts": [{"metric": "FID-own"}, {"metric": "RMSE"}],
    }
    report = Report(str(scored), "p")
    assert report.scope(claim).endswith("not the paper's setting; judge digits CNN (0123abcd) of FID-own")
    assert report.scope(claim).startswith("stand-in (tinted digits, profile quick)")
    assert "judge" not in report.scope(claim | {"n": {}, "parts": []})


def test_so_it_does_where_the_claim_is_on_several_metrics(scored):
    record.write(scored / "tables/run.json", record.read(scored / "tables/run.json") | {"labels": {"FID": "FID-own"}})
    claim = {"scope": "paper", "judged_on": "digits", "metric": None, "n": {"pagan": 1}, "metrics": ["FID", "RMSE"]}
    for told in (claim, claim | {"metrics": None, "parts": [{"metric": None, "metrics": ["FID", "RMSE"]}]}):
        assert Report(str(scored), "p").scope(told) == "digits, profile quick; judge digits CNN (0123abcd) of FID-own"


@pytest.fixture
def colourful(nothing_run):
    """A workspace in which two rows coloured three images, each twice; one of them transfers colours too."""
    told = record.read(nothing_run / "tables/run.json")
    rows = {"cage-digits-tinted": "cage", "pix2pix-digits-tinted": "pix2pix"}
    told |= {"rows": list(rows), "systems": rows, "status": {f"{row}/0": "scored" for row in rows}}
    told |= {"elsewhere": dict.fromkeys(rows, "tinted digits"), "seeds_of": {row: [0] for row in rows}}
    record.write(nothing_run / "tables/run.json", told)
    lines = [f"{row},0,Colour variance,higher,{value}," for row, value in zip(rows, (312.5, 0.25), strict=True)]
    (nothing_run / "tables/scores.csv").write_text("\n".join(["row,seed,metric,better,value,judge", *lines, ""]))
    draw = np.random.default_rng(0)
    for row in rows:
        folder = nothing_run / "runs" / row / "0"
        metrics = {"Colour variance": {"value": 1, "of_uniform_hue": 307.0}, "Best of K": {"curve": [9.25, 4]}}
        if row.startswith("cage"):
            metrics["Colour transfer"] = {"to_donor": 3.5, "to_recipient": 21.5}
        record.write(folder / "metrics.json", {"metrics": metrics})
        made = {"originals": (3,), "colorizations": (3, 2)} | ({"transfers": (3, 2)} if row.startswith("cage") else {})
        (folder / "generated").mkdir()
        for name, shape in made.items():
            arrays.save(folder / "generated", name, draw.integers(256, size=(*shape, 4, 4, 3), dtype=np.uint8))
        arrays.save(folder / "generated", "donors", np.array([0, 2]))
    return nothing_run


def test_colorizations_are_shown_and_measured_beside_the_known_law(colourful):
    report = Report(str(colourful), "p")
    text = str(report.colorizations(report.rows_of("cage", "pix2pix")))
    assert text.count("<img") == 3  # two rows' colorizations, one row's transfers
    for shown in ("312.5", "0.25", "307", "9.25", "3.5", "21.5", "on tinted digits", "no codes to transfer"):
        assert shown in text, shown
    assert "tinted digits" in str(report.notice())
    assert "on tinted digits" in str(report.rows_by_metrics())


def test_colorizations_that_are_not_there_are_said_to_be_missing(nothing_run):
    report = Report(str(nothing_run), "p")
    assert "no row of the suite" in str(report.colorizations(report.rows_of("cage")))
    assert "colorizations not run" in str(report.colorizations(["pagan"]))


def test_a_line_holds_an_image_what_comes_first_and_its_several():
    images = np.arange(3, dtype=np.uint8).reshape(3, 1, 1, 1)
    several = 10 * np.arange(1, 13, dtype=np.uint8).reshape(3, 4, 1, 1, 1)
    lines = grids.beside([images, images + 100], several, columns=5, rows=2)
    assert lines[..., 0, 0, 0].tolist() == [[0, 100, 10, 20, 30], [1, 101, 50, 60, 70]]


def test_the_protocol_tells_each_judge_and_what_was_not_computed(scored):
    told = str(Report(str(scored), "p").protocol())
    assert "judge digits CNN (0123abcd)" in told
    assert "trained here, test accuracy 98.7%, sha256 0123abcd" in told
    assert "LPIPS not computed" in told
    assert "needs a file; see README" in told


def test_a_number_that_could_not_be_computed_says_why(scored):
    report = Report(str(scored), "p")
    assert "not computed: needs a file; see README" in str(report.ours("pagan", "LPIPS"))
    assert "no images that the metric looks at" in str(report.ours("pagan", "RID-own"))


def test_a_quoted_number_without_a_row_of_ours_stands_in_the_table(nothing_run):
    path = nothing_run / "tables/p-table-1.csv"
    header, line = path.read_text().split()
    quoted = line.replace("PAGAN,pagan", "DFM,").replace("32.84", "7.72").replace(",paper,", ",public code,")
    path.write_text("\n".join([header, line, quoted]) + "\n")
    text = str(Report(str(nothing_run), "p").table("Table 1"))
    assert "7.72 (public code)" in text
    assert "no row of ours" in text
    assert "nan" not in text
    assert "not run" in str(Report(str(nothing_run), "p").chart("Table 1"))


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


def test_a_likelihood_stands_beside_what_annealing_misses(nothing_run):
    report = Report(str(nothing_run), "p")
    assert "not run" in str(report.likelihood_checks(["pagan"]))
    path = nothing_run / "runs/pagan/0/likelihood.json"
    record.write(path, {"status": "not asked for", "metrics": {}})
    assert "not run" in str(report.likelihood_checks(["pagan"]))
    told = {
        "metrics": {"log-likelihood": {"value": 705.375, "variance": 0.03}},
        "checks": {"linear": {"error": -4.5}, "both_sides": {"gap": 12.25}},
        "protocol": {"pixels": 784, "settings": {"images": 100, "chains": 16, "temperatures": 10000}},
    }
    record.write(path, told)
    text = str(report.likelihood_checks(["pagan"]))
    for word in ("784 pixels", "temperatures 10000", "705.4", "0.03", "-4.5", "12"):
        assert word in text


def test_walks_are_shown_where_claims_about_them_lead(nothing_run):
    report = Report(str(nothing_run), "p")
    assert str(report.interpolations("fig8", ["pagan"])).startswith('<div id="fig8"><p class="absent">pagan: walks')
    generated = nothing_run / "runs/pagan/0/generated"
    generated.mkdir(parents=True)
    np.save(generated / "interpolations.npy", np.zeros((2, 3, 4, 4, 1), np.uint8))
    np.save(generated / "originals.npy", np.ones((7, 4, 4, 1), np.uint8))
    told = str(report.interpolations("fig8", ["pagan"]))
    assert 'alt="pagan: 2 pairs of test images, a line each.' in told
    assert "a grid of 5 by 2 images" in told
    assert '<a href="#run-pagan-0"' in told


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


def test_a_page_is_the_same_bytes_twice_and_the_kernel_has_nothing_to_warn_of(tmp_path, capfd):
    notebook = write_notebook(tmp_path / "a.ipynb", 'root = ".."', "6 * 7")
    pages = [tmp_path / "a.html", tmp_path / "b.html"]
    for page in pages:
        main(["--notebook", str(notebook), "--root", str(tmp_path), "--out", str(page)])
    assert "42" in pages[0].read_text()
    assert pages[0].read_bytes() == pages[1].read_bytes()
    assert "WARNING" not in capfd.readouterr().err


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


def test_charts_of_points_critics_and_codes_are_the_same_bytes_twice():
    one = {"name": "FID-own", "better": "lower", "ours": {"a": [3.0, 4.0], "b": []}, "real": 0.5}
    curve = {"step": [1, 2], "validation": [0.0, -1.0], "test": [0.0, -0.5]}
    codes = {"a": {"means": [0.1, -0.2], "covariance": [[1.0, 0.2], [0.2, 1.0]]}}
    for draw in (
        lambda: charts.points(["a", "b"], [one], "digits"),
        lambda: charts.critic_curves({"a": [curve], "b": [curve, curve]}),
        lambda: charts.codes(codes),
    ):
        assert draw() == draw()
    assert b"real images" in charts.points(["a", "b"], [one], "digits")


def test_the_matrix_of_rows_has_what_papers_print_beside_ours(scored):
    text = str(Report(str(scored)).rows_by_metrics())
    assert text.count("p prints FID 32.84") == 1
    assert text.index("31.5") < text.index("p prints FID 32.84") < text.index("8.1")  # in the cell of FID-own


def test_terms_are_the_systems_own_beside_the_printed(scored):
    card = {"system": "x", "terms": {"likelihood": ["observer", "ratio"], "to_prior": []}}
    record.write(scored / "runs/pagan/0/model/card.json", card)
    text = str(Report(str(scored), "p").terms({"pagan": ("observer", "ratio"), "gone": ("ratio", "none")}))
    row, gone = (text.split(f">{name}</th>")[1].split("</tr>")[0] for name in ("pagan", "gone"))
    assert [cell.split("</td>")[0] for cell in row.split("<td>")[1:]] == [
        "observer and ratio",
        "observer",
        "none",
        "ratio",
    ]
    assert gone.count("not run") == 2
