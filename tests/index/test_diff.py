"""What a reader is shown of a change, and that nothing of either text is lost."""

from hypothesis import given
from hypothesis import strategies as st

from index.diff import diff

OLD = "The ferry sank at dawn.\nTwelve people died, the coast guard said.\nThe cause is not known."
NEW = (
    "The ferry sank at dawn.\nFourteen people died, the coast guard said.\n"
    "Divers go on searching.\nThe cause is not known."
)


def without(paragraphs, operation):
    """The text that is left when one kind of change is left out."""
    lines = [
        "".join(p.text for p in paragraph.pieces if p.operation != operation)
        for paragraph in paragraphs
        if paragraph.operation != operation
    ]
    return "\n".join(lines)


def test_words_are_marked_inside_a_paragraph_that_was_edited():
    same, edited, added, last = diff(OLD, NEW)
    assert [same.operation, edited.operation, added.operation, last.operation] == [
        "same",
        "edited",
        "added",
        "same",
    ]
    assert [(p.operation, p.text) for p in edited.pieces][:2] == [
        ("removed", "Twelve"),
        ("added", "Fourteen"),
    ]


def test_a_paragraph_that_says_something_else_is_replaced_whole():
    changed = diff("The mayor resigned on Monday.", "Snow closed every school in the valley.")
    assert [p.operation for p in changed] == ["removed", "added"]


def test_the_same_text_has_no_change():
    assert {p.operation for p in diff(OLD, OLD)} == {"same"}


LINES = st.lists(st.text(st.sampled_from("ab cd"), max_size=12), max_size=6).map("\n".join)


@given(LINES, LINES)
def test_both_texts_can_be_read_from_the_difference(old, new):
    changed = diff(old, new)
    assert without(changed, "added") == old
    assert without(changed, "removed") == new
