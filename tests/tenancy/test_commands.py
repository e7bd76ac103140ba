"""Commands of the console that take a school: what names none does nothing, and never all of them (T5)."""

from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands, load_command_class

OURS = tuple(
    f"{config.name}."
    for config in apps.get_app_configs()
    if str(config.path).startswith(str(settings.BASE_DIR)) and "site-packages" not in str(config.path)
)
NAMES_NO_SCHOOL = ("", " ", "None", "*", "../norte", "NORTE", "no-hay", "norte sur", "%")


def _commands() -> list[str]:
    """Return our commands that take a school that there is."""
    found = []
    for name, app in get_commands().items():
        command = load_command_class(app, name) if isinstance(app, str) else app
        if not type(command).__module__.startswith((*OURS, "config.")):
            continue
        parser = command.create_parser("manage.py", name)
        if "--school" in parser._option_string_actions:
            found.append(name)
    return sorted(found)


def test_the_commands_that_take_a_school_are_known() -> None:
    """So that the list below is never empty by mistake."""
    assert "reconcile" in _commands()


@pytest.mark.parametrize("school", NAMES_NO_SCHOOL, ids=repr)
@pytest.mark.parametrize("name", _commands())
def test_what_names_no_school_is_refused(ana: Any, zoe: Any, name: str, school: str) -> None:
    """Red when reconcile asks `if options["school"]`: an empty one went through every school."""
    with pytest.raises(CommandError):
        call_command(name, f"--school={school}")
