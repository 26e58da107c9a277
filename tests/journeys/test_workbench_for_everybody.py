"""WCAG 2.2 AA as far as a machine can tell (axe-core), light and dark, wide and narrow; and no JavaScript."""

from __future__ import annotations

from importlib.resources import files

import pytest

pytestmark = pytest.mark.journey

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIEWS = [("light", 1280), ("dark", 390)]


@pytest.fixture(scope="session")
def axe() -> str:
    pytest.importorskip("axe_playwright_python", reason="pip install axe-playwright-python")
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def found_on(page, axe) -> list[str]:
    page.evaluate(axe)
    result = page.evaluate("tags => axe.run(document, { runOnly: tags })", TAGS)
    return [
        f"{v['id']}: {node['html'][:160]} {node.get('failureSummary', '')}"
        for v in result["violations"]
        for node in v["nodes"]
    ]


def searched(bench, query: str) -> str:
    answer, _ = bench.ask("POST", "/search", f"query={query}")
    return answer.getheader("location")


def pasted_list(bench, text: str) -> str:
    answer, _ = bench.ask("POST", "/list/text", f"text={text}")
    return answer.getheader("location")


def asked_list(bench) -> str:
    grid = pasted_list(bench, "barge%0A%0Anowhereatall%0A(x")
    bench.ask("POST", f"{grid}/ask", "go=ask")
    while b"rows.csv" not in bench.ask("GET", grid)[1]:
        pass
    return grid


def addresses(bench) -> dict[str, str]:
    listed = bench.post("/documents")[1]["documents"]
    names = {d["path"].rsplit("/", 1)[-1]: d["document"] for d in listed}

    hits = searched(bench, "barge")
    remarks = (
        {"kind": "star"},
        {"kind": "tag", "value": "بوغۇز port"},
        {"kind": "note", "value": "?", "passage": "تىزىملىك"},
        {"kind": "translation", "value": "The list was burnt.", "language": "en", "page": 1},
    )
    for remark in remarks:
        said = {"document": names["ئۇقتۇرۇش.txt"], "by": "anna", **remark}
        if not bench.post("/note", document=said["document"])[1]["notes"][len(remarks) - 1 :]:
            bench.post("/note", action="add", **said)
    return {
        "desk": "/",
        "documents": "/documents",
        "filtered": "/documents?state=problems",
        "nothing asked": "/search",
        "hits": hits,
        "no hits": searched(bench, "nowhereatall"),
        "name list": "/list",
        "name list read": pasted_list(bench, "barge%0A(x"),
        "name list asked": asked_list(bench),
        "mistake": searched(bench, "%22open"),
        "reader at a hit": f"{hits}/hit/0",
        "reader of a pdf": f"/document/{names['notice.pdf']}?page=2",
        "reader of Chinese": f"/document/{names['内部通知.pdf']}",
        "reader of Uyghur": f"/document/{names['ئۇقتۇرۇش.txt']}",
        "reader of damage": f"/document/{names['damaged.pdf']}",
        "names": "/names?everything=true",
        "a name": f"/names/{bench.post('/names')[1]['names'][0]['item']}",
        "notes": "/notes",
        "documents nobody saw": "/documents?marked=unseen",
        "add": "/add",
        "custody": "/custody",
        "an act of custody": "/custody/act/1",
        "help": "/help",
        "no such page": "/nothing",
    }


@pytest.mark.parametrize(("scheme", "width"), VIEWS)
def test_axe_finds_nothing(harbour, browser, axe, scheme, width):
    page = harbour.visit(
        browser,
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
        reduced_motion="reduce",
    )
    found = {}
    for name, address in addresses(harbour).items():
        page.goto(harbour.root + address)
        found[name] = found_on(page, axe)
        across = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if across > 0:
            found[name].append(f"{across} pixels wider than the window")
    page.goto(harbour.root)
    page.keyboard.press("?")
    found["help panel"] = found_on(page, axe)
    page.context.close()
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_every_screen_without_javascript(harbour, browser):
    page = harbour.visit(browser, java_script_enabled=False)
    for name, address in addresses(harbour).items():
        page.goto(harbour.root + address)
        assert page.locator("h1").count() == 1, name
        assert page.locator("main").inner_text().strip(), name
    page.goto(harbour.root + addresses(harbour)["hits"])
    with page.expect_navigation():
        page.locator(".group h2 a").first.click()
    assert page.locator("mark.here").first.is_visible()
    with page.expect_navigation():
        page.get_by_role("link", name="Next hit").click()
    assert page.locator(".at").first.inner_text().startswith("2 of")
    page.context.close()


def test_a_reader_prints_the_words_and_not_the_chrome(harbour, browser):
    page = harbour.visit(browser)
    page.goto(harbour.root + addresses(harbour)["reader of a pdf"])
    page.emulate_media(media="print")
    assert not page.locator(".top").is_visible() and not page.locator(".turning").is_visible()
    assert page.locator(".words").is_visible()
    page.context.close()
