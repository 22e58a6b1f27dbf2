"""Sentences of an article that order or ask something instead of stating it.

They carry nothing that an answer could cite, and a language model may take them for its
task. Lists are data: orders.toml. Surface forms of English, and of talk to language models in
some other languages; quotations with a speaker are left alone unless they speak to a model.
"""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

_DATA = tomllib.loads(files("rag.writing").joinpath("orders.toml").read_text("utf-8"))
_VERBS, _AMBIGUOUS, _LEADS, _STATEMENTS, _OPENERS = (
    frozenset(_DATA[name].split())
    for name in ("verbs", "ambiguous", "leads", "statements", "openers")
)

_REPLY = r"(?:responses?|answers?|repl(?:y|ies)|outputs?|messages?|summar(?:y|ies)|completions?)"
_MODEL = (
    r"(?:ai\ (?:assistant|model|agent|system)s?|ai|assistants?|chat\ ?bots?"
    r"|(?:large\ )?language\ models?|llms?|gpt|chatgpt)"
)
_MUST = r"(?:must|should|shall|needs?\ to|(?:is|are)\ (?:(?:required|instructed|asked|told)\ )?to)"
_TO_A_MODEL = re.compile(
    rf"""
    \byour\ (?:\w+\ ){{0,2}}{_REPLY}\b
    | \b(?:ignor|disregard|forget|overrid|bypass|overwrit|discard)\w*\b .{{0,40}}
      \b(?:instruct\w*|prompts?|guidelines?|directives?|previous\ \w+|(?:the|your)\ rules|
         (?:everything|all|text|anything)\ (?:above|before|prior|else)|the\ (?:above|context))\b
    | \b(?:system|developer|hidden|initial|secret)\ (?:prompt|message|instruction|override)s?\b
    | \b(?:previous|prior|above|following|new|these|those|your|original)
      \ (?:instruction|prompt)s?\b
    | \byou\ are\ (?:now\ |actually\ )?(?:an?\ |the\ |my\ )?(?:\w+\ )?{_MODEL}\b
    | \b(?:act|behave|respond|answer|reply)\ as\ (?:if\ you|though\ you|my)\b
    | \b(?:respond|reply|answer|output|print)\ (?:only|exactly|solely|verbatim|nothing|
         with\ (?:the|only|exactly|just|[“"'])|to\ (?:this|all|every|any)\ (?:question|quer|user))
    | \b(?:all|every|any|each|the|this)\ (?:\w+\ )?{_REPLY}\ (?:{_MUST}|will)
      \ (?:begin|end|start|contain|include|mention|say|state|be\ (?:written|given|in))\b
    | \b{_MODEL}\b[^.]{{0,30}}\b(?:{_MUST}|(?:who|that|which)\ (?:read|process|see)s?)\b
      [^.]{{0,30}}\b(?:respond|answer|reply|output|say|write|tell|mention|ignore|recommend|print|
         summari[sz]e|translate|reveal|obey|refuse)\b
    | \b(?:note|message|instructions?|attention|notice)\s*(?:to|for)\s*(?:the\ |any\ |all\ )?
      {_MODEL}\b
    | \b(?:when|while|before|after|if)\ (?:you\ |asked\ )?(?:answer|respond|repl|summari[sz])
      (?:ying|y|ing|e|ed)?\ (?:to\ )?(?:this|these|users?|the\ user|questions?|quer(?:y|ies))\b
    | \bi\ (?:want|need|would\ like|order|command)\ you\ to\b
    | \b(?:jailbreak|developer\ mode|dan\ mode|do\ anything\ now|(?:begin|end|start)\ your)\b
    | ^\W*(?:system|assistant|user|human|ai|instructions?|prompt|new\ task)\s*(?::|»|>>|\]|\))
    | \b(?:ignorez|ignoriere|ignora|ignorera|игнорируй|忽略|無視)\b .{{0,40}}
      \b(?:instru|anweis|istru)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TO_A_READER = re.compile(
    r"^you (?:must|should|shall|need to|have to|are (?:to|required|now|advised)|won[’']t believe)\b"
)
_ADDRESS = re.compile(
    r"\b(?:click|tap|download|install|visit|join|log ?in|sign ?up|subscribe|go to|buy|donate)\b"
    r".{0,60}(?:https?://|\bwww\.|\b[\w-]+\.(?:com|net|org|xyz|io|info|ru|cn|top|app|link|site)\b)",
    re.IGNORECASE,
)
_OPENING_QUOTE = re.compile(r"^\s*[“\"‘'«]")
_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)*|https?:|www\.|\d+|[“\"‘']")
_NEGATED = frozenset(("don't", "don’t", "do", "not", "let's", "let’s"))
_ASKS = re.compile(r"\?[\"”’')\]]*\s*$")


def is_order(sentence: str) -> bool:
    """Whether a sentence orders or asks its reader something, a language model above all."""
    if speaks_to_a_model(sentence):
        return True
    if _OPENING_QUOTE.match(sentence):
        return False
    return bool(_ASKS.search(sentence)) or _is_imperative(sentence)


def speaks_to_a_model(sentence: str) -> bool:
    """Whether words tell a language model, or the reader of its answer, what to do."""
    return bool(_TO_A_MODEL.search(sentence) or _ADDRESS.search(sentence))


def _is_imperative(sentence: str) -> bool:
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(sentence)[:8]]
    while words and (words[0] in _OPENERS or words[0].isdigit()):
        words = words[1:]
    rest = " ".join(words)
    if _TO_A_READER.match(rest) or rest.startswith(("don't ", "do not ", "let's ", "let us ")):
        return True
    if len(words) < 2:
        return bool(words) and words[0] in _VERBS
    first, second = words[0], words[1]
    if first in _VERBS:
        return second not in _STATEMENTS or second in ("in", "to", "with", "on", "from")
    leads = second in _LEADS or second.isdigit() or second in ("http:", "https:", "www.", '"', "“")
    return first in _AMBIGUOUS and leads and second not in _STATEMENTS
