"""A reader marks and says things: with the keys alone, with the mouse, and without JavaScript."""

from __future__ import annotations

import pytest
from tests.workbench.bench import muniment, workbench

pytestmark = pytest.mark.journey

MEMO = "The barge leaves on Thursday.\nNobody signs the register.\nThe register is closed.\n"


@pytest.fixture(scope="module")
def bench(tmp_path_factory, browser):
    del browser  # without one there is nothing to see here
    home = tmp_path_factory.mktemp("notes-home")
    (home / "leak").mkdir()
    for name in ("keys", "mouse", "without"):
        (home / "leak" / f"{name}.txt").write_text(MEMO)
    muniment(home, "new", "harbour")
    muniment(home, "add", "harbour", "leak")
    with workbench(home, "open", "harbour") as opened:
        yield opened
    muniment(home, "lock", "harbour")


def document(bench, name: str) -> str:
    listed = bench.post("/documents")[1]["documents"]
    return next(row["document"] for row in listed if row["path"].endswith(f"{name}.txt"))


def said(bench, name: str) -> list[dict]:
    return bench.post("/note", document=document(bench, name))[1]["notes"]


def test_with_the_keys_alone(bench, browser):
    page = bench.visit(browser)
    page.goto(f"{bench.root}/document/{document(bench, 'keys')}")
    with page.expect_navigation():
        page.keyboard.press("s")
    assert [note["kind"] for note in said(bench, "keys")] == ["star"]
    page.keyboard.press("t")
    page.keyboard.type("to ask")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(".remarks .tag", has_text="to ask").is_visible()
    with page.expect_navigation():
        page.keyboard.press("s")
    assert [note["kind"] for note in said(bench, "keys")] == ["tag"]
    page.context.close()


def test_words_that_are_selected_become_the_passage(bench, browser):
    page = bench.visit(browser)
    page.goto(f"{bench.root}/document/{document(bench, 'mouse')}")
    page.evaluate(
        """() => {
            const line = document.querySelectorAll('.words p')[2].firstChild;
            getSelection().setBaseAndExtent(line, 4, line, 12);
        }"""
    )
    page.get_by_text("Write a note or a translation").click()
    assert page.locator("#passage").input_value() == "register"
    page.fill("#value", "Which one?")
    with page.expect_navigation():
        page.get_by_role("button", name="Keep it").click()
    [note] = said(bench, "mouse")
    assert note["passage"]["start"] == MEMO.rindex("register"), "the second of them was selected"
    assert page.locator(".words .noted").inner_text() == "register"
    page.context.close()


def test_without_javascript(bench, browser):
    page = bench.visit(browser, java_script_enabled=False)
    page.goto(f"{bench.root}/document/{document(bench, 'without')}")
    with page.expect_navigation():
        page.get_by_role("button", name="I have seen it").click()
    page.get_by_text("Write a note or a translation").click()
    page.fill("#value", "first words")
    page.fill("#passage", "Nobody signs")
    page.fill("#by", "anna")
    with page.expect_navigation():
        page.get_by_role("button", name="Keep it").click()
    page.locator(".remark", has_text="first words").get_by_text("Change or delete").click()
    page.locator(".remark", has_text="first words").locator("textarea").fill("better words")
    with page.expect_navigation():
        page.locator(".remark", has_text="first words").get_by_role("button", name="Change").click()
    notes = {note["kind"]: note for note in said(bench, "without")}
    assert notes["seen"]["who"] == "local" and notes["note"]["who"] == "anna"
    assert notes["note"]["value"] == "better words" and len(notes["note"]["history"]) == 2
    page.goto(f"{bench.root}/notes")
    assert page.get_by_text("better words").is_visible()
    page.context.close()
