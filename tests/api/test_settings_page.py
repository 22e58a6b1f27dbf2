"""docs/settings.md is what `Settings` says."""

from dataclasses import fields
from pathlib import Path

from api.settings_page import settings_page
from rag.settings import Settings, variable

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_page_is_up_to_date():
    assert PAGE.read_text("utf-8") == settings_page(), "run `python -m api.settings_page`"


def test_every_setting_has_a_row_and_no_path_of_this_machine():
    page = settings_page()
    for field in fields(Settings):
        assert f"| `{variable(field.name)}` |" in page
    assert str(Path.home()) not in page.replace("| /", "")
    assert str(Settings().home) not in page
