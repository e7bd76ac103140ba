"""The addresses where people ask, below a school's."""

from django.urls import path

from rag import views

app_name = "rag"

urlpatterns = [
    path("", views.ask, name="ask"),
    path("nueva", views.start, name="start"),
    path("<uuid:conversation_id>/", views.show_conversation, name="conversation"),
    path("<uuid:conversation_id>/mensajes", views.post_message, name="messages"),
    path("<uuid:conversation_id>/nombre", views.rename, name="rename"),
    path("<uuid:conversation_id>/borrar", views.delete, name="delete"),
    path("mensajes/<uuid:message_id>/detener", views.stop, name="stop"),
    path("mensajes/<uuid:message_id>/opinion", views.feedback, name="feedback"),
    path("mensajes/<uuid:message_id>/evidencia", views.pack, name="pack"),
]
