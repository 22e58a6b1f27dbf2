"""Everything without a mouse, in the order in which it is read."""

from playwright.sync_api import expect

from tests.web.conftest import ASK

BRIDGE = "Why did the harbour bridge close?"


def tab_to(page, name, most=60):
    """Press Tab until the element with this label has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        label = page.evaluate(
            "(({ariaLabel, textContent}) => ariaLabel ?? textContent)(document.activeElement)"
        )
        if name in label:
            return
    raise AssertionError(f"no Tab leads to {name!r}")


def test_a_question_from_asking_to_checking_by_keyboard_alone(visitor):
    page = visitor.page
    keyboard = page.keyboard
    page.locator(".example").first.wait_for()
    tab_to(page, "The corpus")
    keyboard.press("/")
    expect(page.locator(ASK)).to_be_focused()
    expect(page.locator(ASK)).to_have_value("")
    keyboard.type("Why did the harbour")
    keyboard.press("Shift+Enter")
    keyboard.type("bridge close?")
    expect(page.locator(ASK)).to_have_value("Why did the harbour\nbridge close?")
    keyboard.press("Enter")
    visitor.turn().locator(".sources").wait_for()
    expect(page.locator(ASK)).to_be_focused()
    for _ in range(30):
        keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.dataset.marker") == "1":
            break
    marker = visitor.turn().locator("button.marker:focus")
    expect(page.get_by_role("tooltip")).to_contain_text("inspectors found cracks")
    keyboard.press("Enter")
    expect(page.locator("mark.cited")).to_be_focused()
    keyboard.press("Escape")
    expect(page.locator("#reader")).to_be_hidden()
    expect(marker).to_be_focused()
    keyboard.press("/")
    keyboard.press("ArrowUp")
    expect(page.locator(ASK)).to_have_value("Why did the harbour\nbridge close?")
    keyboard.press("Escape")
    expect(page.locator(ASK)).to_have_value("")
    keyboard.press("/")
    expect(page.locator(ASK)).to_have_value("/")


def test_a_link_leads_past_the_conversations(visitor):
    page = visitor.page
    page.locator(".example").first.wait_for()
    page.locator(".skip").focus()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator(ASK)).to_be_focused()
    expect(page.locator(".skip")).not_to_be_in_viewport()


def test_the_steering_panel_by_keyboard(visitor):
    page = visitor.page
    page.locator("#steer-toggle").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#steer-toggle")).to_have_attribute("aria-expanded", "true")
    page.get_by_label("tarnexaminer.example").focus()
    page.keyboard.press("Space")
    expect(page.locator("#steer-summary")).to_have_text("any date · tarnexaminer.example")
    page.keyboard.press("Escape")
    expect(page.locator("#steer-toggle")).to_be_focused()
    expect(page.locator("#steer")).to_be_hidden()
