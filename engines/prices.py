"""What an engine costs: from its entry, from the list of public prices that comes with the product, or not known."""

import json
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from django.utils.translation import gettext as _

from engines.base import FREE, Price, Runs, Usage
from engines.keys import Keys

MILLION = 1_000_000
# Makers whose models the list of public prices knows, by provider of ours.
_LISTED = {"openai": "openai", "anthropic": "anthropic", "gemini": "google"}
# Per second of sound, in millionths of a dollar: the list has these at 0, as it counts tokens alone.
_SOUND_U = {"whisper-1": 100}  # 0.006 USD a minute
_KEYS = ("input_per_million", "output_per_million", "per_second", "per_minute")


def read(keys: Keys, *, provider: str, model: str, runs: Runs, hears: bool = False) -> Price | None:
    """Return the price of an entry; None when nobody knows it. `hears`: it is sent sound.

    Raises Misconfigured for a price that cannot be: what is not the school's own is never free by silence.
    """
    given = keys.mapping("price", _KEYS)
    if given is None:
        if runs == "here":
            return FREE
        cache = keys.models.parent / "prices.json" if keys.models.is_absolute() else None
        return listed(provider, model, cache=cache, hears=hears)
    amounts = {}
    for name in _KEYS:
        value = given.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100_000:
            raise keys.wrong("price", _("«%s» debe ser un número en dólares, no negativo.") % name)
        amounts[name] = Decimal(str(value))
    price = Price(
        in_per_million_u=_micro(amounts["input_per_million"]),
        out_per_million_u=_micro(amounts["output_per_million"]),
        per_second_u=_micro(amounts["per_second"] + amounts["per_minute"] / 60),
        version="engines.yaml",
    )
    if price.is_free and runs == "outside":
        raise keys.wrong("price", _("un motor de afuera no puede costar 0: escribir su precio."))
    return price


def listed(provider: str, model: str, *, cache: Path | None, hears: bool = False) -> Price | None:
    """Return a public price; None when the list does not know the model, or has it at 0.

    `hears`: what goes in costs as sound does, which is dearer than text with some makers and never cheaper.
    The list takes two seconds to load: what it said is kept in `cache`, by its version.
    """
    if model in _SOUND_U and provider == "openai":
        return Price(per_second_u=_SOUND_U[model], version="openai 2026-11")
    if provider not in _LISTED:
        return None
    return _listed(provider, model, cache, version("genai-prices"), hears)


@lru_cache(maxsize=256)
def _listed(provider: str, model: str, cache: Path | None, edition: str, hears: bool) -> Price | None:
    if cache:
        found = _kept(provider, model, cache, edition, hears=hears)
    else:
        found = _look_up(_LISTED[provider], model, hears=hears)
    if found is None:
        return None
    in_u, out_u = found
    price = Price(in_per_million_u=in_u, out_per_million_u=out_u, version=f"genai-prices {edition}")
    return None if price.is_free else price


def _kept(provider: str, model: str, cache: Path, edition: str, *, hears: bool) -> list[int] | None:
    name = f"{edition}/{provider}/{model}{' (sound)' if hears else ''}"
    try:
        kept = json.loads(cache.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        kept = {}
    if name not in kept:
        kept[name] = _look_up(_LISTED[provider], model, hears=hears)
        try:
            cache.parent.mkdir(parents=True, exist_ok=True)
            fresh = cache.with_suffix(".new")
            fresh.write_text(json.dumps(kept), encoding="utf-8")
            fresh.replace(cache)
        except OSError:
            pass  # it is only slower without
    found: list[int] | None = kept[name]
    return found


def _look_up(provider: str, model: str, *, hears: bool) -> list[int] | None:
    from genai_prices import Usage as Tokens
    from genai_prices import calc_price

    # Not of a million at once, which some makers price as a long context.
    sample = 10_000
    kinds: tuple[int | None, ...] = (None, sample) if hears else (None,)
    try:
        found = [
            calc_price(
                Tokens(input_tokens=sample, input_audio_tokens=sound, output_tokens=sample),
                model_ref=model,
                provider_id=provider,
            )
            for sound in kinds
        ]
    except LookupError:
        return None
    dearest = max(each.input_price for each in found), max(each.output_price for each in found)
    return [_micro(price * MILLION / sample) for price in dearest]


def of_usage(price: Price, usage: Usage) -> int | None:
    """Return what a call cost in millionths of a dollar, rounded up; None when its usage does not tell."""
    by_tokens = price.in_per_million_u or price.out_per_million_u
    if by_tokens and (usage.tokens_in is None or usage.tokens_out is None):
        return None
    if price.per_second_u and usage.seconds is None:
        return None
    return cost_u(price, usage.tokens_in or 0, usage.tokens_out or 0, usage.seconds or 0.0)


def cost_u(price: Price, tokens_in: int, tokens_out: int, seconds: float) -> int:
    """Return a cost in millionths of a dollar, rounded up."""
    tokens = tokens_in * price.in_per_million_u + tokens_out * price.out_per_million_u
    exact = Decimal(tokens) / MILLION + Decimal(str(seconds)) * price.per_second_u
    return int(exact.to_integral_value(ROUND_CEILING))


def in_currency(usd_u: int, rate: Decimal) -> int:
    """Return an amount in millionths of a currency of which `rate` make a dollar, rounded up."""
    return int((usd_u * rate).to_integral_value(ROUND_CEILING))


def _micro(dollars: Decimal) -> int:
    return int((dollars * MILLION).to_integral_value(ROUND_CEILING))
