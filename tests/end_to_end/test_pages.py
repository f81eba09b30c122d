"""The report in a browser: it opens from disk, fits a phone, and each number leads to its provenance."""

import re
import shutil

import pytest
from playwright.sync_api import sync_playwright

pytestmark = pytest.mark.slow
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


@pytest.mark.parametrize("name", ["index", "pagan"])
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
    page.get_by_role("link", name="pagan P7", exact=True).click()
    assert page.url.endswith("pagan.html#claim-P7")
    assert "PAGAN beats PAGAN-L1" in page.locator("#claim-P7").inner_text()
    page.get_by_role("link", name="All papers").click()
    assert page.url.endswith("index.html")
    assert not page.problems


def test_a_number_leads_to_its_provenance(page, clone):
    page.goto((clone.path / "reports/pagan.html").as_uri())
    page.locator("td a[href='#run-pagan-0']").first.click()
    target = page.locator("#run-pagan-0")
    assert target.is_visible()
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
    heading, verdict, table = (page.locator(name).first.bounding_box()["y"] for name in ("h1", ".claim", "table"))
    assert heading < verdict < table


@pytest.mark.parametrize("name", ["index", "pagan"])
def test_a_page_is_light_and_self_contained(clone, name):
    text = (clone.path / f"reports/{name}.html").read_text()
    assert len(text.encode()) <= 3_000_000
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=.https?:", text)


def test_no_link_is_broken(page, clone):
    anchors = {}
    for name in ("index", "pagan"):
        page.goto((clone.path / f"reports/{name}.html").as_uri())
        anchors[name] = set(page.evaluate("[...document.querySelectorAll('[id]')].map(x => x.id)"))
    for name in anchors:
        page.goto((clone.path / f"reports/{name}.html").as_uri())
        for link in page.evaluate("[...document.querySelectorAll('a')].map(x => x.getAttribute('href'))"):
            file, _, anchor = link.partition("#")
            where = file.removesuffix(".html") or name
            assert where in anchors, link
            assert not anchor or anchor in anchors[where], link
