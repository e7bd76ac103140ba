"""The API's addresses of the library, below a school's."""

from django.urls import path

from documents import api, api_arrivals, api_reading

app_name = "documents_api"
_COLLECTION = "collections/<uuid:collection_id>/"
_DOCUMENT = "documents/<uuid:document_id>/"
_RUN = "runs/<uuid:run_id>/"

urlpatterns = [
    path("collections/", api.Collections.as_view(), name="collections"),
    path(_COLLECTION, api.OneCollection.as_view(), name="collection"),
    path("documents/", api.Documents.as_view(), name="documents"),
    path(_DOCUMENT, api.OneDocument.as_view(), name="document"),
    path(_DOCUMENT + "file", api.Original.as_view(), name="file"),
    path(_DOCUMENT + "blocks/", api.Blocks.as_view(), name="blocks"),
    path(_DOCUMENT + "search", api_reading.Search.as_view(), name="search"),
    path(_DOCUMENT + "unreadable/ignore", api_reading.Ignore.as_view(), name="ignore"),
    path(_DOCUMENT + "password", api_reading.Unlock.as_view(), name="unlock"),
    path(_DOCUMENT + "pages/<int:page>/ocr", api_reading.ReadAgain.as_view(), name="read_again"),
    path(_DOCUMENT + "retry", api.Retry.as_view(), name="retry"),
    path(_DOCUMENT + "cancel", api.Cancel.as_view(), name="cancel"),
    path("watched-folder/", api_arrivals.WatchedFolder.as_view(), name="watched_folder"),
    path(_RUN, api.OneRun.as_view(), name="run"),
    path(_RUN + "events", api.RunEvents.as_view(), name="run_events"),
    path(_RUN + "cancel", api.CancelRun.as_view(), name="run_cancel"),
]
