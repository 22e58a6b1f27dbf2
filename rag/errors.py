"""Everything that can go wrong between a question and its answer.

    AnsweringError
    ├── SettingsError      a setting has a value that cannot be used
    └── InvalidQuestion    the question is empty or too long

That the corpus does not hold the answer is not an error: see `Answer.reason`.
"""


class AnsweringError(Exception):
    """Base of every error raised by `rag`."""


class SettingsError(AnsweringError):
    """A setting has a value that cannot be used; the message names the variable."""


class InvalidQuestion(AnsweringError):
    """The question is empty or too long."""
