"""The report in a real headless Chromium. Skipped by name where there is none."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest

import stance
import stance.page
from paths import SEEDS
from stance.page import listing

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

    def open_(path, width=1440, height=1000, fragment="", drawn="body[data-ready]", **settings):
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


def until(page, expression, seconds=10):
    """Wait until it is true; the page's policy lets the browser evaluate no string by itself."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"never true: {expression}"
        page.wait_for_timeout(30)


def click_mark(page, selector, at=0.5):
    box = page.locator(selector).bounding_box()
    page.mouse.click(box["x"] + box["width"] * at, box["y"] + box["height"] * 0.5)


def test_every_panel_is_drawn_and_silent(open_page, seeds_run):
    page = open_page(seeds_run.report)
    names = [name for name in stance.page.FIGURES if name not in ("timeline", "reprints")]
    for name in names:
        assert page.locator(f"#chart-{name} svg.main-svg").first.is_visible(), name
    assert page.locator(".panel .chart").count() == len(names)
    assert page.locator("#finding-list li").count() >= 3
    assert page.locator("#text .s").count() > 20
    assert page.locator("#signature dd").count() > 5


def test_a_heat_map_cell_opens_its_sentences(open_page, seeds_run):
    page = open_page(seeds_run.report)
    page.locator("#chart-frames_heatmap").scroll_into_view_if_needed()
    plot = page.locator("#chart-frames_heatmap .nsewdrag").bounding_box()
    # Second column (critical), last row (the last source).
    page.mouse.click(plot["x"] + plot["width"] * 0.375, plot["y"] + plot["height"] * 0.9)
    until(page, "document.getElementById('pick-frame').value === 'critical'")
    page.wait_for_selector("#text[data-shown]")
    shown = page.locator("#text .s").count()
    assert shown > 0
    assert page.locator("#text .tag.critical").count() == shown


def test_a_bar_opens_its_sentence(open_page, seeds_run):
    page = open_page(seeds_run.report)
    page.locator("#chart-tone_along").scroll_into_view_if_needed()
    bar = page.locator("#chart-tone_along .bars .point path").first
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
    page.wait_for_selector("body[data-ready=en]")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert "Findings" in page.locator("#findings").inner_text()
    assert " the most critical" in page.locator("#finding-list").inner_text()
    assert "Optimistic" in page.locator("#chart-frames_by_source").inner_text()


def test_the_language_changes_where_one_reads(open_page, seeds_run, seeds_articles):
    last = seeds_articles[0].sentences[-1]
    page = open_page(seeds_run.report, fragment=f"#s-{last.sentence_id}")
    before = page.evaluate("document.getElementById('text').scrollTop")
    assert before > 300
    page.click("#language")
    page.wait_for_selector("body[data-ready=en]")
    page.wait_for_selector("#text[data-shown]")
    assert abs(page.evaluate("document.getElementById('text').scrollTop") - before) < 5
    assert page.locator("#text .s.now").get_attribute("id") == f"s-{last.sentence_id}"


def test_filters(open_page, seeds_run):
    page = open_page(seeds_run.report)
    everything = page.locator("#text .s").count()
    page.select_option("#pick-tone", "-1")
    page.wait_for_selector("#text[data-shown]")
    unfavourable = page.locator("#text .s").count()
    assert 0 < unfavourable < everything
    assert page.locator("#text .s.down").count() == unfavourable
    page.select_option("#pick-article", "4")
    assert "略大参考" in page.locator("#article-meta").inner_text()


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_nothing_overflows_sideways(open_page, seeds_run, width):
    page = open_page(seeds_run.report, width=width, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("#language")
    page.wait_for_selector("body[data-ready=en]")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def cell(page, panel, x, y):
    """Click in the plot of a panel, at shares of its width and height."""
    page.locator(f"#chart-{panel}").scroll_into_view_if_needed()
    plot = page.locator(f"#chart-{panel} .nsewdrag").first.bounding_box()
    page.mouse.click(plot["x"] + plot["width"] * x, plot["y"] + plot["height"] * y)


def test_every_figure_leads_to_its_sentences(open_page, seeds_run, seeds_articles):
    page = open_page(seeds_run.report)
    shown = "document.querySelectorAll('#text .s').length"

    cell(page, "voices", 0.2, 0.92)  # the authors' unfavourable sentences
    until(page, "document.getElementById('pick-tone').value === '-1'")
    assert page.input_value("#pick-voice") == "0"
    own = [
        s
        for article in seeds_articles
        for s in article.sentences
        if s.tone == -1 and s.on_target and s.voice == "author"
    ]
    until(page, f"{shown} === {len(own)}")

    cell(page, "aspects", 0.5 / 7, 0.1)  # the first source on the first side
    page.wait_for_selector("#chips .chip")
    groups = sorted({a.source for a in seeds_articles})
    own = [
        s
        for article in seeds_articles
        if article.source == groups[0]
        for s in article.sentences
        if "ai" in s.aspects
    ]
    until(page, f"{shown} === {len(own)}")
    page.click("#chips .chip")
    until(page, f"{shown} > {len(own)}")

    cell(page, "words", 0.05, 0.025)  # the first word
    until(page, "document.getElementById('pick-search').value !== ''")
    word = page.input_value("#pick-search")
    until(page, f"0 < {shown} && !document.getElementById('count').textContent.endsWith('…')")
    assert word in page.locator("#chart-words").inner_text()

    cell(page, "frames_by_source", 0.5, 0.999)
    cell(page, "quality", 0.02, 0.1)  # the first source
    until(page, "document.getElementById('pick-group').value === '0'")
    cell(page, "distances", 0.3, 0.1)
    until(page, "document.getElementById('pick-group').value === '0'")


def test_search_reads_both_scripts(open_page, seeds_run, seeds_articles):
    page = open_page(seeds_run.report)
    page.select_option("#pick-article", "")
    page.fill("#pick-search", "馬雲")
    shown = "document.querySelectorAll('#text .s').length"
    own = sum(
        "马云" in s.text or "馬雲" in s.text or "馬云" in s.text
        for article in seeds_articles
        for s in article.sentences
    )
    assert own > 5
    until(page, f"{shown} === {own}")
    page.fill("#pick-search", "没有这样一句")
    until(page, f"{shown} === 0")
    assert "没有符合条件的句子" in page.locator("#text").inner_text()


def test_the_whole_way_by_keyboard(open_page, seeds_run):
    page = open_page(seeds_run.report)
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.dataset.row") == "1"
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.dataset.row") == "0"
    page.keyboard.press("Enter")
    assert page.locator("#why").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#why").is_hidden()
    page.keyboard.press("/")
    page.keyboard.type("jk/c")
    assert page.input_value("#pick-search") == "jk/c"
    # A table leads where its chart does, for who cannot click in a picture.
    page.fill("#pick-search", "")
    page.locator("#data-frames_by_source summary").focus()
    page.keyboard.press("Enter")
    page.locator("#data-frames_by_source .go").nth(2).focus()
    page.keyboard.press("Enter")
    until(page, "document.getElementById('pick-group').value === '0'")
    assert page.input_value("#pick-frame") == "critical"


def test_a_citation_is_copied(open_page, seeds_run):
    page = open_page(seeds_run.report, permissions=["clipboard-read", "clipboard-write"])
    page.keyboard.press("j")
    page.keyboard.press("c")
    until(page, "document.getElementById('told').textContent !== ''")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("“近日,中國股神段永加倉阿里")
    assert "江上酒" in copied
    assert "第 0 句" in copied


def test_deep_links_to_a_view_of_a_panel(open_page, seeds_run, seeds_articles):
    page = open_page(seeds_run.report, fragment="#panel-differences/2")
    assert page.input_value("#view-differences") == "2"
    assert page.evaluate("scrollY") > 500
    page.select_option("#view-words", "1")
    assert page.evaluate("location.hash") == "#panel-words/1"
    last = seeds_articles[-1].article_id
    page = open_page(seeds_run.report, fragment=f"#panel-tone_along/{last}")
    assert page.input_value("#view-tone_along") == "4"
    for odd in (
        "#panel-nothing/1",
        "#panel-words/999",
        "#panel-words/-1",
        "#panel-words/0.5",
        "#%",
        "#s-x-",
        "#s-nothing-1",
        "#s-",
        "#%3Cb%3E",
    ):
        open_page(seeds_run.report, fragment=odd)


def test_figures_and_data_are_saved(open_page, seeds_run):
    page = open_page(seeds_run.report)
    for kind, beginning in (("png", b"\x89PNG"), ("svg", b"<svg"), ("csv", b"\xef\xbb\xbfgroup")):
        with page.expect_download() as download:
            page.click(f"[data-panel=aspects][data-save={kind}]")
        saved = download.value
        assert saved.suggested_filename == f"stance-aspects.{kind}"
        assert saved.path().read_bytes().startswith(beginning)
    with page.expect_download() as download:
        page.click("[data-panel=tone_along][data-save=csv]")
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0] == "index,score,median,tone,frames,voice,on_target"
    assert len(lines) == 46


def test_print_shows_figures_and_text_without_controls(open_page, seeds_run):
    page = open_page(seeds_run.report)
    page.emulate_media(media="print")
    assert page.locator("#chart-words svg.main-svg").first.is_visible()
    assert page.locator("#text .s").first.is_visible()
    for hidden in ("#language", ".filters", ".tools", "nav"):
        assert page.locator(hidden).first.is_hidden()
    assert page.evaluate("getComputedStyle(document.getElementById('text')).overflowY") == "visible"


def test_reduced_motion_and_languages_of_passages(open_page, seeds_run):
    page = open_page(seeds_run.report, reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert page.locator("#text .p").first.get_attribute("lang") == "zh-Hant"


AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"


@pytest.mark.skipif(
    not AXE.is_file() and not os.environ.get("STANCE_REQUIRE_AXE"),
    reason="axe-core is not installed: run `npm ci` in tests/browser",
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_no_serious_violation(open_page, seeds_run, scheme, width):
    page = open_page(seeds_run.report, width=width, color_scheme=scheme, bypass_csp=True)
    for panel in ("frames_by_source", "words", "quality"):
        page.evaluate(f"document.getElementById('data-{panel}').open = true")
    page.locator("#text .glyph").nth(1).click()
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    bad = [
        f"{one['id']}: {one['help']} at {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]
    assert bad == []


def test_hostile_text_runs_nothing(open_page, analyzer, tmp_path):
    from stance.types import Document

    bad = "</script><script>alert(1)</script><img src=x onerror=alert(2)>阿里云领先，被罚款。"
    odd = "阿里\u202e云\u0000领先\ud800，<!-- 增长 ]]> {{ 7 * 7 }} &lt;b&gt;。"
    documents = [
        Document(text=bad, path="x", source=bad, title=bad, author=bad, date=bad),
        Document(text=odd, path="\ud800", source="=1+1", title=odd, author="@a", date="2024-05-09"),
        Document(
            text="阿里云领先" + "很" * 1_000_000, path="y", source="<b>y</b>", title="题" * 10_000
        ),
        Document(
            text="阿里云" + "<svg onload=alert(3)>" * 500, path="z", source="<b>y</b>", title=""
        ),
    ]
    comparison = stance.compare(stance.summarise(analyzer.analyze_many(documents)))
    path = stance.write_report(comparison, tmp_path / "bad.html", analyzer=analyzer)
    page = open_page(path)
    assert page.locator("#text img, #text svg, #text b").count() == 0
    assert "<img src=x onerror=alert(2)>" in page.locator("#text").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
    for article in ("1", "2", "3", ""):
        page.select_option("#pick-article", article)
        until(page, "document.querySelectorAll('#text .s').length > 0")
    for panel in stance.page.FIGURES:
        if page.locator(f"#data-{panel}").count():
            page.evaluate(f"document.getElementById('data-{panel}').open = true")
    until(page, "document.querySelectorAll('#data-quality tbody tr').length === 4")
    assert page.locator(".panel table img, .panel table b, main script").count() == 0
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


def test_a_large_run_lists_some_and_tells_so(open_page, seeds_comparison, tmp_path, monkeypatch):
    monkeypatch.setattr(listing, "MOST_LISTED", 3)
    path = tmp_path / "report.html"
    path.write_bytes(stance.page.rendered(seeds_comparison))
    page = open_page(path)
    told = page.locator("#reading [data-t=listed]")
    assert "3 篇（共 5 篇）" in told.inner_text()
    page.click("#language")
    until(page, "document.body.dataset.ready === 'en'")
    assert "Sentences are listed of 3 articles (of 5)" in told.inner_text()
    assert "of 3 articles (of 5)" in page.locator("#panel-method [data-t=listed]").inner_text()
    assert page.locator("#pick-article option").count() == 4
    page.click("#data-quality summary")
    until(page, "document.querySelectorAll('#data-quality tbody tr').length === 5")
    assert page.locator("#data-quality tbody button").count() == 3
    page.locator("#data-quality tbody button").first.click()
    until(page, "Number(document.getElementById('text').dataset.shown) > 0")
