"""The report in a real headless Chromium. Skipped by name where there is none."""

from __future__ import annotations

import json
import os
import shutil

import pytest

import stance
from paths import SEEDS

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("STANCE_REQUIRE_CHROMIUM"),
        reason="no Chromium on this machine: install the package chromium to run browser tests",
    ),
]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def open_page(browser):
    """Open a report; afterwards hold that it was silent and reached for nothing."""
    contexts, noise = [], []

    def open_(
        path, width=1440, height=1000, fragment="", drawn="#chart-tone[data-drawn]", **settings
    ):
        context = browser.new_context(viewport={"width": width, "height": height}, **settings)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: noise.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: noise.append(f"error: {error}"))
        page.on("dialog", lambda dialog: noise.append(f"dialog: {dialog.message}"))
        url = path.as_uri()

        def asked(request):
            if not request.url.startswith((url, "data:", "blob:")):
                noise.append(f"request: {request.url}")

        page.on("request", asked)
        page.goto(url + fragment)
        page.wait_for_selector(drawn)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert noise == []


def click_mark(page, selector, at=0.5):
    box = page.locator(selector).bounding_box()
    page.mouse.click(box["x"] + box["width"] * at, box["y"] + box["height"] * 0.5)


def test_every_panel_is_drawn_and_silent(open_page, seeds_run):
    page = open_page(seeds_run.report)
    for chart in ("frames", "heat", "tone"):
        assert page.locator(f"#chart-{chart} svg.main-svg").first.is_visible()
    assert page.locator("#finding-list li").count() >= 3
    assert page.locator("#text .s").count() > 20
    assert page.locator("#signature dd").count() > 5


def test_a_heat_map_cell_opens_its_sentences(open_page, seeds_run):
    page = open_page(seeds_run.report)
    page.locator("#chart-heat").scroll_into_view_if_needed()
    plot = page.locator("#chart-heat .nsewdrag").bounding_box()
    # Second column (critical), last row (the last source).
    page.mouse.click(plot["x"] + plot["width"] * 0.375, plot["y"] + plot["height"] * 0.9)
    page.wait_for_function("document.getElementById('pick-frame').value === 'critical'")
    shown = page.locator("#text .s").count()
    assert shown > 0
    assert page.locator("#text .tag.critical").count() == shown


def test_a_bar_opens_its_sentence(open_page, seeds_run):
    page = open_page(seeds_run.report)
    page.locator("#chart-tone").scroll_into_view_if_needed()
    bar = page.locator("#chart-tone .bars .point path").first
    box = bar.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector("#text .s.now")
    assert page.evaluate("location.hash").startswith("#s-")
    assert page.evaluate("document.activeElement.classList.contains('now')")


def test_a_deep_link_opens_its_sentence(open_page, seeds_run, seeds_articles):
    sentence = seeds_articles[4].sentences[10]
    page = open_page(seeds_run.report, fragment=f"#s-{sentence.sentence_id}")
    now = page.locator("#text .s.now")
    assert now.get_attribute("id") == f"s-{sentence.sentence_id}"
    assert sentence.text[:8] in now.inner_text()


def test_a_cue_says_why_and_escape_closes(open_page, seeds_run):
    page = open_page(seeds_run.report)
    cue = page.locator("#text .cue").first
    cue.focus()
    page.keyboard.press("Enter")
    assert page.locator("#why").is_visible()
    assert "权重" in page.locator("#why").inner_text()
    page.keyboard.press("Escape")
    assert page.locator("#why").is_hidden()
    assert page.evaluate("document.activeElement.classList.contains('cue')")


def test_language_switches_without_reload(open_page, seeds_run):
    page = open_page(seeds_run.report)
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    page.click("#language")
    page.wait_for_selector("#chart-frames[data-drawn=en]")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert "Findings" in page.locator("#findings").inner_text()
    assert " the most critical" in page.locator("#finding-list").inner_text()
    assert "Optimistic" in page.locator("#chart-frames").inner_text()


def test_filters(open_page, seeds_run):
    page = open_page(seeds_run.report)
    everything = page.locator("#text .s").count()
    page.select_option("#pick-tone", "-1")
    unfavourable = page.locator("#text .s").count()
    assert 0 < unfavourable < everything
    assert page.locator("#text .s.down").count() == unfavourable
    page.select_option("#pick-article", "4")
    assert "略大参考" in page.locator("#article-meta").inner_text()


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_nothing_overflows_sideways(open_page, seeds_run, width):
    page = open_page(seeds_run.report, width=width, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_text_runs_nothing(open_page, analyzer, tmp_path):
    import stance
    from stance.types import Document

    bad = "</script><script>alert(1)</script><img src=x onerror=alert(2)>阿里云领先，被罚款。"
    documents = [
        Document(text=bad, path="x", source=bad, title=bad),
        Document(
            text="阿里云领先" + "很" * 200_000, path="y", source="<b>y</b>", title="题" * 10_000
        ),
    ]
    comparison = stance.compare(stance.summarise(analyzer.analyze_many(documents)))
    path = stance.write_report(comparison, tmp_path / "bad.html", analyzer=analyzer)
    page = open_page(path)
    assert page.locator("#text img").count() == 0
    assert "<img src=x onerror=alert(2)>" in page.locator("#text").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    """The page of `stance evaluate`, with a sentence that would run if it could."""
    folder = tmp_path_factory.mktemp("evaluated")
    gold = folder / "gold.jsonl"
    bad = {"id": "x", "article": "x", "text": "<img src=x onerror=alert(1)>阿里领先。", "tone": -1}
    lines = (SEEDS / "gold" / "dev.jsonl").read_text("utf-8").splitlines()[::9]
    gold.write_text("\n".join([json.dumps(bad), *lines]) + "\n", "utf-8")
    stance.evaluate([gold], out=folder)
    return folder / "evaluation.html"


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_of_an_evaluation_is_silent_and_fits(open_page, evaluated, width):
    page = open_page(evaluated, width=width, drawn="ol.wrong li")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("svg[role=img]").count() == 9
    assert page.locator("img").count() == 0
    assert "<img src=x onerror" in page.locator("ol.wrong").inner_text()
    assert page.locator("tbody tr").count() > 15
