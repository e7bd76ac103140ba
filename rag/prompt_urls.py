"""The prompt library's addresses, below a school's."""

from django.urls import path

from rag import prompt_pages

app_name = "prompts"
_PROMPT = "<uuid:prompt_id>/"
_VERSION = _PROMPT + "versiones/<int:number>/"

urlpatterns = [
    path("", prompt_pages.list_prompts, name="prompts"),
    path("nueva/", prompt_pages.new_prompt, name="new"),
    path(_PROMPT, prompt_pages.show_prompt, name="prompt"),
    path(_PROMPT + "cambiar", prompt_pages.change_prompt, name="change"),
    path(_PROMPT + "borrar", prompt_pages.delete_prompt, name="delete"),
    path(_PROMPT + "probar", prompt_pages.try_prompt, name="try"),
    path(_VERSION, prompt_pages.show_version, name="version"),
    path(_VERSION + "restaurar", prompt_pages.restore_version, name="restore"),
]
