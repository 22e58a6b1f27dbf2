import pytest

from rag.errors import SettingsError
from rag.llm.address import address_of, llm_url
from rag.llm.client import OpenAIChatModel, llm_http_client
from rag.settings import Settings


@pytest.mark.parametrize(
    ("written", "base", "root"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/v1", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1", "http://127.0.0.1:8080"),
        (" https://h.example/v1/ ", "https://h.example/v1", "https://h.example"),
        ("https://h.example/v1/chat/completions", "https://h.example/v1", "https://h.example"),
        ("https://h.example/api/v1", "https://h.example/api/v1", "https://h.example/api"),
        ("https://h.example/llm", "https://h.example/llm/v1", "https://h.example/llm"),
        (
            "https://h.example/v1beta/openai/",
            "https://h.example/v1beta/openai",
            "https://h.example",
        ),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1", "http://[::1]:8080"),
    ],
)
def test_all_ways_of_writing_it_mean_one_address(written, base, root):
    address = address_of(llm_url(written))
    assert (address.base, address.root) == (base, root)
    assert address.chat == f"{base}/chat/completions"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://h.example",
        "h.example/v1",
        "127.0.0.1:8080",
        "http://",
        "http://user:hunter2@h.example/v1",
        "http://hunter2@h.example/v1",
        "http://h.example/v1?key=hunter2",
        "http://h.example/v1#hunter2",
        "http://h.example:port/v1",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_unshown(url):
    with pytest.raises(SettingsError, match=r"^DATELINE_LLM_URL cannot be used: give an http") as e:
        Settings.from_env({"DATELINE_LLM_URL": url})
    assert "hunter2" not in str(e.value)


@pytest.mark.parametrize("name", ["DATELINE_LLM_MODEL", "DATELINE_LLM_KEY"])
def test_half_a_setting_is_refused(name):
    with pytest.raises(SettingsError, match=f"{name} is set, DATELINE_LLM_URL is not"):
        Settings.from_env({name: "x"})


def test_the_model_must_leave_time_to_answer_without_it():
    environ = {"DATELINE_LLM_URL": "http://127.0.0.1", "DATELINE_TIMEOUT_S": "20"}
    with pytest.raises(SettingsError, match="DATELINE_LLM_TIMEOUT_S is 25 and DATELINE_TIMEOUT_S"):
        Settings.from_env(environ)
    Settings.from_env(environ | {"DATELINE_LLM_TIMEOUT_S": "15"})
    Settings.from_env({"DATELINE_TIMEOUT_S": "20"})


def test_no_address_no_model():
    with pytest.raises(SettingsError, match="DATELINE_LLM_URL is not set"):
        OpenAIChatModel(Settings(), llm_http_client(Settings()))


@pytest.mark.parametrize(
    ("url", "proxied"), [("http://127.0.0.1", False), ("http://h.example", True)]
)
def test_no_proxy_is_asked_for_a_server_on_this_machine(url, proxied, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    client = llm_http_client(Settings(llm_url=url))
    assert client.trust_env is proxied
