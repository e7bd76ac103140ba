"""The API's addresses of recordings and transcripts, below a school's."""

from django.urls import path

from transcription import api, api_acta, api_digest, api_export, api_transcripts

app_name = "transcription_api"
_RECORDING = "recordings/<uuid:recording_id>/"
_TRANSCRIPT = "transcripts/<uuid:recording_id>/"
_SEGMENT = "segments/<uuid:segment_id>/"
_SPEAKER = "speakers/<uuid:speaker_id>/"
_ACTION = "actions/<uuid:action_id>/"

urlpatterns = [
    path("recordings/", api.Recordings.as_view(), name="recordings"),
    path("recordings/estimate", api.Estimate.as_view(), name="estimate"),
    path(_RECORDING, api.OneRecording.as_view(), name="recording"),
    path("transcripts/", api.Transcripts.as_view(), name="transcripts"),
    path(_TRANSCRIPT, api_transcripts.OneTranscript.as_view(), name="transcript"),
    path(_TRANSCRIPT + "segments/", api_transcripts.Segments.as_view(), name="segments"),
    path(_TRANSCRIPT + "search", api_transcripts.Search.as_view(), name="search"),
    path(_TRANSCRIPT + "speakers/", api_transcripts.Speakers.as_view(), name="speakers"),
    path(_SPEAKER, api_transcripts.OneSpeaker.as_view(), name="speaker"),
    path(_SPEAKER + "merge", api_transcripts.MergeSpeaker.as_view(), name="speaker_merge"),
    path(_SEGMENT, api_transcripts.OneSegment.as_view(), name="segment"),
    path(_SEGMENT + "split", api_transcripts.SplitSegment.as_view(), name="segment_split"),
    path(_SEGMENT + "merge", api_transcripts.MergeSegment.as_view(), name="segment_merge"),
    path(_SEGMENT + "versions/", api_transcripts.Versions.as_view(), name="segment_versions"),
    path(_TRANSCRIPT + "export", api_export.Export.as_view(), name="export"),
    path(_TRANSCRIPT + "acta", api_acta.OneActa.as_view(), name="acta"),
    path(_TRANSCRIPT + "summary", api_digest.Summary.as_view(), name="summary"),
    path(_TRANSCRIPT + "actions", api_digest.TranscriptActions.as_view(), name="actions"),
    path(_ACTION, api_digest.OneAction.as_view(), name="action"),
]
