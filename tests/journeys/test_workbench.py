"""A reporter at the workbench: every screen on a real case, with a mouse, and with nothing but the keys."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.journey


@pytest.fixture
def page(harbour, browser):
    held = harbour.visit(browser)
    wrong: list[str] = []
    held.on(
        "console", lambda message: wrong.append(message.text) if message.type == "error" else None
    )
    held.on("pageerror", lambda error: wrong.append(str(error)))
    yield held
    held.context.close()
    assert not [w for w in wrong if "status of 4" not in w]


def ask(page, root, query):
    page.goto(root + "/search")
    page.fill("#query", query)
    page.press("#query", "Enter")
    page.wait_for_url(re.compile(r"/search/[a-z2-7]{16}$"))


def follow(page, link):
    """Click a link and wait for the page behind it, its scripts included."""
    with page.expect_navigation():
        link.click()


def middle(page, selector) -> float:
    box = page.locator(selector).first.bounding_box()
    return box["y"] + box["height"] / 2


def test_the_desk_accounts_for_everything(page, harbour):
    page.goto(harbour.root)
    assert page.get_by_role("heading", name="Accounting").is_visible()
    expected = harbour.post("/status")[1]["accounting"]
    bar = page.locator("svg.bar").get_attribute("aria-label")
    assert f"{expected['states']['extracted']} extracted" in bar
    assert page.locator(".problems tbody tr").count() == len(expected["problems"])
    assert page.get_by_text("This is the only copy.").is_visible()
    assert harbour.post("/status")[1]["log"]["root"] in page.locator(".root").inner_text()


def test_documents_show_the_tree_and_filter_by_state(page, harbour):
    page.goto(harbour.root + "/documents")
    assert page.locator("tr.folder").all_inner_texts()[0].startswith("leak/")
    shown = page.locator("[data-row]").count()
    assert shown == len(harbour.post("/documents")[1]["documents"])
    states = page.get_by_role("navigation", name="By state")
    follow(page, states.get_by_role("link", name="needs a look"))
    assert page.locator("[data-row]").count() == len(
        harbour.post("/status")[1]["accounting"]["problems"]
    )
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "documents.csv"


def test_the_reader_opens_at_the_hit_with_the_words_boxed(page, harbour):
    ask(page, harbour.root, '"任何人不得"')
    assert page.locator(".hits mark").first.inner_text() == "任何人不得"
    page.locator(".group:has(.thumbnail) h2 a").click()
    page.wait_for_url(re.compile(r"/document/.*#hit"))
    assert page.locator("mark.here").inner_text() == "任何人不得"
    image = page.locator(".sheet.whole img")
    assert image.evaluate("i => i.decode().then(() => i.naturalWidth)") > 500
    drawn, box = image.bounding_box(), page.locator(".boxes rect.here").first.bounding_box()
    assert drawn["x"] < box["x"] and box["x"] + box["width"] < drawn["x"] + drawn["width"]
    assert darkness(page, box) > 0.02, "the box lies on printed words"
    assert 0 < middle(page, "mark.here") < 800 and 0 < middle(page, ".boxes rect.here") < 800


def darkness(page, box) -> float:
    """The share of dark points of the page's picture under a box on the screen."""
    return page.evaluate(
        """async (box) => {
          const image = document.querySelector(".sheet.whole img"), at = image.getBoundingClientRect();
          const scale = image.naturalWidth / at.width, canvas = document.createElement("canvas");
          canvas.width = Math.ceil(box.width * scale); canvas.height = Math.ceil(box.height * scale);
          const pen = canvas.getContext("2d");
          pen.drawImage(image, (at.x - box.x) * scale, (at.y - box.y) * scale);
          const points = pen.getImageData(0, 0, canvas.width, canvas.height).data;
          let dark = 0;
          for (let i = 0; i < points.length; i += 4) if (points[i] < 128) dark += 1;
          return dark / (points.length / 4);
        }""",
        box,
    )


def test_a_right_to_left_hit_reads_from_the_right(page, harbour):
    ask(page, harbour.root, "تىزىملىك")
    passage = page.locator(".group", has_text="ئۇقتۇرۇش.txt").locator(".passage")
    assert passage.first.evaluate("p => getComputedStyle(p).direction") == "rtl"
    follow(page, passage.first)
    line = page.locator("p:has(> mark.here)")
    assert line.evaluate("p => getComputedStyle(p).direction") == "rtl"
    assert page.locator(".words p", has_text="4-مارت").count() == 1


def go(page, key):
    with page.expect_navigation():
        page.keyboard.press(key)


def test_next_and_previous_hit_page_and_document(page, harbour):
    ask(page, harbour.root, '"northern basin"')
    follow(page, page.locator(".group:has(.thumbnail) h2 a"))
    shown = page.url.split("?")[0]
    pages = [page.locator("#page").input_value()]
    for _ in range(2):
        go(page, "n")
        pages.append(page.locator("#page").input_value())
    assert pages == ["1", "2", "3"]
    assert all(place > 0 for place in (middle(page, "mark.here"), middle(page, ".boxes rect.here")))
    go(page, "p")
    assert page.locator("#page").input_value() == "2"
    go(page, "[")
    assert page.locator("#page").input_value() == "1" and page.url.startswith(shown)
    follow(page, page.get_by_role("link", name="back to hit"))
    assert page.locator("mark.here").count() == 1
    go(page, "j")
    assert not page.url.startswith(shown)
    go(page, "k")
    assert page.url.startswith(shown)


def test_a_query_that_cannot_be_read_is_pointed_at(page, harbour):
    page.goto(harbour.root + "/search")
    page.fill("#query", 'barge AND "open')
    page.press("#query", "Enter")
    page.wait_for_selector("#mistake")
    assert page.locator(".pointed mark").inner_text() == '"'
    assert page.locator("#query").input_value() == 'barge AND "open'


def test_facets_narrow_and_what_was_not_searched_is_said(page, harbour):
    ask(page, harbour.root, "barge")
    assert "not searched" in page.locator("#count").inner_text()
    before = page.locator("#count strong").first.inner_text()
    follow(page, page.locator(".facets").get_by_role("button", name="PDF"))
    assert page.locator("#count strong").first.inner_text() != before
    assert page.locator("#query").input_value() == "(barge) AND type:application/pdf"
    assert (
        set(page.locator(".group .where").all_inner_texts()) and page.locator(".thumbnail").count()
    )


def test_paging_through_hits(page, harbour):
    ask(page, harbour.root, "inspected")
    first = page.locator(".group h2").all_inner_texts()
    follow(page, page.get_by_role("link", name="Later hits"))
    assert page.locator(".group h2").all_inner_texts() != first
    follow(page, page.get_by_role("link", name="Earlier hits"))
    assert page.locator(".group h2").all_inner_texts() == first


def test_with_the_keys_alone(page, harbour):
    page.goto(harbour.root)
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the content"
    page.keyboard.press("/")
    page.keyboard.type("ledger")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/search/"))
    page.keyboard.press("j")
    assert "ledger" in page.locator(":focus").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/document/"))
    first = page.url
    page.keyboard.press("j")
    page.wait_for_url(lambda url: url != first)
    page.keyboard.press("k")
    page.wait_for_url(re.compile(first.split("?")[0]))
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()
    page.keyboard.press("Shift+?")
    page.locator("#keys-on").uncheck()
    page.keyboard.press("Escape")
    now = page.url
    page.keyboard.press("j")
    page.keyboard.press("/")
    assert page.url == now and page.evaluate("document.activeElement.name") != "query"


@pytest.mark.hostile
def test_hostile_text_is_text(page, harbour):
    ask(page, harbour.root, "collect.example")
    follow(page, page.locator(".group h2 a").first)
    text = page.locator(".words").inner_text()
    assert '</textarea></p><script>document.title = "owned"</script>' in text
    assert "{{ 7 * 7 }} and {% raw %}" in text and "49" not in text
    assert page.title() != "owned"
    assert page.locator(".words script, .words img, .words a, .words textarea").count() == 0
    assert page.locator(".words .address").all_inner_texts() == [
        "javascript:document.title='owned'", "https://", "/beacon?id=7",
    ]  # fmt: skip
    assert page.locator(".words .unseen").all_inner_texts()[:2] == ["RLO", "PDF"]
    assert page.locator(".words p", has_text="barge").count() == 1


def test_nothing_leaves_the_page_but_for_our_own_address(harbour, browser):
    page = harbour.visit(browser)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/", "/documents", "/search", "/add", "/help"):
        page.goto(harbour.root + path)
    ask(page, harbour.root, "barge")
    follow(page, page.locator(".group h2 a").first)
    page.wait_for_load_state("networkidle")
    assert asked and not [url for url in asked if not url.startswith(harbour.root)]
    assert not [url for url in asked if "barge" in url]
    page.context.close()
