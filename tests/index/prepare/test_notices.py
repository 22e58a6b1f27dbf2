"""The kind of a notice, by its words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.prepare.notices import notice_of


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("correction", "Correction: The bridge is 300 metres long, not 300 feet."),
        ("correction", "CORRECTION (June 3): The bridge is in the north."),
        ("correction", "Corrections & Clarifications: A previous version misstated the date."),
        ("correction", "Corrections & Clarifications: The council meets on Tuesday."),
        ("correction", "An earlier version of this article misspelled the name of Ana Kovač."),
        ("correction", "Editor’s note: This story has been corrected."),
        ("correction", "This story has been updated to correct the height of the bridge."),
        ("clarification", "Clarification: The law covers ferries."),
        (
            "clarification",
            "Corrections & clarifications: This story has been updated to clarify the terms.",
        ),
        ("clarification", "This story was clarified to say which pier is meant."),
        ("retraction", "This article has been retracted."),
        ("retraction", "Editor’s note: The Herald has withdrawn this story."),
        ("retraction", "Retraction: The Herald withdraws its report on the pier."),
        ("update", "This story has been updated with additional details."),
        ("update", "Editor’s Note: This is an updated version of an earlier article."),
        ("update", "UPDATE: This story now includes the answer of the harbour office."),
        ("editors_note", "Editor’s note: The author lives in the harbour."),
        ("editors_note", "This article was originally published on May 5, 2013."),
        ("editors_note", "Editor’s note: He was wrongly convicted of the theft in 1990."),
        ("editors_note", "Editor’s note: Army units withdrew from the coast in May."),
    ],
)
def test_kinds(kind, text):
    notice = notice_of(text)
    assert (notice.kind, notice.text) == (kind, text)


@given(st.text(max_size=200))
def test_any_text_is_some_notice(text):
    assert notice_of(text).text == text
