"""What chat pages ask on their own is told from what a person asks, by its build alone.

The prompts are written for these tests: they have the build of what chat pages send, in other
words.
"""

import json
import time

import pytest

from api.openai.conversation import Said
from api.openai.extracts import follow_ups, query, tags, title
from api.openai.housekeeping import housekeeping_reply

ASKED = "How many residents left when the dam at Sable Creek cracked?"
TOLD = (
    "On 9 April 2025, halverstonpost.example reported: Deputies of Low Arden told 2,150 people "
    "living below the Sable Creek Dam to leave at once. [1] Edda Roskilly sent engineers. [2]"
)
HISTORY = f"<chat_history>\nUSER: {ASKED}\nASSISTANT: {TOLD}\n</chat_history>"


def task(key, example, *, head="### Task:\nLook at the talk below.", history=HISTORY):
    return (
        f"{head}\n### Rules:\n- Be brief.\n### Output:\n"
        f'JSON of the form {{ "{key}": {example} }}\n### Talk:\n{history}'
    )


def reply(*texts, system=None):
    said = [Said("system", system)] if system else []
    roles = ("user", "assistant") * len(texts)
    return housekeeping_reply([*said, *map(Said, roles, texts)])


def test_a_title_is_cut_from_the_first_question():
    made = json.loads(reply(task("title", '"…"')))
    assert made == {"title": "Residents left when the dam"}


def test_tags_and_next_questions_name_what_was_said():
    made = json.loads(reply(task("tags", '["a", "b"]')))
    assert made["tags"][0] == "News"
    assert "Sable Creek" in made["tags"]
    made = json.loads(reply(task("follow_ups", '["A?", "B?"]')))
    assert "What is the latest about Sable Creek?" in made["follow_ups"]
    assert len(made["follow_ups"]) <= 3


def test_the_query_is_the_last_question():
    history = (
        f"<chat_history>\nUSER: {ASKED}\nASSISTANT: {TOLD}\nUSER: And who paid?\n</chat_history>"
    )
    assert json.loads(reply(task("queries", '["a"]', history=history))) == {
        "queries": ["And who paid?"]
    }


def test_nothing_is_completed_for_whoever_types():
    prompt = task("text", '"…"') + "\n<type>General</type>\n<text>When will the</text>\nOutput:"
    assert json.loads(reply(prompt)) == {"text": ""}


@pytest.mark.parametrize("key", ["title", "tags", "follow_ups", "queries", "text", "prompt"])
@pytest.mark.parametrize(
    "history", ["<chat_history>\n</chat_history>", "<chat_history></chat_history>"]
)
def test_an_empty_talk_has_a_reply_of_the_form(key, history):
    made = json.loads(reply(task(key, '"x"', history=history)))
    assert list(made) == [key]
    assert made[key] in ("", "News", [], ["News"])


@pytest.mark.parametrize(
    "prompt",
    [
        "Write a short title of the talk in five words. Return only the title.\n\nConversation:\n"
        f"User: {ASKED}\nAI: {TOLD}",
        "Read this and give the language and a title (5 words, no punctuation):\n\n"
        f"User: {ASKED}\nAI: {TOLD}",
        "Name this conversation in 30 characters, only the name.\n\n"
        f"```\n{ASKED}\n\n---------\n\n{TOLD}\n```",
    ],
)
def test_a_transcript_that_wants_a_title_gets_one(prompt):
    assert reply(prompt) == "Residents left when the dam"


def test_a_transcript_alone_is_titled_where_the_instructions_want_it():
    talk = f"user: {ASKED}\nassistant: {TOLD}"
    orders = "You sum up talks. Output ONLY the title, at most 10 words."
    assert reply(talk, system=orders) == "Residents left when the dam"
    assert reply(talk, system="You answer questions about the news.") is None
    assert reply(talk) is None


def test_an_order_after_the_conversation_titles_it():
    order = "Please write a title of four words for our conversation, without punctuation."
    assert reply(ASKED, TOLD, order) == "Residents left when the dam"
    assert reply(order) is None


def test_an_emoji_is_one():
    prompt = f"Your task is to show a face as one fitting emoji.\n\nMessage: ```{ASKED}```"
    assert reply(prompt) == "📰"


GENUINE = [
    "What title did Marit Oyelund win?",
    "What is the title of the report on the Sable Creek dam?",
    "Who holds the heavyweight title?",
    "Give me the title of the book that won the Aldane Prize.",
    "Please give the title of the song about the conversation, in five words?",
    "Which task did the committee give the engineers?",
    "Task: find out who paid for the dam",
    "### Task: who paid for the dam?",
    "### Task:\nWho paid for the dam? Give a JSON with the title.",
    'Who wrote { "title": "Dam" }?',
    'What does <chat_history> mean in {"title": "x"}?',
    "Which tags did the museum put on the snuffboxes?",
    "What are the follow-ups to the dam report?",
    "What queries did the regulator answer?",
    "Was the emoji in the minister's message a mistake?",
    "What was your task on the dam, and which emoji did the mayor post?",
    "What did the mayor say in her conversation with the engineers? Only her words.",
    "User: who paid for the dam?",
    "AI: what did the commission say about it?",
    "Summarise the conversation between the mayor and the engineers in three words",
    "Name the people who died on the Lady Corrigan",
    "Write down the name of the ship that sank",
    "Title IX: what changed in April?",
    "Who said “Give our conversation a title”?",
    "Suggest which chat apps were banned in only two words",
    "What did the newspaper's headline on the discussion say?",
    "```\nwho paid?\n```",
    "What happened in the chat_history case?",
]


@pytest.mark.parametrize("question", GENUINE)
def test_a_question_is_a_question(question):
    assert reply(question) is None
    assert reply(question, system="You are a news assistant. Only use titles of articles.") is None
    if "our conversation" not in question:
        assert reply(ASKED, TOLD, question) is None


def test_a_task_without_all_its_signs_is_none():
    bare = task("tags", '["…"]', head="Look at the talk below.")
    assert json.loads(reply(bare))["tags"]
    assert reply(f"{bare}\nWho paid for the dam?") is None
    assert reply(task("answer", '"…"')) is None
    assert reply(task("title", '"…"', history=f"USER: {ASKED}")) is None
    wrapped = f"### Task:\nAnswer from the context.\n<context>\n{TOLD}\n</context>\n{ASKED}"
    assert reply(wrapped) is None
    inside = '<chat_history>\nUSER: {"title": 1}\nASSISTANT: x\n</chat_history>'
    assert reply(f"### Task:\nAnswer.\n{inside}") is None


@pytest.mark.parametrize(
    "filler",
    ["\n", "<", "[", "```", "USER: ", "USER: a\n", "{", '{ "title": ', "---\n", "### Task"],
)
def test_a_hostile_prompt_costs_little(filler):
    for text in (filler * (190_000 // len(filler)), task("title", '"…"', history=filler * 9_000)):
        started = time.process_time()
        reply(text)
        reply(ASKED, TOLD, text)
        assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("Who won the Aldane Prize?", "Won the Aldane Prize"),
        ("What happened to the harbour bridge at Port Merrow?", "Harbour bridge at Port Merrow"),
        ("Tell me about the ferry. It sank.", "Ferry"),
        ("why?", "Why"),
        ("???", "News"),
        ("", "News"),
        ("Wer hat den Damm am Sable Creek bezahlt?", "Wer hat den Damm am Sable"),
        ("谁支付了大坝的费用？", "谁支付了大坝的费用？"),
        ("x" * 300, "X" + "x" * 49),
    ],
)
def test_titles(asked, expected):
    assert title([("user", asked), ("assistant", TOLD)]) == expected


def test_extracts_of_nothing():
    assert (title([]), tags([]), follow_ups([]), query([])) == ("News", ["News"], [], "")
