"""Make pictures of the workbench's screens again: light and dark, wide and narrow. They are not committed.

    .venv/bin/python docs/screens.py OUT [--case NAME | --demo]

Without --case a small case is made of tests/workbench/papers.py; with it, that case is opened with
MUNIMENT_PASSPHRASE; --demo shows the sample case when it is filled. Needs Debian's chromium and what
the tests need.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Browser, Page, sync_playwright
from tests.workbench.bench import CHROMIUM, FLAGS, Bench, muniment, workbench
from tests.workbench.papers import print_papers, write_texts

SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
QUERIES = {
    "chinese": '"任何人不得"',
    "uyghur": "تىزىملىك",
    "english": "register OR barge",
    "mixed": "pilot",
    "translated": "reporters",
    "wrong": 'barge AND (register OR "',
}
NAMES = (
    "register;1",
    "港务局;2",
    ";3",
    "تىزىملىك;4",
    "barg;5",
    "nowhere at all;6",
    "barge (;7",
    "任何人不得 AND 1948;8",
)
SAMPLE_QUERIES = {"chinese": "港务局", "uyghur": "راكېتالارنى", "english": '"carried forward"'}


# What readers say of the Uyghur, the Chinese and a mixed paper: (query, page of it, what is said).
ARABIC = "ملاحظة: يجب أن نسأل السيد Okafor (رقم 7) قبل النشر."
ENGLISH = """Internal notice of the harbour office

The northern basin is closed from 3 March. Nobody is to tell reporters that oil ran out.
The list was burnt on 4 March."""
MIXED = f"""Office note, 4 March
{ARABIC}
شىمالىي پورت 3-مارتتىن باشلاپ تاقىلىدۇ, said the pilot (barge 7).
北港区自三月三日起关闭。The northern basin is closed until further notice, and nobody says why.
"""
LIST = "تىزىملىك"
NOBODY = '"任何人不得"'
SAID = (
    (LIST, {"kind": "translation", "language": "en", "by": "anna", "page": 1, "value": ENGLISH}),
    (LIST, {"kind": "note", "by": "ئايشەم", "passage": LIST, "value": f"«{LIST}» register مۇ؟ Ask Okafor."}),
    (LIST, {"kind": "tag", "value": "بوغۇز port", "by": "anna"}),
    (LIST, {"kind": "seen", "by": "anna"}),
    (LIST, {"kind": "star", "by": "local"}),
    (NOBODY, {"kind": "note", "by": "bert", "passage": "三百一十二名工人", "value": "312 again, as in the memo."}),
    (NOBODY, {"kind": "tag", "value": "三百一十二", "by": "bert"}),
    ("pilot", {"kind": "note", "by": "anna", "value": f"{ARABIC}\nIn English: before anything is published."}),
    ("pilot", {"kind": "translation", "language": "ar", "by": "bert", "page": 1, "value": ARABIC}),
)  # fmt: skip


def say(bench: Bench) -> None:
    """What readers said, so that the screens have something to show."""
    for query, said in SAID:
        hits = [hit for hit in bench.post("/find", query=query)[1]["hits"] if not hit["derived"]]
        for document in dict.fromkeys(hit["document"] for hit in hits):
            bench.post("/note", action="add", document=document, **said)


def ask(page: Page, root: str, query: str) -> None:
    """Search, from the search screen."""
    page.goto(root + "/search")
    page.fill("#query", query)
    page.press("#query", "Enter")
    page.wait_for_load_state("networkidle")


def take(page: Page, out: Path, name: str) -> None:
    """One picture, as far down as the window goes."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=str(out / f"{name}.png"))


def look(page: Page, bench: Bench, out: Path, suffix: str, queries: dict[str, str]) -> None:
    """Every screen once."""
    for name, path in (
        ("desk", "/"),
        ("documents", "/documents"),
        ("search", "/search"),
        ("list", "/list"),
        ("add", "/add"),
        ("names", "/names"),
        ("notes", "/notes"),
        ("documents-unseen", "/documents?marked=unseen"),
        ("custody", "/custody"),
        ("custody-act", "/custody/act/1"),
    ):
        page.goto(bench.root + path)
        take(page, out, f"{name}-{suffix}")
    for name, query in queries.items():
        ask(page, bench.root, query)
        take(page, out, f"search-{name}-{suffix}")
        pdf = page.locator(".group:has(.thumbnail) h2 a").or_(page.locator(".group h2 a")).first
        if pdf.count():
            pdf.click()
            take(page, out, f"reader-{name}-{suffix}")
    page.goto(bench.root + "/list")
    page.fill("#text", "\n".join(["name;note", *NAMES]))
    page.locator("form:has(#text) button").click()
    take(page, out, f"list-read-{suffix}")
    page.get_by_role("button", name="Search all lines").click()
    page.locator(".grid .zero").first.wait_for()
    take(page, out, f"list-asked-{suffix}")
    page.goto(bench.root + "/names")
    page.locator(".names a").first.click()
    take(page, out, f"name-{suffix}")
    page.goto(bench.root + "/")
    page.keyboard.press("?")
    take(page, out, f"help-{suffix}")


def everything(browser: Browser, bench: Bench, out: Path, queries: dict[str, str]) -> None:
    """All sizes and both schemes."""
    for scheme in ("light", "dark"):
        for size, (width, height) in SIZES.items():
            page = bench.visit(
                browser, color_scheme=scheme, viewport={"width": width, "height": height}
            )
            look(page, bench, out, f"{scheme}-{size}", queries)
            page.context.close()


def main() -> None:
    """Parse the arguments, make or open the case, take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--case", type=Path)
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--query", action="append", default=[], help="name=query, instead of ours")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    queries = [q.split("=", 1) for q in chosen.query]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        if chosen.demo:
            with workbench(home, "demo") as bench:
                bench.settled(900)
                everything(browser, bench, chosen.out, dict(queries or SAMPLE_QUERIES))
            return
        if chosen.case is not None:
            passphrase = os.environ["MUNIMENT_PASSPHRASE"]
            with workbench(home, "open", chosen.case.absolute(), passphrase=passphrase) as bench:
                everything(browser, bench, chosen.out, dict(queries or QUERIES))
            return
        write_texts(home / "leak")
        (home / "leak" / "mixed.txt").write_text(MIXED, "utf-8")
        print_papers(browser, home / "leak")
        muniment(home, "new", "harbour")
        muniment(home, "add", "harbour", home / "leak")
        with workbench(home, "open", "harbour") as bench:
            say(bench)
            everything(browser, bench, chosen.out, dict(queries or QUERIES))
        muniment(home, "lock", "harbour")


if __name__ == "__main__":
    main()
