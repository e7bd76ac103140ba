"""What stands in the environment of a process changes nothing of where texts go, and with which key."""

from types import ModuleType

import pytest

from tests.doubles import anthropic, gemini, ollama
from tests.doubles.base import ANSWER
from tests.engines.streaming import chat, pieces, words

ELSEWHERE = "http://127.0.0.1:9"
SET = {
    "HTTP_PROXY": ELSEWHERE,
    "http_proxy": ELSEWHERE,
    "ALL_PROXY": ELSEWHERE,
    "ANTHROPIC_BASE_URL": ELSEWHERE,
    "ANTHROPIC_API_KEY": "ajena",
    "ANTHROPIC_AUTH_TOKEN": "ajena",
    "GOOGLE_GEMINI_BASE_URL": ELSEWHERE,
    "GOOGLE_GENAI_API_VERSION": "v1",
    "GOOGLE_GENAI_USE_VERTEXAI": "true",
    "GOOGLE_GENAI_USE_ENTERPRISE": "true",
    "GOOGLE_CLOUD_PROJECT": "ajeno",
    "GOOGLE_API_KEY": "ajena",
    "GEMINI_API_KEY": "ajena",
    "OLLAMA_HOST": ELSEWHERE,
    "OLLAMA_API_KEY": "ajena",
}


@pytest.mark.parametrize(
    "maker", [anthropic, gemini, ollama], ids=lambda maker: maker.__name__.rpartition(".")[2]
)
def test_the_entry_alone_says_where_and_with_which_key(
    maker: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SET.items():
        monkeypatch.setenv(name, value)
    secret = getattr(maker, "SECRET", "")
    variable = f"CLAVE_DE_{maker.__name__.rpartition('.')[2].upper()}"
    with maker.serving() as double:
        found = pieces(chat(maker.entry(double, tasks=["chat"]), {variable: secret}))
        assert words(found) == "".join(ANSWER)
        assert b"ajen" not in double.bytes_seen
        assert secret.encode() in double.bytes_seen
