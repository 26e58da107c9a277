"""First use: an empty case is filled, by choosing a folder, by dropping files, with and without JavaScript."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.journey


@pytest.fixture(params=["with JavaScript", "without"])
def page(request, empty, browser):
    held = empty.visit(browser, java_script_enabled=request.param == "with JavaScript")
    yield held
    held.context.close()


def test_the_first_hour(page, empty, leak):
    page.goto(empty.root)
    assert page.get_by_role("heading", name="Nothing is here yet").is_visible()
    with page.expect_navigation():
        page.get_by_role("link", name="choose a folder on this machine", exact=True).click()
    page.fill("#path", str(leak))
    for name in ("Look", "minutes/"):
        with page.expect_navigation():
            page.get_by_role("button", name=name).click()
    assert "30 files" in page.locator(".takes").inner_text()
    page.get_by_role("button", name="Add this folder").click()
    page.wait_for_url(empty.root + "/")
    empty.settled()
    page.goto(empty.root)
    assert page.locator("svg.bar").get_attribute("aria-label") == "30 extracted."
    page.set_input_files("#files", [leak / "memo.txt", leak / "ئۇقتۇرۇش.txt"])
    # The page is at this address already: to wait for the address would be to wait for nothing.
    with page.expect_navigation():
        page.get_by_role("button", name="Add these files").click()
    assert empty.settled()["report"]["states"] == {"extracted": 2}
    page.goto(empty.root + "/documents")
    assert page.get_by_role("link", name="ئۇقتۇرۇش.txt").is_visible()
    page.goto(empty.root + "/search")
    page.fill("#query", "barge seven")
    with page.expect_navigation():
        page.get_by_role("button", name="Search").click()
    with page.expect_navigation():
        page.locator(".group h2 a").click()
    assert page.locator("mark.here").first.is_visible()
    page.goto(empty.root)
    with page.expect_navigation():
        page.get_by_role("button", name="Lock the case and end").click()
    assert page.get_by_role("heading", name="The case is locked").is_visible()
    assert empty.process.wait(30) == 0


def test_a_path_that_is_not_there(empty, browser):
    page = empty.visit(browser)
    page.goto(empty.root + "/add")
    page.fill("#path", "/nowhere/at all")
    page.get_by_role("button", name="Look").click()
    assert page.get_by_role("alert").inner_text().count("/nowhere/at all is not there") == 1
    page.get_by_role("link", name="To the Desk").click()
    page.context.close()


def test_files_dropped_anywhere_with_their_folders(empty, browser):
    page = empty.visit(browser)
    page.goto(empty.root + "/documents")
    page.evaluate(
        """() => {
          const carried = new DataTransfer();
          carried.items.add(new File(["the tide table"], "tide.txt", { type: "text/plain" }));
          carried.items.add(new File(["the crane book"], "crane.txt", { type: "text/plain" }));
          for (const kind of ["dragenter", "dragover", "drop"])
            document.body.dispatchEvent(
              new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
        }"""
    )
    page.wait_for_url(empty.root + "/")
    empty.settled()
    found = empty.post("/find", query='"tide table"')[1]
    assert [hit["path"] for hit in found["hits"]] == ["tide.txt"]
    page.context.close()


def test_the_desk_follows_the_work_without_being_asked(empty, browser, leak):
    page = empty.visit(browser)
    page.goto(empty.root)
    empty.post("/add", paths=[str(leak)], wait=False)
    page.wait_for_selector("svg.bar", timeout=60_000)
    empty.settled()
    total = empty.post("/status")[1]["accounting"]["expected"]
    page.wait_for_function(
        "n => document.querySelector('#live .lead strong')?.textContent === n",
        arg=str(total),
        timeout=60_000,
    )
    page.context.close()
