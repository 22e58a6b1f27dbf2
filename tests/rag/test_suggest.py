"""Questions made from headlines and names: they read as people ask, and are about the article."""

import pytest

from index.documents import Article, ArticleRef
from rag.suggest import MAX_CHARS, of_headline, of_names

FILLER = "Nothing else is known of it. "


def article(title, text="It was so. " + FILLER, *, derived=False):
    return Article(ArticleRef("a", 1, title, title_is_derived=derived), text)


FERRY = "How many people died in the Skerra ferry"


@pytest.mark.parametrize(
    ("title", "question"),
    [
        ("Łukasz Wierzba wins Aldane Prize for 'The Salt Ledger'", "Who won the Aldane Prize?"),
        ("“The Last Toll” wins the Golden Ibex in Zürlach", "Who won the Golden Ibex in Zürlach?"),
        ("Death toll in Skerra ferry sinking climbs to 19", FERRY + " sinking?"),
        ("Toll from Skerra ferry disaster rises to 19", FERRY + " disaster?"),
        ("Operator charged over Skerra deaths", "Who was charged over the Skerra deaths?"),
        ("Ilmara and Tarquesh sign 60-day truce", "What did Ilmara and Tarquesh sign?"),
        ("Bank of Verrane cuts rate, sees growth", "Why did the Bank of Verrane cut its rate?"),
        (
            "Cracks in Sable Creek Dam force 2,150 from their homes",
            "How many people had to leave because of the cracks in Sable Creek Dam?",
        ),
        ("Harbrook launches $3.8bn bid for Larkspur", "What did Harbrook offer for Larkspur?"),
    ],
)
def test_headlines(title, question):
    assert list(of_headline(article(title))) == [question]


def test_a_headline_that_is_only_the_opening_is_no_headline():
    title = "Łukasz Wierzba wins Aldane Prize"
    assert list(of_headline(article(title, derived=True))) == []


def test_names_that_come_again_are_asked_about_in_turn():
    text = "Mayor Teodora Quill spoke on Monday. Quill said no. Quill left. Casper Holm listened."
    asked = [next(of_names(article("Town news", text), turn)) for turn in range(4)]
    assert asked == [
        "What is the latest on Teodora Quill?",
        "What do we know about Teodora Quill?",
        "What happened to Teodora Quill?",
        "What is the latest on Teodora Quill?",
    ]


@pytest.mark.parametrize(
    "name", ["Monday Morning", "Meridian Wire", "BREAKING NEWS", "The Deputy", "Deputy Holm"]
)
def test_what_is_no_name_is_not_asked_about(name):
    text = f"x said {name} came. " + f"{name.split()[-1]} went. " * 5
    assert list(of_names(article("Town news", text))) == []


def test_questions_have_a_length():
    long_name = "Wins" + "y" * MAX_CHARS
    assert list(of_headline(article(f"Ilse wins {long_name}"))) == []
