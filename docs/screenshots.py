"""Pictures of the report on the seeds: `make screenshots`, then look at each.

Whole pages at 1440 and 390 pixels and as printed, light and dark, in Chinese and English, and
`report.png` for the README. A change of looks shows as a change of these files.
"""

from __future__ import annotations

import shutil
import sys
from itertools import product
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
FOLDER = HERE / "screenshots"


def main() -> None:
    """Take every picture of the report whose path is given."""
    report = Path(sys.argv[1]).resolve()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        shots = [*product((1440, 390), ("light", "dark"), ("zh", "en"), ("screen",))]
        shots += [(800, "light", lang, "print") for lang in ("zh", "en")]
        for width, scheme, lang, media in shots:
            height = 900 if width == 1440 else 844
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page.goto(report.as_uri())
            page.wait_for_selector("body[data-ready]")
            if page.evaluate("document.documentElement.lang")[:2] != lang:
                page.click("#language")
                page.wait_for_selector(f"body[data-ready={lang}]")
            if (width, scheme, lang) == (1440, "light", "en"):
                page.screenshot(path=HERE / "report.png")
            if media == "print":
                page.emulate_media(media="print")
                page.wait_for_timeout(300)
            name = f"{media if media == 'print' else width}-{scheme}-{lang}.jpg"
            page.screenshot(path=FOLDER / name, full_page=True, quality=50, type="jpeg")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
