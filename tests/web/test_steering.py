"""Steering: dates, outlets and as-of bound the question; what was read is told and taken back."""

import json

from playwright.sync_api import expect

from tests.web.conftest import ASK

DAM = "Who approved the Arrow Gorge dam?"


def body_of(page, act):
    with page.expect_request("**/v1/ask") as asked:
        act()
    return json.loads(asked.value.post_data)


def test_outlets_and_dates_bound_the_answer(visitor):
    page = visitor.page
    page.locator("#steer-toggle").click()
    panel = page.locator("#steer")
    expect(panel.locator(".histogram rect")).to_have_count(46)
    panel.get_by_label("tarnexaminer.example").check()
    panel.get_by_label("From", exact=True).fill("2025-04-01")
    panel.get_by_role("button", name="Done").click()
    expect(page.locator("#steer-summary")).to_have_text("1 Apr 2025 – today · tarnexaminer.example")
    page.fill(ASK, DAM)
    body = body_of(page, lambda: page.press(ASK, "Enter"))
    assert body["filters"] == {"from": "2025-04-01", "sources": ["tarnexaminer.example"]}
    turn = visitor.turn()
    expect(turn.locator(".sources li")).to_contain_text(["Dam vote surprises Tarn Hollow"])
    chip = turn.locator(".chip.filter", has_text="tarnexaminer.example")
    body = body_of(page, chip.get_by_role("button", name="Take back").click)
    assert body["filters"] == {"from": "2025-04-01"}
    turn.locator(".tools").wait_for()


def test_the_histogram_sets_the_dates_by_keyboard(visitor):
    page = visitor.page
    page.locator("#steer-toggle").click()
    earliest = page.get_by_label("Earliest")
    expect(earliest).to_have_attribute("aria-valuetext", "10 Mar 2025")
    for _ in range(5):
        earliest.press("ArrowRight")
    expect(page.get_by_label("From", exact=True)).to_have_value("2025-03-15")
    expect(earliest).to_have_attribute("aria-valuetext", "15 Mar 2025")
    page.get_by_label("Latest").press("ArrowLeft")
    expect(page.get_by_label("To", exact=True)).to_have_value("2025-04-23")
    expect(page.locator("#steer-summary")).to_contain_text("15 Mar 2025 – 23 Apr 2025")
    page.get_by_role("button", name="Clear all").click()
    expect(page.locator("#steer-summary")).to_have_text("any date · all outlets")


def test_as_of_hides_what_came_later(visitor):
    page = visitor.page
    page.locator("#steer-toggle").click()
    page.get_by_label("As of").fill("2025-03-15")
    page.keyboard.press("Escape")
    expect(page.locator("#steer")).to_be_hidden()
    visitor.ask(DAM)
    turn = visitor.turn()
    expect(turn.locator(".chip.filter")).to_have_text("as of 15 Mar 2025")
    expect(turn.locator(".abstained")).to_be_visible()
    turn.get_by_role("button", name="Ask without the filters").click()
    expect(turn.locator(".sources")).to_be_visible()
    expect(turn.locator(".chip.filter")).to_have_count(0)


def test_a_filter_that_nothing_passes_says_so(visitor):
    visitor.page.locator("#steer-toggle").click()
    visitor.page.get_by_label("To", exact=True).fill("2001-01-01")
    visitor.ask(DAM)
    expect(visitor.turn().locator(".abstained")).to_contain_text("No article passes the filters.")


def test_days_that_were_read_are_told_and_taken_back(visitor):
    page = visitor.page
    visitor.ask("Who approved the Arrow Gorge dam in March 2025?")
    turn = visitor.turn()
    chip = turn.locator(".chip.read", has_text="about")
    expect(chip).to_have_text("about 1 Mar 2025 – 31 Mar 2025")
    body = body_of(page, chip.get_by_role("button", name="Take back").click)
    assert body["literal"] == ["dates"]
    turn.locator(".tools").wait_for()
    expect(turn.locator(".chip.taken")).to_have_text("days not read")
    body = body_of(page, turn.get_by_role("button", name="Read it again: days not read").click)
    assert body["literal"] == []
    turn.locator(".tools").wait_for()


def test_without_a_language_model_there_is_no_mode_to_choose(visitor):
    page = visitor.page
    page.locator("#steer-toggle").click()
    expect(page.locator("#steer")).to_contain_text("This server has no language model")
    page.fill(ASK, DAM)
    assert "mode" not in body_of(page, lambda: page.press(ASK, "Enter"))
    visitor.turn().locator(".tools").wait_for()
