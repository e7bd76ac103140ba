"""Twenty files at once, watched until they are ready; then what one does with documents."""

import base64
import io
import re
from pathlib import Path

import docx
import openpyxl
import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.cast import Cast
from tests.browser.watch import ON_A_PHONE, Arrive
from tests.documents.files import PdfPage, column, write_pdf

ELSA = "elsa@este.example"
_NOTE_STATES = """() => {
  window.arrived = performance.timeOrigin;
  window.seen = new Set();
  const note = () => {
    for (const row of document.querySelectorAll("#document-rows tr"))
      window.seen.add(row.querySelector("[data-stage]")?.textContent ?? row.dataset.status);
  };
  new MutationObserver(note).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""
_DROP = """(files) => {
  const transfer = new DataTransfer();
  for (const { name, type, content } of files) {
    const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type }));
  }
  const fire = (kind) => document.body.dispatchEvent(
    new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  fire("dragenter");
  const veiled = !document.getElementById("drop-veil").hidden;
  fire("dragover");
  fire("drop");
  return veiled;
}"""


def _payload(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def _good(mark: str, folder: Path) -> list[FilePayload]:
    """Return sixteen files of every kind, unlike those of any other mark."""
    text = f"La circular {mark} fija el horario de la reunión número %d de la cooperadora."
    pdf = write_pdf(folder / "a.pdf", [PdfPage(column([text % 1, "Firma la dirección."]))])
    word, sheet = io.BytesIO(), io.BytesIO()
    document = docx.Document()
    document.add_paragraph(text % 2)
    document.save(word)
    book = openpyxl.Workbook()
    book.create_sheet("Reuniones").append(["Reunión", text % 3])
    book.save(sheet)
    return [
        _payload(f"circular-{mark}.pdf", pdf.read_bytes()),
        _payload(f"acta-{mark}.docx", word.getvalue()),
        _payload(f"nomina-{mark}.xlsx", sheet.getvalue()),
        _payload(f"lista-{mark}.csv", f"reunión;tema\n4;{text % 4}\n".encode()),
        _payload(f"pagina-{mark}.html", f"<!doctype html><h1>Reunión</h1><p>{text % 5}</p>".encode()),
        *(
            _payload(f"nota-{mark}-{number}.md", f"# Nota\n\n{text % number}\n".encode())
            for number in range(6, 17)
        ),
    ]


def _bad(mark: str, good: list[FilePayload]) -> list[FilePayload]:
    return [
        _payload(f"roto-{mark}.pdf", b"%PDF-1.7\nesto no es un PDF " + mark.encode()),
        _payload(f"copia-{mark}.md", good[-1]["buffer"]),
        _payload(f"programa-{mark}.pdf", b"MZ\x90\x00 un programa"),
        _payload(f"vacio-{mark}.txt", b""),
    ]


def _row(page: Page, name: str) -> Locator:
    return page.locator("tr.document", has=page.locator(f"[title*='{name}']"))


# Twenty in all, chosen on a phone; what is dropped with a mouse differs only in how it comes in, and ten do.
@pytest.mark.parametrize(("width", "count"), [(390, 20), (1280, 10)], indirect=["width"])
def test_twenty_files_at_once_are_watched_until_they_are_ready(
    norte: Cast, arrive: Arrive, width: int, count: int, tmp_path: Path
) -> None:
    page, watch = arrive(ELSA)
    watch.expect_status(415)
    mark = f"muchos{width}"
    good = _good(mark, tmp_path)[: count - 4]
    files = [*good, *_bad(mark, good)]
    assert len(files) == count
    page.goto("/e/este/biblioteca/")
    page.evaluate(_NOTE_STATES)
    with norte.live.idle_worker():
        if width < 600:
            page.locator("#upload-file").set_input_files(files)
        else:
            assert page.evaluate(
                _DROP,
                [
                    {"name": each["name"], "type": "", "content": base64.b64encode(each["buffer"]).decode()}
                    for each in files
                ],
            ), "nothing said that files may be dropped"
        expect(page.locator("#uploads .upload-row.is-done")).to_have_count(count - 2)
        expect(_row(page, good[0]["name"]).locator("[data-stage]")).to_have_text("En espera")
        watch.look(page, "library-uploading")
    for name, sentence in ((f"vacio-{mark}", "vacío"), (f"programa-{mark}", "no corresponde")):
        expect(page.locator(".upload-row.is-failed", has_text=name)).to_contain_text(sentence)
    expect(page.locator(".upload-row", has_text=f"copia-{mark}")).to_contain_text(
        "Ya estaba en la biblioteca"
    )
    for each in good:
        expect(_row(page, each["name"])).to_have_attribute("data-status", "ready", timeout=60_000)
    broken = _row(page, f"roto-{mark}")
    expect(broken).to_have_attribute("data-status", "failed", timeout=60_000)
    expect(broken.locator(".state-error")).to_contain_text("dañado")
    assert page.evaluate("window.arrived === performance.timeOrigin"), "the page was loaded again"
    assert {"En espera", "ready", "failed"} < set(page.evaluate("[...window.seen]"))
    expect(page.locator("[data-total]")).not_to_have_text("0 documentos")
    watch.look(page, "library-uploaded")


def test_a_document_is_found_moved_cancelled_processed_again_and_deleted(
    norte: Cast, arrive: Arrive, width: int
) -> None:
    page, _watch = arrive("olga@oeste.example")
    shelf = f"Actas {width}"
    page.goto("/e/oeste/ajustes/")
    page.locator("#collection-name").fill(shelf)
    page.get_by_role("button", name="Crear colección").click()
    page.goto("/e/oeste/biblioteca/")
    names = [f"{word}-{width}.txt" for word in ("arroyo", "bosque", "cumbre")]
    with norte.live.idle_worker():
        page.locator("#upload-file").set_input_files(
            [_payload(name, f"Acta de {name}. Se reunió el consejo.".encode()) for name in names]
        )
        for name in names:
            expect(_row(page, name)).to_have_attribute("data-status", "queued")
        _row(page, names[0]).locator("summary").click()
        _row(page, names[0]).get_by_role("button", name="Cancelar").click()
        expect(_row(page, names[0])).to_contain_text("Cancelado")
    expect(_row(page, names[1])).to_have_attribute("data-status", "ready")

    _row(page, names[0]).locator("summary").click()
    _row(page, names[0]).get_by_role("button", name="Procesar otra vez").click()
    expect(_row(page, names[0])).to_have_attribute("data-status", "ready")

    for name in names[:2]:
        _row(page, name).locator("[name=documents]").check()
    expect(page.locator("#arrange [data-count]")).to_have_text("2 elegidos")
    page.locator("#arrange-collection").select_option(label=shelf)
    page.get_by_role("button", name="Mover").click()
    expect(page.get_by_text("2 documentos movidos.")).to_be_visible()
    for name in names[:2]:
        expect(_row(page, name)).to_contain_text(shelf)
    expect(_row(page, names[2])).not_to_contain_text(shelf)

    page.locator("#filter-query").fill(f"BÓSQUE-{width}")
    expect(page.locator("tr.document")).to_have_count(1)
    expect(page).to_have_url(re.compile("[?&]q=B"))
    page.locator("#filter-query").fill("")
    expect(_row(page, names[0])).to_be_visible()

    _row(page, names[1]).locator("summary").click()
    _row(page, names[1]).get_by_role("button", name="Borrar").click()
    page.locator("#confirmation [value=no]").click()
    expect(_row(page, names[1])).to_have_count(1)
    _row(page, names[1]).locator("summary").click()
    _row(page, names[1]).get_by_role("button", name="Borrar").click()
    page.locator("#confirmation [value=yes]").click()
    expect(page.get_by_text("Documento borrado.")).to_be_visible()
    expect(_row(page, names[1])).to_have_count(0)
    page.reload()
    expect(_row(page, names[0])).to_have_count(1)
    expect(_row(page, names[1])).to_have_count(0)


@ON_A_PHONE
def test_without_scripts_one_uploads(arrive: Arrive, width: int) -> None:
    page, _watch = arrive("olga@oeste.example", scripts=False)
    page.goto("/e/oeste/biblioteca/")
    name = f"sin-programa-{width}.txt"
    page.locator("#upload-file").set_input_files(
        [_payload(name, f"Se sube sin programa {width}.".encode()), _payload(f"nada-{width}.txt", b"")]
    )
    page.locator("#upload button.without-js").click()
    expect(_row(page, name)).to_have_count(1)
    expect(page.locator("#toasts")).to_contain_text(f"«nada-{width}.txt» está vacío.")
