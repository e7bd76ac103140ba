"""What stands around the tables of an ODS: styles, page, frozen header, manifest."""

from collections.abc import Sequence

from planillas.cells import Status
from planillas.columns import Column, Kind
from planillas.exports import looks
from planillas.exports.ods_cells import attribute, escaped, style

NAMESPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" '
    'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" '
    'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" '
    'xmlns:config="urn:oasis:names:tc:opendocument:xmlns:config:1.0" '
    'xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" office:version="1.3"'
)
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = (
    f'{DECLARATION}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" '
    f'manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:media-type="{MEDIA_TYPE}"/>'
    + "".join(
        f'<manifest:file-entry manifest:full-path="{name}.xml" manifest:media-type="text/xml"/>'
        for name in ("content", "styles", "settings", "meta")
    )
    + "</manifest:manifest>"
)
_CHAR_CM = 0.2
_SIDE = "0.5pt solid #dedcd2"
_NUMBERS = (
    '<number:number-style style:name="nInteger"><number:number number:decimal-places="0" '
    'number:min-integer-digits="1"/></number:number-style>'
    '<number:date-style style:name="nDate" number:automatic-order="false"><number:day number:style="long"/>'
    '<number:text>/</number:text><number:month number:style="long"/><number:text>/</number:text>'
    '<number:year number:style="long"/></number:date-style>'
    '<number:time-style style:name="nTime"><number:hours number:style="long"/><number:text>:</number:text>'
    '<number:minutes number:style="long"/></number:time-style>'
    '<number:number-style style:name="nNo" style:volatile="true"><number:text>No</number:text></number:number-style>'
    '<number:number-style style:name="nYes"><number:text>Sí</number:text>'
    '<style:map style:condition="value()=0" style:apply-style-name="nNo"/></number:number-style>'
    '<number:text-style style:name="nText"><number:text-content/></number:text-style>'
)
_TABLE = (
    '<style:style style:name="{}" style:family="table" style:master-page-name="{}"><style:table-properties/>'
    "</style:style>"
)


def automatic(columns: Sequence[Column], widths: Sequence[float], *, is_wide: bool) -> str:
    """Return the styles of the tables' columns and cells; `widths`: of the columns of the first, in characters."""
    made = [_NUMBERS]
    made += [_TABLE.format("tGrid", "Wide" if is_wide else "Tall"), _TABLE.format("tBeside", "Wide")]
    made += [_column(f"w{index}", width) for index, width in enumerate(widths)]
    for index, column in enumerate(columns):
        made += _money(index, column)
        made += [
            _cell(
                style(index, status),
                looks.FILLS.get(status, ""),
                data=_data(index, column),
                align="end" if column.kind in looks.NUMBERS else "start",
            )
            for status in Status
        ]
    made += [
        _cell("head", looks.HEAD_FILL, bold=True, colour=looks.INK),
        _cell("plain", ""),
        _cell("quiet", "", colour=looks.QUIET, size=9),
        _cell("title", "", bold=True, colour=looks.INK, size=14),
    ]
    made += [_cell(f"fill{index}", looks.FILLS.get(status, "")) for index, status in enumerate(Status)]
    return f"<office:automatic-styles>{''.join(made)}</office:automatic-styles>"


def page(title: str, school: str, page_word: str) -> str:
    """Return styles.xml: A4, upright and across, with a head and page numbers."""
    head = f"<style:header><text:p>{escaped(title)}</text:p></style:header>"
    foot = (
        f"<style:footer><text:p>{escaped(school)} · {escaped(page_word)} <text:page-number>1</text:page-number> / "
        "<text:page-count>1</text:page-count></text:p></style:footer>"
    )
    layouts = "".join(
        f'<style:page-layout style:name="p{name}"><style:page-layout-properties fo:page-width="{width}" '
        f'fo:page-height="{height}" style:print-orientation="{turned}" fo:margin="1.5cm" style:print-page-order="ltr" '
        'style:scale-to-X="1" style:scale-to-Y="0"/><style:header-style><style:header-footer-properties '
        'fo:min-height="0.8cm" fo:margin-bottom="0.3cm"/></style:header-style><style:footer-style>'
        '<style:header-footer-properties fo:min-height="0.8cm" fo:margin-top="0.3cm"/></style:footer-style>'
        "</style:page-layout>"
        for name, width, height, turned in (
            ("Tall", "21cm", "29.7cm", "portrait"),
            ("Wide", "29.7cm", "21cm", "landscape"),
        )
    )
    masters = "".join(
        f'<style:master-page style:name="{name}" style:page-layout-name="p{name}">{head}{foot}</style:master-page>'
        for name in ("Tall", "Wide")
    )
    return (
        f"{DECLARATION}<office:document-styles {NAMESPACES}><office:styles>"
        '<style:default-style style:family="table-cell"><style:text-properties fo:font-size="10pt" '
        'fo:language="es"/></style:default-style></office:styles>'
        f"<office:automatic-styles>{layouts}</office:automatic-styles>"
        f"<office:master-styles>{masters}</office:master-styles></office:document-styles>"
    )


def settings(frozen: Sequence[tuple[str, int]]) -> str:
    """Return settings.xml; `frozen`: tables by their name with the columns that stay, beside the header."""
    views = "".join(
        f'<config:config-item-map-entry config:name="{attribute(name)}">'
        + _item("VerticalSplitMode", "short", 2)
        + _item("VerticalSplitPosition", "int", 1)
        + _item("PositionBottom", "int", 1)
        + (_item("HorizontalSplitMode", "short", 2) if columns else "")
        + (
            _item("HorizontalSplitPosition", "int", columns) + _item("PositionRight", "int", columns)
            if columns
            else ""
        )
        + _item("ActiveSplitRange", "short", 3 if columns else 2)
        + "</config:config-item-map-entry>"
        for name, columns in frozen
    )
    return (
        f"{DECLARATION}<office:document-settings {NAMESPACES}><office:settings>"
        '<config:config-item-set config:name="ooo:view-settings"><config:config-item-map-indexed config:name="Views">'
        '<config:config-item-map-entry><config:config-item config:name="ViewId" config:type="string">view1'
        f'</config:config-item><config:config-item-map-named config:name="Tables">{views}'
        f'</config:config-item-map-named><config:config-item config:name="ActiveTable" config:type="string">'
        f"{escaped(frozen[0][0])}</config:config-item></config:config-item-map-entry>"
        "</config:config-item-map-indexed></config:config-item-set></office:settings></office:document-settings>"
    )


def meta(title: str, made_at: str) -> str:
    """Return meta.xml."""
    return (
        f"{DECLARATION}<office:document-meta {NAMESPACES}><office:meta><meta:generator>Preceptor</meta:generator>"
        f"<dc:title>{escaped(title)}</dc:title><meta:creation-date>{made_at}</meta:creation-date></office:meta>"
        "</office:document-meta>"
    )


def _column(name: str, width: float) -> str:
    return (
        f'<style:style style:name="{name}" style:family="table-column"><style:table-column-properties '
        f'style:column-width="{width * _CHAR_CM + 0.2:.2f}cm"/></style:style>'
    )


def _cell(
    name: str,
    fill: str,
    *,
    data: str = "",
    bold: bool = False,
    colour: str = "",
    size: int = 0,
    align: str = "",
) -> str:
    ground = f' fo:background-color="#{fill}" fo:border="{_SIDE}"' if fill else ""
    shown = f' style:data-style-name="{data}"' if data else ""
    letters = (' fo:font-weight="bold"' if bold else "") + (f' fo:color="#{colour}"' if colour else "")
    letters += f' fo:font-size="{size}pt"' if size else ""
    return (
        f'<style:style style:name="{name}" style:family="table-cell"{shown}><style:table-cell-properties '
        f'fo:wrap-option="{"no-wrap" if size else "wrap"}" style:vertical-align="top" fo:padding="0.08cm"'
        f"{ground}/>"
        + (f'<style:paragraph-properties fo:text-align="{align}"/>' if align else "")
        + (f"<style:text-properties{letters}/>" if letters else "")
        + "</style:style>"
    )


def _data(index: int, column: Column) -> str:
    match column.kind:
        case Kind.MONEY:
            return f"nMoney{index}"
        case Kind.IDENTITY | Kind.PHONE:
            return "nText"  # their leading zeros and signs stay when they are typed over
    return {Kind.INTEGER: "nInteger", Kind.DATE: "nDate", Kind.TIME: "nTime", Kind.YES_NO: "nYes"}.get(
        column.kind, ""
    )


def _money(index: int, column: Column) -> list[str]:
    if column.kind != Kind.MONEY:
        return []
    money = looks.money(column)
    sign = f"<number:currency-symbol>{escaped(money.before or money.after)}</number:currency-symbol>"
    space = "<number:text> </number:text>"
    digits = (
        f'<number:number number:decimal-places="{money.cents}" number:min-decimal-places="{money.cents}" '
        'number:min-integer-digits="1" number:grouping="true"/>'
    )
    shown = f"{sign}{space}{digits}" if money.before else f"{digits}{space}{sign}" if money.after else digits
    kind = "currency-style" if money.before or money.after else "number-style"
    return [f'<number:{kind} style:name="nMoney{index}">{shown}</number:{kind}>']


def _item(name: str, kind: str, value: int) -> str:
    return f'<config:config-item config:name="{name}" config:type="{kind}">{value}</config:config-item>'
