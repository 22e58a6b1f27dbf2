"""The page's own functions of text, run in the browser, against what Python makes of the same."""

import json
import random
import re
import unicodedata

import pytest

from tests.web.conftest import Visitor

LETTERS = (
    "aZ é\u0301ß中\U0001f6a2\U0001f309\U0001f468\u200d\U0001f469\u200bقל"
    "\u202e\u2066\u00ad\n\t\r\u2028\u0007\u115f"
)
SEEN_FORMAT = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")


def texts(count, length):
    chance = random.Random(7)
    return ["".join(chance.choices(LETTERS, k=chance.randrange(length))) for _ in range(count)]


@pytest.fixture(scope="module")
def run(chromium, served):
    visitor = Visitor(chromium, served.url).open()

    def call(module, expression, argument):
        return visitor.page.evaluate(
            f"async (given) => {{ const m = await import('./web/{module}'); {expression} }}",
            argument,
        )

    yield call
    visitor.close()


def test_cuts_count_code_points(run):
    given = [
        [text, start, start + width]
        for text in texts(60, 40)
        for start in range(0, len(text) + 2, 3)
        for width in (0, 1, 7)
    ]
    cut = run("text.js", "return given.map(([t, a, b]) => m.slicer(t)(a, b))", given)
    assert cut == [text[a:b] for text, a, b in given]
    lengths = run("text.js", "return given.map(([t]) => m.length(t))", given)
    assert lengths == [len(text) for text, _, _ in given]


def test_nothing_unseen_is_left(run):
    given = texts(200, 60)
    cleaned = run("text.js", "return given.map((t) => m.clean(t))", given)
    for before, after in zip(given, cleaned, strict=True):
        for place, letter in enumerate(after):
            if letter in "\n\t" or letter in SEEN_FORMAT:
                continue
            if letter in "\u200c\u200d":
                assert ord(after[place - 1]) > 0x2FF
                continue
            assert unicodedata.category(letter) not in ("Cc", "Cf"), (before, letter)
        kept = [c for c in re.sub("\r\n?|\u2028", "\n", before) if c in after]
        assert [c for c in after if c not in kept] == []
    again = run("text.js", "return given.map((t) => m.clean(t))", cleaned)
    assert again == cleaned


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("pay\u200bpal\u2060.example\ufeff", "paypal.example"),
        ("\u202egpj.exe\u202c", "gpj.exe"),
        ("a\u200db", "ab"),
        (
            "\U0001f468\u200d\U0001f469\u200d\U0001f467",
            "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        ),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("Z" + "\u0301" * 30, "Z" + "\u0301" * 4),
        ("one\r\ntwo\u2028three\x00\x1b[31m", "one\ntwo\nthree[31m"),
        ("\U000e0068\U000e0069 there", " there"),
        ("é e\u0301 ﷽ ½", "é e\u0301 ﷽ ½"),
    ],
)
def test_what_is_shown(run, text, shown):
    assert run("text.js", "return m.clean(given)", text) == shown


def test_streams_are_read_whatever_the_chunks(run):
    events = [("hits", {"a": 1}), ("delta", {"text": "Zürlach \U0001f6a2 \n\n: no comment"})] * 20
    stream = ": heartbeat\n\n" + "".join(
        f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n: ping\n\n"
        for name, data in events
    )
    data = list(stream.encode())
    expression = """
      const found = [];
      const body = new ReadableStream({
        start(controller) {
          const bytes = Uint8Array.from(given[0]);
          for (let at = 0; at < bytes.length; at += given[1]) {
            controller.enqueue(bytes.slice(at, at + given[1]));
          }
          controller.close();
        },
      });
      for await (const {event, data} of m.events(body)) found.push([event, JSON.parse(data)]);
      return found;
    """
    for size in (1, 2, 3, 7, 64, len(data)):
        assert run("sse.js", expression, [data, size]) == [list(event) for event in events]


def test_what_is_exported_is_text_in_markdown(run):
    hostile = "# Not *bold*, [no](javascript:x) <b>tag</b> `code` 1. list\n- item\n1. one"
    escaped = run("markdown.js", "return m.escaped(given)", hostile)
    assert escaped == (
        "\\# Not \\*bold\\*, \\[no\\]\\(javascript:x\\) \\<b\\>tag\\</b\\> \\`code\\` 1. list\n"
        "\\- item\n1\\. one"
    )
