"""A secret that is sent where it belongs and shown nowhere."""

from __future__ import annotations

from typing import Any, Final, NoReturn

HIDDEN: Final = "(hidden)"
# Longer keys exist nowhere; what is longer is a file that was pasted.
_MAX_CHARS = 4_096


class Secret:
    """Text that `repr`, `str`, formatting and pickling do not tell."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """The text itself."""
        return self.__value

    def hide(self, text: str) -> str:
        """The text without the secret: what a server says may repeat it."""
        return text.replace(self.__value, HIDDEN) if self.__value else text

    def __repr__(self) -> str:
        return f"Secret{HIDDEN}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.__value

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a secret is not copied into files")


def secret(value: str) -> Secret:
    """A secret that can stand in a header.

    Raises:
        ValueError: it cannot; the value is not repeated.
    """
    value = value.strip()
    if not value.isascii() or not value.isprintable() or len(value) > _MAX_CHARS or " " in value:
        raise ValueError("a key of printable ASCII characters without spaces")
    return Secret(value)


secret.__doc__ = "a key: up to 4,096 printable ASCII characters without spaces"
