"""The templates that come with the product are such as a school could have drawn."""

from pathlib import Path

import pytest

from engines.spanish import fold
from planillas import columns, drafts, ready_made, report_templates
from planillas.drafts import Draft
from planillas.ready_made import ReadyMade, ReadyMadeReport

FOLDER = Path(ready_made.__file__).parent


def test_each_file_is_offered() -> None:
    offered = {each.name for each in ready_made.planillas()} | {each.name for each in ready_made.reports()}
    assert sorted(offered) == sorted(path.stem for path in FOLDER.glob("*.yaml"))
    assert len({fold(each.title) for each in ready_made.planillas()}) == len(ready_made.planillas())


@pytest.mark.parametrize("ready", ready_made.planillas(), ids=lambda each: each.name)
def test_a_planilla_could_have_been_drawn_by_a_school(ready: ReadyMade) -> None:
    draft = Draft(
        name=ready.title,
        purpose=ready.purpose,
        row_is=ready.row_is,
        rows_expected=ready.rows_expected,
        columns=ready.columns,
    )
    assert drafts.check(draft) == draft
    assert columns.from_json(columns.to_json(ready.columns)) == ready.columns
    assert any(each.is_key for each in ready.columns)
    assert any(each.is_required for each in ready.columns)
    # A header names one column only.
    headers = [fold(name) for each in ready.columns for name in (each.name, *each.also)]
    assert sorted(headers) == sorted(set(headers))


@pytest.mark.parametrize("ready", ready_made.reports(), ids=lambda each: each.name)
def test_a_report_could_have_been_drawn_by_a_school(ready: ReadyMadeReport) -> None:
    parts = [report_templates.part_of(each) for each in ready.sections]
    for part, each in zip(parts, ready.sections, strict=True):
        assert report_templates.check_part(part) == part
        assert set(each) <= {"key", "title", "prompt", "words", "kind"}
        assert part.kind != "text" or len(part.prompt) > 50
    assert len({part.key for part in parts}) == len(parts)
