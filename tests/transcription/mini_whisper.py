"""Builds the very small Whisper that knows 32 Spanish sentences: a fixture, not a recogniser."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent / "mini-whisper"
LAYERS, HEADS, WIDTH, FRAMES = 2, 4, 128, 1500
ALIGNING = ((1, 0), (1, 3))  # layer and head that look where the word is said; the others wander
# What it may never write: the tokens that begin an answer, and those of time that begin none.
_NEVER = (
    "<|startoftranscript|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
)
_LANGUAGES = ("<|en|>", "<|es|>")

Numbers = NDArray[np.float32]


def build(folder: Path) -> Path:
    """Write the model as CTranslate2 reads it, with what faster-whisper wants beside it; return the folder."""
    from ctranslate2.specs import WhisperSpec

    tokenizer = gzip.decompress((HERE / "tokenizer.json.gz").read_bytes())
    tokens = _tokens(json.loads(tokenizer))
    numbers = {token: number for number, token in enumerate(tokens)}
    weights = _Weights(np.load(HERE / "weights-int8.npz"))
    spec = WhisperSpec(LAYERS, HEADS, LAYERS, HEADS)
    _fill_encoder(spec.encoder, weights)
    _fill_decoder(spec.decoder, weights)
    spec.register_vocabulary(tokens)
    spec.config.suppress_ids = [numbers[token] for token in _NEVER]
    spec.config.suppress_ids_begin = [numbers["<|endoftext|>"]]
    spec.config.lang_ids = [numbers[token] for token in _LANGUAGES]
    spec.config.alignment_heads = list(ALIGNING)
    spec.validate()
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    (folder / "tokenizer.json").write_bytes(tokenizer)
    extractor = {
        "feature_size": 80,
        "hop_length": 160,
        "n_fft": 400,
        "sampling_rate": 16_000,
        "chunk_length": 30,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(extractor))
    return folder


def _tokens(tokenizer: dict[str, Any]) -> list[str]:
    """Return all tokens, each at its number."""
    numbered: dict[str, int] = dict(tokenizer["model"]["vocab"])
    numbered.update({each["content"]: each["id"] for each in tokenizer["added_tokens"]})
    return [token for token, _number in sorted(numbered.items(), key=lambda pair: pair[1])]


class _Weights:
    """The stored numbers by name, as wide as they were trained."""

    def __init__(self, stored: Any) -> None:
        self._stored = stored

    def __getitem__(self, name: str) -> Numbers:
        if name in self._stored:
            return cast(Numbers, self._stored[name].astype(np.float32))
        rows = self._stored[f"{name}|q"].astype(np.float32)
        return cast(Numbers, rows * self._stored[f"{name}|s"].astype(np.float32))


def _fill_encoder(spec: Any, weights: _Weights) -> None:
    for number in (1, 2):
        conv = getattr(spec, f"conv{number}")
        conv.weight, conv.bias = weights[f"enc.conv{number}.w"], weights[f"enc.conv{number}.b"]
    spec.position_encodings.encodings = _sinusoids()
    _fill_norm(spec.layer_norm, weights, "enc.ln")
    for number, layer in enumerate(spec.layer):
        name = f"enc.{number}"
        _fill_self_attention(layer.self_attention, weights, name)
        _fill_feed_forward(layer.ffn, weights, name)


def _fill_decoder(spec: Any, weights: _Weights) -> None:
    spec.embeddings.weight = spec.projection.weight = weights["emb"]
    spec.position_encodings.encodings = weights["dec.pos"]
    _fill_norm(spec.layer_norm, weights, "dec.ln")
    for number, layer in enumerate(spec.layer):
        name = f"dec.{number}"
        _fill_self_attention(layer.self_attention, weights, name)
        _fill_norm(layer.attention.layer_norm, weights, f"{name}.ln3")
        _fill_linear(layer.attention.linear[0], weights, f"{name}.ca.q")
        _fuse(layer.attention.linear[1], weights, f"{name}.ca.k", f"{name}.ca.v")
        _fill_linear(layer.attention.linear[2], weights, f"{name}.ca.o")
        _fill_feed_forward(layer.ffn, weights, name)


def _fill_self_attention(spec: Any, weights: _Weights, name: str) -> None:
    _fill_norm(spec.layer_norm, weights, f"{name}.ln1")
    _fuse(spec.linear[0], weights, f"{name}.sa.q", f"{name}.sa.k", f"{name}.sa.v")
    _fill_linear(spec.linear[1], weights, f"{name}.sa.o")


def _fill_feed_forward(spec: Any, weights: _Weights, name: str) -> None:
    _fill_norm(spec.layer_norm, weights, f"{name}.ln2")
    _fill_linear(spec.linear_0, weights, f"{name}.fc1")
    _fill_linear(spec.linear_1, weights, f"{name}.fc2")


def _fill_norm(spec: Any, weights: _Weights, name: str) -> None:
    spec.gamma, spec.beta = weights[f"{name}.g"], weights[f"{name}.b"]


def _fill_linear(spec: Any, weights: _Weights, name: str) -> None:
    spec.weight, spec.bias = weights[f"{name}.w"], weights[f"{name}.b"]


def _fuse(spec: Any, weights: _Weights, *names: str) -> None:
    """Fill one layer with several, one below the other; keys have no bias."""
    from ctranslate2.converters.utils import fuse_linear
    from ctranslate2.specs.common_spec import LinearSpec

    layers = []
    for name in names:
        layer = LinearSpec()
        layer.weight = weights[f"{name}.w"]
        if not name.endswith(".k"):
            layer.bias = weights[f"{name}.b"]
        layers.append(layer)
    fuse_linear(spec, layers)


@cache
def _sinusoids() -> Numbers:
    steps = np.log(10_000) / (WIDTH // 2 - 1)
    scales = np.exp(-steps * np.arange(WIDTH // 2, dtype=np.float32))
    angles = np.arange(FRAMES, dtype=np.float32)[:, None] * scales[None, :]
    return cast(Numbers, np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32))
