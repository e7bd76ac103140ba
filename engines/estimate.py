"""How much a request will take at most: tokens from characters, as no maker's tokenizer is at hand offline."""

from collections.abc import Sequence
from math import ceil

from engines import prompting
from engines.base import ChatRequest

# Spanish takes about 3.3 bytes a token with today's byte-level vocabularies; two a token, and a tenth more, is above
# every one that was looked at. A token never holds less than a byte.
_BYTES_PER_TOKEN = 2
_MARGIN = 1.1
_PER_MESSAGE = 8
_PER_REQUEST = 16
# Of sound, by makers who bill it in tokens: Gemini counts 32 a second, others less.
_SOUND_TOKENS = 32
_SOUND_INSTRUCTION = 1_000
# Nobody says more than five words a second; each sentence brings its times. Thoughts count as well.
_WRITTEN_TOKENS = 30
_THOUGHT_TOKENS = 4_096
_CALL_S = 300.0  # a longer recording is heard in several calls


def tokens(text: str) -> int:
    """Return the most tokens that a text may have."""
    size = len(text.encode("utf-8", "replace"))
    return min(size, int(size / _BYTES_PER_TOKEN * _MARGIN) + 1)


def of_texts(texts: Sequence[str]) -> int:
    """Return the most tokens that several texts may have."""
    return sum(tokens(text) + _PER_MESSAGE for text in texts)


def of_request(request: ChatRequest) -> int:
    """Return the most tokens that an engine may count in what it is sent."""
    prompt = prompting.compose(request)
    return _PER_REQUEST + of_texts([prompt.system, *(message.text for message in prompt.messages)])


def of_sound(seconds: float) -> tuple[int, int]:
    """Return the most tokens that seconds of sound may have, and that what is said in them may take."""
    calls = max(1, ceil(seconds / _CALL_S))
    return (
        ceil(seconds) * _SOUND_TOKENS + calls * _SOUND_INSTRUCTION,
        ceil(seconds) * _WRITTEN_TOKENS + calls * _THOUGHT_TOKENS,
    )
