from dataclasses import fields
from pathlib import Path

import pytest

from rag.errors import SettingsError
from rag.settings import Settings, variable


def test_defaults_need_no_environment():
    settings = Settings.from_env({"PATH": "/bin"})
    assert settings.host == "127.0.0.1"
    assert settings.threads >= 1


def test_values_are_parsed():
    settings = Settings.from_env({"DATELINE_HOME": "/srv/news", "DATELINE_PORT": "9000"})
    assert settings.home == Path("/srv/news")
    assert settings.port == 9000


def test_an_empty_variable_is_not_set():
    assert Settings.from_env({"DATELINE_PORT": ""}) == Settings.from_env({})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATELINE_PORT", "eighty"),
        ("DATELINE_PORT", "70000"),
        ("DATELINE_THREADS", "0"),
        ("DATELINE_RECENCY_WEIGHT", "nan"),
        ("DATELINE_ABSTAIN_BELOW", "1.5"),
        ("DATELINE_EMBEDDER_BACKEND", "gpu"),
        ("DATELINE_TIMEOUT_S", "-1"),
    ],
)
def test_a_bad_value_names_the_variable_and_the_remedy(name, value):
    with pytest.raises(SettingsError, match=rf"{name} is '{value}': give "):
        Settings.from_env({name: value})


def test_a_misspelt_variable_is_refused():
    with pytest.raises(SettingsError, match="DATELINE_PROT is not a setting"):
        Settings.from_env({"DATELINE_PROT": "1"})


def test_every_setting_has_help():
    for f in fields(Settings):
        assert f.metadata["help"], variable(f.name)
