"""The API's addresses of search and answers, below a school's."""

from django.urls import path

from rag import api, api_laboratory, api_prompts

app_name = "rag_api"
_CONVERSATION = "conversations/<uuid:conversation_id>/"
_MESSAGE = "messages/<uuid:message_id>/"

urlpatterns = [
    path("search/", api.Search.as_view(), name="search"),
    path("conversations/", api.Conversations.as_view(), name="conversations"),
    path(_CONVERSATION, api.OneConversation.as_view(), name="conversation"),
    path(_CONVERSATION + "messages/", api.Messages.as_view(), name="messages"),
    path(_MESSAGE + "feedback", api.Rate.as_view(), name="feedback"),
    path(_MESSAGE + "stop", api.Stop.as_view(), name="stop"),
    path(_MESSAGE + "evidence", api.Prove.as_view(), name="evidence"),
    path("laboratory/search", api_laboratory.Search.as_view(), name="laboratory_search"),
    path("documents/<uuid:document_id>/chunks/", api_laboratory.Chunks.as_view(), name="chunks"),
    path("prompts/", api_prompts.Prompts.as_view(), name="prompts"),
    path("prompts/<uuid:prompt_id>/", api_prompts.OnePrompt.as_view(), name="prompt"),
    path("prompts/<uuid:prompt_id>/try", api_prompts.Try.as_view(), name="prompt_try"),
    path("prompts/<uuid:prompt_id>/versions/", api_prompts.Versions.as_view(), name="prompt_versions"),
]
