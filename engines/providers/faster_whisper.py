"""Transcription by a Whisper in this very process: here, on the processor or the graphics card."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from engines import clips, doubts, word_times
from engines.base import BadAnswer, Engine, Misconfigured, Sound, Spoken, Task, Transcript, Unavailable, Usage
from engines.clips import Stretch
from engines.doubts import Guess
from engines.keys import Keys
from engines.providers import _whisper
from engines.providers._whisper import Place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TASKS: tuple[Task, ...] = ("transcribe",)

RATE = 16_000
_DEVICES = ("auto", "cpu", "cuda")
_TYPES = ("auto", "int8", "int8_float16", "int8_float32", "float16", "bfloat16", "float32")
_QUIET = 0.001  # −60 dB under the loudest there is: nobody speaks
_FEW = 16  # clips of one call: a megabyte each, and a call has its price beside
_MARGIN_S = 0.2  # about a segment, where it is listened to again
_HEARD = 0.5  # of the voice detector
_LEAST_FRAMES = 3  # of 32 ms


def make(engine: Engine, keys: Keys) -> "FasterWhisper":
    """Return the provider of an entry."""
    if engine.runs != "here":
        raise keys.wrong("runs", _("faster_whisper trabaja en este mismo equipo: debe ser «here»."))
    if not engine.model:
        raise keys.wrong("model", _("falta."))
    directory = keys.folder("directory")
    if directory is not None and not _whisper.is_whole(directory):
        raise keys.wrong("directory", _("falta alguno de estos archivos: %s.") % ", ".join(_whisper.NEEDED))
    return FasterWhisper(
        engine=engine,
        place=Place(engine.name, engine.model, directory, keys.models),
        device=keys.choice("device", _DEVICES, default="auto"),
        compute_type=keys.choice("compute_type", _TYPES, default="auto"),
        threads=keys.whole("threads", least=0, most=64, default=0),
        batch=keys.whole("batch", least=1, most=64, default=4),
        beam=keys.whole("beam", least=1, most=10, default=5),
        clip_s=keys.number("clip_s", least=0, most=clips.LONGEST_S, default=28),
    )


@dataclass(frozen=True, slots=True)
class FasterWhisper:
    """One model and how it listens."""

    engine: Engine
    place: Place
    device: str
    compute_type: str
    threads: int  # 0: as many as the process may use
    batch: int  # clips at a time
    beam: int
    clip_s: float  # as long as clips get by joining; 0: one for each stretch of voice

    def transcribe(self, sound: Sound) -> Transcript:
        """Return what a stretch of sound says, with the times of its words; what the model made up is left out."""
        audio = self._decoded(sound.path)
        voice = sound.voice or tuple(_find_voice(audio))
        wanted = [each for each in clips.join(voice, clip_s=self.clip_s) if _is_loud(audio, each)]
        guesses: list[Guess] = []
        language = sound.language
        if wanted:
            with _whisper.loaded(
                self.place, device=self.device, compute_type=self.compute_type, threads=self.threads
            ) as model:
                total_s = sum(end - start for start, end in wanted)
                done_s = 0.0
                for few in _batched(wanted, max(self.batch, _FEW)):
                    found, language = self._heard(
                        model,
                        audio,
                        few,
                        language,
                        report=lambda heard_s, before_s=done_s: sound.tell((before_s + heard_s) / total_s),  # type: ignore[misc]
                    )
                    guesses.extend(found)
                    done_s += sum(end - start for start, end in few)
                    sound.tell(done_s / total_s)
        said = doubts.sift(guesses, has_voice=lambda start, end: _has_voice(audio, start, end))
        seconds = len(audio) / RATE
        return Transcript(
            language=language,
            seconds=seconds,
            segments=tuple(said),
            usage=Usage(None, None, seconds=seconds),
        )

    def check(self) -> None:
        """Raise the error that a call would meet, by looking for the model's files."""
        if told := self.place.lacks():
            raise Misconfigured(told, entry=self.engine.name, key="model")

    def lacks(self) -> str:
        """Return what keeps it from working as things are, in words for staff; empty when nothing does."""
        return self.place.lacks()

    def _heard(
        self,
        model: Any,
        audio: "NDArray[np.float32]",
        few: Sequence[Stretch],
        language: str,
        *,
        report: Callable[[float], None],
    ) -> tuple[list[Guess], str]:
        """Return what the model hears in some clips, in order, and the language it takes them for.

        `report` is told the seconds of clips that were heard before the one that comes now.
        """
        from faster_whisper import BatchedInferencePipeline

        try:
            segments, info = BatchedInferencePipeline(model).transcribe(
                audio,
                clip_timestamps=[{"start": start, "end": end} for start, end in few],
                vad_filter=False,
                word_timestamps=True,
                without_timestamps=False,  # with times of words it would hear the ends of clips twice
                language=language or None,
                beam_size=self.beam,
                batch_size=self.batch,
            )
            heard = []
            for each in segments:  # they come a batch at a time
                heard.append(each)
                report(sum(end - start for start, end in few if start * 100 < each.seek))
            found = list(_guesses(heard, few))
        except RuntimeError as error:  # ctranslate2's: of memory, of the graphics card
            raise Unavailable(
                _("El motor «%s» falló por dentro.") % self.engine.name, engine=self.engine.name
            ) from error
        except ValueError as error:  # a language that it does not know
            raise Misconfigured(
                _("el modelo no conoce el idioma «%s».") % language, entry=self.engine.name, key="model"
            ) from error
        return found, str(info.language)

    def _decoded(self, path: Path) -> "NDArray[np.float32]":
        from av.error import FFmpegError
        from faster_whisper.audio import decode_audio

        try:
            audio: NDArray[np.float32] = decode_audio(str(path), sampling_rate=RATE)
        except (FFmpegError, IndexError, ValueError) as error:  # IndexError: it has no sound
            raise BadAnswer("not a sound that can be decoded", engine=self.engine.name) from error
        if not len(audio):  # what looks like an MP3 to the decoder, and is none
            raise BadAnswer("a file without sound", engine=self.engine.name)
        return audio


def _guesses(segments: Sequence[Any], few: Sequence[Stretch]) -> Iterator[Guess]:
    """Yield segments in plain numbers, each inside its clip: the library's times are numpy's, and may run over."""
    by_clip = sorted(segments, key=lambda each: (int(each.seek), float(each.start)))
    for at, segment in enumerate(by_clip):
        clip = min(few, key=lambda each: abs(each[0] * 100 - segment.seek))
        start_s = min(max(float(segment.start), clip[0]), clip[1])
        words = word_times.settle(
            [_word(each) for each in segment.words or ()], start_s=clip[0], end_s=clip[1]
        )
        words = tuple(each for each in words if each.text)
        end_s = min(max(float(segment.end), start_s), clip[1])
        if words:
            start_s, end_s = words[0].start_s, words[-1].end_s
        following = by_clip[at + 1] if at + 1 < len(by_clip) else segment
        is_last = following is segment or following.seek != segment.seek
        likelihood = float(segment.avg_logprob)
        yield Guess(
            Spoken(str(segment.text).strip(), start_s, end_s, words, min(1.0, exp(likelihood))),
            likelihood=likelihood,
            silence=float(segment.no_speech_prob),
            compression=float(segment.compression_ratio),
            room_s=(clip[1] if is_last else float(following.start)) - start_s,
        )


def _word(told: Any) -> Spoken:
    return Spoken(
        str(told.word).strip(), float(told.start), float(told.end), confidence=float(told.probability)
    )


def _find_voice(audio: "NDArray[np.float32]") -> Iterator[Stretch]:
    """Yield where somebody speaks, by the detector that faster-whisper carries."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(min_speech_duration_ms=350, min_silence_duration_ms=200, speech_pad_ms=100)
    for each in get_speech_timestamps(audio, options):
        yield each["start"] / RATE, each["end"] / RATE


def _is_loud(audio: "NDArray[np.float32]", clip: Stretch) -> bool:
    piece = audio[int(clip[0] * RATE) : int(clip[1] * RATE)]
    return bool(len(piece)) and bool(abs(piece).max() >= _QUIET)


def _has_voice(audio: "NDArray[np.float32]", start: float, end: float) -> bool:
    """Say whether the detector hears a voice between two seconds."""
    import numpy as np
    from faster_whisper.vad import get_vad_model

    piece = audio[max(0, int((start - _MARGIN_S) * RATE)) : int((end + _MARGIN_S) * RATE)]
    if not len(piece):
        return False
    likely = get_vad_model()(np.pad(piece, (0, -len(piece) % 512)))
    return int((likely >= _HEARD).sum()) >= _LEAST_FRAMES


def _batched(stretches: Sequence[Stretch], size: int) -> Iterator[list[Stretch]]:
    rest = iter(stretches)
    while batch := list(islice(rest, size)):
        yield batch
