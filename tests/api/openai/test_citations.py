"""Where markers stand, and that chat pages which group sources count as the answer does."""

from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from api.openai.citations import markers, scrolled_to, sources, url_citations
from index.documents import ArticleRef
from rag.answers import Answer, Citation, Understood, Verdict

URL = "https://meridianwire.example/bridge"


def article(id_="a", title="Harbour bridge", url=URL):
    return ArticleRef(id=id_, version=2, title=title, url=url)


def citation(marker, quote, article=None):
    ref = article or globals()["article"]()
    return Citation(marker, quote, 0, len(quote), Verdict.SUPPORTED, f"p{marker}", ref)


def answer(*citations, text=None):
    said = " ".join(f"{one.quote} [{one.marker}]" for one in citations) if text is None else text
    return Answer(
        question="?", understood=Understood("?"), status="answered", reason=None, caution=None,
        text=said, confidence=0.5, citations=citations, hits=(), mode="extractive", models={},
        generation=1, timings_ms={},
    )  # fmt: skip


def address(ref):
    return f"http://here/v1/articles/{ref.id}?version={ref.version}"


def test_a_marker_is_where_the_annotation_says():
    told = answer(citation(1, "𝒽e said “[2] [1]” 🦆."), citation(2, "It closed."))
    found = [one.url_citation for one in url_citations(told.text, told, address)]
    assert [told.text[one.start_index : one.end_index] for one in found] == ["[1]", "[2]"]
    assert found[0].start_index == len("𝒽e said “[2] [1]” 🦆. ")


@given(
    st.lists(
        st.text(st.sampled_from("a1 []🦆\n"), min_size=1, max_size=12).filter(str.strip), max_size=5
    )
)
def test_markers_are_found_whatever_the_quotations_hold(quotes):
    cited = [citation(n, quote) for n, quote in enumerate(quotes, start=1)]
    text, expected = "", []
    for one in cited:
        text += f"{one.quote} "
        expected.append((one.marker, len(text), len(text) + len(f"[{one.marker}]")))
        text += f"[{one.marker}] "
    assert markers(text, tuple(cited)) == expected


def test_words_of_a_model_may_repeat_a_marker_and_invent_one():
    told = answer(
        citation(1, "It closed."), citation(2, "It opened."), text="Shut [1][2], open [1]. [7]"
    )
    assert [n for n, _, _ in markers(told.text, told.citations)] == [1, 2, 1]


def test_an_article_without_a_url_has_dateline_s_own_address():
    told = answer(citation(1, "It closed.", article(url=None)))
    (found,) = url_citations(told.text, told, address)
    assert found.url_citation.url == "http://here/v1/articles/a?version=2"
    assert found.url_citation.title == "Harbour bridge"


def test_no_two_markers_share_an_address_or_a_title():
    long = "one two three four five six seven eight nine ten eleven"
    found = sources(
        answer(
            citation(1, "It closed."),
            citation(2, "It-opened, they said."),
            citation(3, long, article("b", url="https://tarn-examiner.example/#top")),
            citation(4, long, article("b", url="https://tarn-examiner.example/#top")),
        ),
        address,
    )
    assert [one.title for one in found] == [
        "Harbour bridge", "Harbour bridge [2]", "Harbour bridge [3]", "Harbour bridge [4]"
    ]  # fmt: skip
    assert found[0].url == URL
    assert found[1].url == f"{URL}#:~:text=It%2Dopened%2C%20they%20said."
    assert found[2].url == "https://tarn-examiner.example/#top"
    assert found[3].url.endswith(
        "#top:~:text=one%20two%20three%20four%20five,seven%20eight%20nine%20ten%20eleven"
    )


@given(st.text(min_size=1).filter(str.strip))
def test_a_text_fragment_is_plain(words):
    url = scrolled_to(URL, words.encode("utf-8", "replace").decode())
    fragment = url.removeprefix(f"{URL}#:~:text=")
    assert fragment.isascii()
    assert "-" not in fragment
    assert not set(fragment) & set(' \n"<>&#[]()')
    first = words.encode("utf-8", "replace").decode().split()[0]
    assert unquote(fragment).startswith(first)
