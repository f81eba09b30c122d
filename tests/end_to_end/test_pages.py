"""The report in a browser: it opens from disk, fits a phone, and each number leads to its provenance."""

import re
import shutil

import html5lib
import pytest
from playwright.sync_api import sync_playwright

pytestmark = pytest.mark.slow
PAGES = ["index", "pagan", "alpha-gan", "age", "ijae", "began", "contradictions"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]


@pytest.fixture(scope="module")
def browser():
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    assert found, "install chromium: the report is tested in a browser"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=found, args=FLAGS)


@pytest.fixture(params=[360, 1280], ids=["phone", "desk"])
def page(request, browser):
    opened = browser.new_page(viewport={"width": request.param, "height": 800})
    opened.problems = []
    opened.on("console", lambda message: opened.problems.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: opened.problems.append(str(error)))
    opened.on("request", lambda asked: opened.problems.append(asked.url) if asked.url.startswith("http") else None)
    yield opened
    opened.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_from_disk_and_fits(page, clone, name, tmp_path):
    page.goto((clone.path / f"reports/{name}.html").as_uri())
    assert not page.problems
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert page.locator("h1").count() == 1
    images = page.locator("img").all()
    assert all(image.evaluate("image => image.naturalWidth") > 0 and image.get_attribute("alt") for image in images)
    page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
    assert (tmp_path / f"{name}.png").stat().st_size > 10_000


def test_the_index_leads_to_a_claim_and_back(page, clone):
    page.goto((clone.path / "reports/index.html").as_uri())
    page.get_by_role("link", name="P7", exact=True).first.click()
    assert page.url.endswith("pagan.html#claim-P7")
    assert "PAGAN beats PAGAN-L1" in page.locator("#claim-P7").inner_text()
    page.get_by_role("link", name="All papers").click()
    assert page.url.endswith("index.html")
    assert not page.problems


def test_a_number_leads_to_its_provenance(page, clone):
    page.goto((clone.path / "reports/pagan.html").as_uri())
    target = page.locator("#run-pagan-0")
    assert "commit" not in target.inner_text()  # folded up, as hundreds of them would bury the page's end
    page.locator("td a[href='#run-pagan-0']").first.click()
    target.get_by_text("commit").first.wait_for()
    assert target.evaluate("one => one.getBoundingClientRect().top < innerHeight")
    told = target.inner_text()
    for word in (
        "commit",
        "params sha256",
        "machine",
        "wall time",
        "dvc repro pipeline/pagan/dvc.yaml:train-pagan@pagan-0",
        "torch",
    ):
        assert word in told
    assert re.search(r"[0-9a-f]{40}", told)


def test_the_first_lines_say_that_this_is_not_cifar10(page, clone):
    page.goto((clone.path / "reports/pagan.html").as_uri())
    assert "on scikit-learn digits, not CIFAR-10" in page.locator("main").inner_text()[:600]


def test_the_index_leads_with_the_verdicts(page, clone):
    page.goto((clone.path / "reports/index.html").as_uri())
    heading, verdicts, rows = (
        page.locator(name).first.bounding_box()["y"]
        for name in ("h1", "table:has-text('Every claim')", "table:has-text('Every row')")
    )
    assert heading < verdicts < rows


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_light_and_self_contained(clone, name):
    text = (clone.path / f"reports/{name}.html").read_text()
    assert len(text.encode()) <= 3_000_000
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=.https?:", text)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_valid_html(clone, name):
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse((clone.path / f"reports/{name}.html").read_text())
    assert [(place, error) for place, error, _ in parser.errors] == []
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert sorted(ids) == sorted(set(ids))


def test_a_table_sorts_by_any_column_with_the_keyboard_too(page, clone):
    page.goto((clone.path / "reports/index.html").as_uri())
    rows = page.locator("table", has_text="Every row, on").locator("tbody tr")
    header = page.locator("table", has_text="Every row, on").locator("thead th").nth(1)

    def numbers() -> list[float]:
        told = [rows.nth(place).locator("td").first.inner_text() for place in range(rows.count())]
        return [float(found[0]) for found in (re.match(r"[\d.]+", text) for text in told) if found]

    given = numbers()
    assert len(given) >= 2
    header.get_by_role("button").click()
    assert header.get_attribute("aria-sort") == "ascending"
    assert numbers() == sorted(given)
    header.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert header.get_attribute("aria-sort") == "descending"
    assert numbers() == sorted(given, reverse=True)


@pytest.mark.parametrize(
    ("name", "first"), [("CSV", "row,"), ("LaTeX", "\\begin{tabular}{l"), ("Markdown", "| row | ")]
)
def test_a_table_can_be_copied(page, clone, name, first):
    page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: async (words) => { window.kept = words }}})"
    )
    page.goto((clone.path / "reports/pagan.html").as_uri())
    region = page.locator(".scroll", has_text="Table 3").first
    tools = region.locator("xpath=following-sibling::p[1]")
    tools.get_by_role("button", name=name).click()
    assert tools.get_by_role("status").inner_text() == f"copied as {name}"
    kept = page.evaluate("window.kept")
    assert kept.startswith(first)
    assert "32.84" in kept
    assert "PAGAN-NOAUG" in kept
    assert not page.problems


def test_a_picture_opens_large_and_closes_with_escape(page, clone):
    page.goto((clone.path / "reports/pagan.html").as_uri())
    page.locator("figure img").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("dialog[open] img").evaluate("image => image.naturalWidth") > 0
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


def test_no_link_is_broken(page, clone):
    anchors = {}
    for name in PAGES:
        page.goto((clone.path / f"reports/{name}.html").as_uri())
        anchors[name] = set(page.evaluate("[...document.querySelectorAll('[id]')].map(x => x.id)"))
    for name in anchors:
        page.goto((clone.path / f"reports/{name}.html").as_uri())
        for link in page.evaluate("[...document.querySelectorAll('a')].map(x => x.getAttribute('href'))"):
            file, _, anchor = link.partition("#")
            where = file.removesuffix(".html") or name
            assert where in anchors, link
            assert not anchor or anchor in anchors[where], link
