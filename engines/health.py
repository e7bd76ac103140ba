"""How engines are now, for all processes at once: who rests after failures, who is full, whose turn it is. In Redis.

A breaker for each engine: a failure lets it rest for a while by its class, then one call is let through to see. Places
at an engine are few; among schools that wait, the one with the fewest calls inside goes first. A call that died holds
its place until its time is over. Without Redis every engine counts as well and as free: money and labels do not
depend on it.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from os import getpid
from time import monotonic, time
from typing import Any, Literal

import redis
from django.conf import settings

from engines.base import Engine, Failure
from engines.routing import Health
from schools.ids import SchoolId

log = logging.getLogger(__name__)

Clock = Callable[[], float]
# A waiting call that has not asked again for so long is gone.
GONE_S = 3.0
# Of each class: seconds of rest after the first failure in a row, doubled with each, at most; and how many in a row
# until it rests at all. Not listed: the request was at fault, not the engine.
_RESTS: Mapping[Failure, tuple[float, float, int]] = {
    Failure.RATE: (5, 120, 1),
    Failure.OVERLOAD: (3, 60, 1),
    Failure.CONNECT: (2, 60, 1),
    Failure.FIRST_TOKEN_TIMEOUT: (10, 120, 1),
    Failure.TIMEOUT: (10, 120, 1),
    Failure.BROKEN_STREAM: (5, 60, 3),
    Failure.INTERNAL: (5, 60, 2),
    Failure.BAD_OUTPUT: (10, 120, 1),
    Failure.MONEY: (900, 3_600, 1),
    Failure.AUTH: (60, 900, 1),
    Failure.CONFIG: (60, 900, 1),
}
# For so long a decision goes by what was read before; tasks are few, and so are the lists of engines asked about.
LATELY_S = 0.5
_MOST_KEPT = 50
_lately: dict[tuple[object, ...], tuple[float, dict[str, Health]]] = {}
_MOST_ASKED_S = 3_600.0  # of a Retry-After: a maker that asks for more is asked again then


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a call may go to an engine now: `in` (until `leave`), `full`, or `resting` for `wait_s` more."""

    state: Literal["in", "full", "resting"]
    wait_s: float = 0.0


def rest_s(failure: Failure, *, in_a_row: int, asked_s: float | None) -> float:
    """Return how long an engine rests after its latest failure; 0: not at all. What it asked for is kept."""
    if failure not in _RESTS:
        return 0.0
    first, most, patience = _RESTS[failure]
    if asked_s is not None:
        return min(max(asked_s, 0.5), _MOST_ASKED_S)
    if in_a_row < patience:
        return 0.0
    return float(min(most, first * 2.0 ** min(in_a_row - patience, 20)))


def look(engines: Iterable[Engine], *, clock: Clock = time) -> dict[str, Health]:
    """Return how each engine is now."""
    names = [engine.name for engine in engines]
    try:
        line = _redis().pipeline(transaction=False)
        for name in names:
            line.hmget(_key(name, "rest"), "until", "failure", "ms", "probe")
        answers = line.execute()
    except redis.RedisError as error:
        _tell(error)
        return {}
    now = clock()
    return {name: _health(answer, now) for name, answer in zip(names, answers, strict=True)}


def glance(engines: Iterable[Engine]) -> dict[str, Health]:
    """Return how each engine was at most LATELY_S ago; what failed here since is known at once.

    Good enough to put engines in order: `enter` asks again whether the one that is called rests, and is what counts.
    """
    asked = tuple(engines)
    key = (settings.REDIS_URL, getpid(), *(engine.name for engine in asked))
    now = monotonic()
    kept = _lately.get(key)
    if kept is not None and now - kept[0] < LATELY_S:
        return dict(kept[1])
    found = look(asked)
    if len(_lately) > _MOST_KEPT:
        _lately.clear()
    _lately[key] = (now, found)
    return dict(found)


def enter(
    engine: Engine, school_id: SchoolId, call: str, *, waits: bool = False, clock: Clock = time
) -> Admission:
    """Ask for a place at an engine. With `waits` the call stands in line; ask again within a second."""
    if _is_boundless(engine):
        return Admission("in")
    member = f"{school_id}|{call}"
    try:
        state, wait_ms = _script("enter")(
            keys=[_key(engine.name, part) for part in ("rest", "inside", "line", "seen")],
            args=[
                int(clock() * 1000), member, str(school_id), engine.limits.at_once, engine.limits.per_school,
                int(engine.limits.total_s * 1000) + 5_000, int(waits), int(GONE_S * 1000),
            ],
            client=_redis(),
        )  # fmt: skip
    except redis.RedisError as error:
        _tell(error)
        return Admission("in")
    return Admission(state.decode(), int(wait_ms) / 1000)


def leave(
    engine: Engine,
    school_id: SchoolId,
    call: str,
    *,
    failure: Failure | None = None,
    asked_s: float | None = None,
    ms: int | None = None,
    is_known: bool = True,
    clock: Clock = time,
) -> None:
    """Give a place back, and tell what became of the call. `is_known` False: it says nothing of the engine.

    `ms`: what a call that went well took.
    """
    if _is_boundless(engine):
        return
    keys = [_key(engine.name, part) for part in ("rest", "inside", "line", "seen")]
    try:
        counts = is_known and (failure is None or failure in _RESTS)
        in_a_row = _script("leave")(
            keys=keys,
            args=[
                f"{school_id}|{call}",
                "" if not counts else "well" if failure is None else "bad",
                failure.value if failure else "",
                ms or 0,
            ],
            client=_redis(),
        )
        if counts and failure is not None:
            rest = rest_s(failure, in_a_row=int(in_a_row), asked_s=asked_s)
            if rest:
                _redis().hset(keys[0], "until", str(int((clock() + rest) * 1000)))
                _redis().expire(keys[0], 7_200)
        if counts and (failure is not None or int(in_a_row)):
            _lately.clear()
    except redis.RedisError as error:
        _tell(error)


def is_busy(engine_name: str, *, clock: Clock = time) -> bool:
    """Say whether a call is at an engine now; without Redis, that one may be."""
    try:
        return bool(_redis().zcount(_key(engine_name, "inside"), int(clock() * 1000), "+inf"))
    except redis.RedisError as error:
        _tell(error)
        return True


def forget(engine_name: str) -> None:
    """Let an engine begin anew: as well, and with nobody inside."""
    _lately.clear()
    _redis().delete(*(_key(engine_name, part) for part in ("rest", "inside", "line", "seen")))


def _is_boundless(engine: Engine) -> bool:
    """Say whether an engine needs no place: it works in this very process."""
    return engine.provider in ("quoting", "fastembed")


def _health(answer: list[Any], now: float) -> Health:
    until, failure, ms, probe = (each.decode() if each else "" for each in answer)
    rests_s = max(0.0, int(until or 0) / 1000 - now)
    # Its rest is over, and one call is out to see how it is: the others go elsewhere meanwhile.
    if not rests_s and failure and probe:
        rests_s = max(0.0, int(probe) / 1000 - now)
    return Health(rests_s=rests_s, failure=failure if rests_s else "", ms=int(float(ms)) if ms else None)


# KEYS rest inside line seen; ARGV now member school at_once per_school lasts waits gone (times in ms).
_ENTER = """
local now, member, school = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local at_once, per_school = tonumber(ARGV[4]), tonumber(ARGV[5])
local until_ms = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
if until_ms > now then return {'resting', until_ms - now} end
local failed = redis.call('HGET', KEYS[1], 'failure')
if failed and failed ~= '' and until_ms > 0 then
  local probe = tonumber(redis.call('HGET', KEYS[1], 'probe') or '0')
  if probe > now then return {'resting', math.min(probe - now, 1000)} end
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local counts, total = {}, 0
for _, one in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  local its = string.sub(one, 1, 36)
  counts[its] = (counts[its] or 0) + 1
  total = total + 1
end
local mine = counts[school] or 0
local arrived = tonumber(redis.call('ZSCORE', KEYS[3], member) or now)
local may = total < at_once and mine < per_school
if may then
  for _, one in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
    if one ~= member then
      local its, seen = string.sub(one, 1, 36), tonumber(redis.call('HGET', KEYS[4], one) or '0')
      if seen + tonumber(ARGV[8]) < now then
        redis.call('ZREM', KEYS[3], one)
        redis.call('HDEL', KEYS[4], one)
      else
        local inside = counts[its] or 0
        local at = tonumber(redis.call('ZSCORE', KEYS[3], one))
        local sooner = at < arrived or (at == arrived and one < member)
        if inside < per_school and (inside < mine or (inside == mine and sooner)) then
          may = false
          break
        end
      end
    end
  end
end
if may then
  redis.call('ZADD', KEYS[2], now + tonumber(ARGV[6]), member)
  redis.call('ZREM', KEYS[3], member)
  redis.call('HDEL', KEYS[4], member)
  for i = 2, 4 do redis.call('PEXPIRE', KEYS[i], tonumber(ARGV[6]) + 60000) end
  if failed and failed ~= '' and until_ms > 0 then
    redis.call('HSET', KEYS[1], 'probe', now + tonumber(ARGV[6]))
  end
  return {'in', 0}
end
if ARGV[7] == '1' then
  redis.call('ZADD', KEYS[3], 'NX', now, member)
  redis.call('HSET', KEYS[4], member, now)
  for i = 3, 4 do redis.call('PEXPIRE', KEYS[i], 60000) end
end
return {'full', 0}
"""

# KEYS as above; ARGV member, well|bad|"", failure, ms. Returns the failures in a row; well: whether it ended some.
_LEAVE = """
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('HDEL', KEYS[4], ARGV[1])
if ARGV[2] == 'well' then
  local ended = redis.call('HDEL', KEYS[1], 'until', 'failure', 'row', 'probe')
  local ms, before = tonumber(ARGV[4]), redis.call('HGET', KEYS[1], 'ms')
  if ms > 0 then redis.call('HSET', KEYS[1], 'ms', before and (0.8 * tonumber(before) + 0.2 * ms) or ms) end
  return ended
elseif ARGV[2] == 'bad' then
  redis.call('HDEL', KEYS[1], 'probe')
  redis.call('HSET', KEYS[1], 'failure', ARGV[3])
  return redis.call('HINCRBY', KEYS[1], 'row', 1)
end
redis.call('HDEL', KEYS[1], 'probe')
return 0
"""


@lru_cache(maxsize=2)
def _script(name: str) -> Any:
    """Return a script, which is sent once and called by its hash."""
    return redis.Redis().register_script(_ENTER if name == "enter" else _LEAVE)


def _key(name: str, part: str) -> str:
    return f"engines:{{{name}}}:{part}"


def _redis() -> "redis.Redis":
    return _redis_of(settings.REDIS_URL, getpid())


@lru_cache(maxsize=4)
def _redis_of(url: str, process: int) -> "redis.Redis":
    """Return this process's connections: sockets do not cross a fork."""
    return redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=2)


def _tell(error: redis.RedisError) -> None:
    log.warning("engines go without breaker and places: %s", error)
