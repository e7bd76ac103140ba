"""Tables in PDF, HTML and Word."""

from docx.document import Document

from tests.planillas.bundles.writers import grid, pdf, text, word, word_table

_NOMINA = (
    ("N.º", "Apellido y nombres", "D.N.I.", "Fecha nac.", "Domicilio", "Tel. de contacto"),
    ("1", "ACOSTA, Julián Ezequiel", "53.104.882", "03/05/2014", "Belgrano 1250", "11 4567-8901"),
    ("2", "BENÍTEZ, María José", "53.220.417", "17/11/2014", "San Martín 87 2.º B", "11 4567-8902"),
    ("3", "CAÑETE, Íñigo", "53.001.265", "28/02/2014", "Pje. Los Aromos s/n", "s/d"),
    ("4", "D'ANGELO, Sofía", "53.345.910", "1/1/2014", "Rivadavia 4402", "(011) 4311-2200"),
    ("5", "DE LA FUENTE, Tomás", "53.118.734", "09/07/2014", "25 de Mayo 333", "11 5678-1234"),
    ("6", "ETCHEVERRY, Ana Belén", "53.287.601", "22/12/2013", "Mitre 15", "-"),
    ("7", "FERNÁNDEZ, Lucía", "53.199.045", "30/06/2014", "Alsina 2020, depto. 4", "11 6789-4321"),
    ("8", "GIMÉNEZ, Sofía", "53.400.118", "14/08/2014", "Moreno 901", "11 3456-7788"),
    ("9", "HERRERA, Martín", "53.076.552", "05/10/2014", "Belgrano 1310", "11 4567-8999"),
    ("10", "IBÁÑEZ, Camila", "53.311.909", "19/03/2014", "Las Heras 640", "11 2233-4455"),
    ("11", "JUÁREZ, Nicolás", "53.254.370", "27/09/2014", "Sarmiento 75", "11 5544-3322"),
    ("12", "LEDESMA, Valentina", "53.165.238", "11/04/2014", "Colón 1818", "11 7766-5544"),
    ("13", "MUÑOZ, Agustín", "53.390.027", "08/05/2014", "Brown 456", "11 9988-7766"),
    ("14", "NÚÑEZ, Florencia", "53.082.641", "16/02/2014", "Urquiza 2301", "11 1122-3344"),
    ("15", "ORDÓÑEZ, Bautista", "53.273.886", "24/07/2014", "Lavalle 12", "11 6655-7788"),
)
_STAFF = (
    ("Apellido y nombres", "D.N.I.", "Fecha nac.", "Cargo"),
    ("QUIROGA, Mabel", "20.145.778", "14/02/1968", "Maestra de grado"),
    ("ROLDÁN, Esteban", "25.902.336", "03/09/1977", "Preceptor"),
)
_MARKS = (
    ("", "1.er trimestre", "", "2.º trimestre", "", "", ""),
    ("Estudiante", "Parcial", "Nota", "Parcial", "Nota", "Promedio", "Inasist."),
    ("Aguirre, Bruno", "6,50", "7 (siete)", "8", "8 (ocho)", "7,50", "3"),
    ("Bravo, Celeste", "9", "9 (nueve)", "10", "10 (diez)", "9,50", "0"),
    ("Cardozo, Delfina", "ausente", "4 (cuatro)", "5", "6 (seis)", "5", "12"),
    ("Duarte, Elías", "7", "7,50", "ausente", "-", "-", "21"),
    ("Escobar, Fátima", "8,25", "8,50", "9", "9", "8,75", "1"),
    ("Franco, Gaspar", "5", "6", "7", "s/d", "s/d", "4"),
)


def make() -> None:
    """Write them."""
    pdf(
        "nomina-reglada/nomina.pdf",
        "#set page(height: 12cm, footer: [Escuela N.º 12 «José Hernández» · Tel. 4300-1200 · página #context "
        "counter(page).display()])\n= Nómina de alumnos\nSección: 6.º grado B · Turno tarde · Ciclo lectivo 2026\n\n"
        + grid(_NOMINA, columns="(auto, 1.6fr, auto, auto, 1.4fr, 1fr)")
        + "Total de alumnos: 15\n\n== Personal a cargo de la sección\n"
        + grid(_STAFF, columns="(1.6fr, auto, auto, 1fr)"),
    )
    pdf(
        "calificaciones-sin-lineas/calificaciones.pdf",
        "= Planilla de calificaciones\nEspacio curricular: Biología. Curso: 3.º A.\n\n#v(6pt)\n"
        "#table(columns: (2fr, 1fr, 1.2fr, 1fr, 1.2fr, 1fr, 1fr), stroke: none, table.header([], "
        "table.cell(colspan: 2)[1.er trimestre], table.cell(colspan: 2)[2.º trimestre], [], [],"
        + ", ".join(f"[{cell}]" for cell in _MARKS[1])
        + "),\n"
        + ",\n".join(", ".join(f"[{cell}]" for cell in row) for row in _MARKS[2:])
        + ")\n",
    )
    _quotes()
    text("mesas-de-examen/mesas.html", _EXAMS)
    word("datos-en-columnas/entrevistas.docx", _sideways)
    _report_cards()


def _quotes() -> None:
    rows = (
        ("Renglón", "Descripción", "Cant.", "P. unitario", "Importe"),
        ("1", "Resma A4 75 g", "20", "$ 7.850,00", "$ 157.000,00"),
        ("2", "Tóner HP 85A", "3", "US$ 64,00", "US$ 192,00"),
        ("3", "Marcador para pizarra, negro", "48 u.", "$ 1.120,50", "$ 53.784,00"),
        ("4", "Silla apilable", "12", "$ 38.400", "$ 460.800"),
        ("", "Subtotal en pesos", "", "", "$ 671.584,00"),
        ("", "IVA 21 %", "", "", "$ 141.032,64"),
        ("", "TOTAL EN PESOS", "", "", "$ 812.616,64"),
    )
    other = (
        ("Artículo", "Precio por unidad", "Entrega"),
        ("Resma A4 75 g", "$ 8.100,00", "48 hs"),
        ("Silla apilable", "$ 38.400,00", "15 días"),
    )
    pdf(
        "presupuestos/libreria-sur.pdf",
        "Librería Sur S. R. L. — CUIT 30-71000000-1\n\n= Presupuesto N.º 0001-00002345\nFecha: 12/03/2026. Validez: 10 "
        "días.\n\n" + grid(rows, columns="(auto, 2fr, auto, 1fr, 1fr)", ruled=False),
    )
    pdf(
        "presupuestos/papelera-norte.pdf",
        "= Papelera Norte\nCotización del 14 de marzo de 2026 para Escuela 12\n\n"
        + grid(other, columns="(2fr, 1fr, 1fr)"),
    )


def _sideways(document: Document) -> None:
    document.add_heading("Entrevistas de ingreso – sala de 5", level=1)
    document.add_paragraph("Cada columna corresponde a un aspirante entrevistado en febrero de 2026.")
    word_table(
        document,
        (
            ("", "Aspirante 1", "Aspirante 2", "Aspirante 3"),
            ("Apellido y nombre", "Sosa, Renata", "Toledo, Abril", "Vera, Ignacio"),
            ("RUT", "24.111.222-5", "23.987.654-4", "24.765.432-9"),
            ("Fecha de nacimiento", "4 de abril de 2020", "31-01-2020", "15/6/20"),
            ("Hermanos en la escuela", "Sí", "No", "No"),
            ("Fecha de entrevista", "10/02/2026", "10/02/2026", "11/02/2026"),
        ),
    )
    document.add_paragraph("Entrevistó: Patricia Rojas, educadora de párvulos.")


def _report_cards() -> None:
    """One document per pupil: who it is of stands above the table."""
    for name, pupil, rows in (
        (
            "lucia",
            "Fernández, Lucía",
            (("Matemática", "8", "9", "8"), ("Lengua", "7", "7", "9"), ("Inglés", "10", "9", "10")),
        ),
        (
            "bautista",
            "Ordóñez, Bautista",
            (("Matemática", "5", "6", "7"), ("Lengua", "6", "-", "6"), ("Inglés", "4", "5", "6")),
        ),
    ):
        pdf(
            f"boletines/boletin-{name}.pdf",
            f"= Boletín de calificaciones\n*Estudiante:* {pupil}\n\n*Curso:* 6.º B\n\n"
            + grid((("Asignatura", "1T", "2T", "3T"), *rows), columns="(2fr, 1fr, 1fr, 1fr)")
            + "\nPromoción: sí. Firma de la dirección: ....................",
        )


_EXAMS = """
<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Mesas de examen – febrero</title></head><body>
<nav><ul><li><a href="/">Inicio</a></li><li><a href="/aviso">Avisos</a></li></ul></nav>
<h1>Mesas de examen, turno febrero 2026</h1>
<p>Los alumnos deben presentarse 15 minutos antes con documento.</p>
<table>
<thead><tr><th>Fecha</th><th>Hora</th><th>Asignatura</th><th>Tribunal</th><th>Aula</th></tr></thead>
<tbody>
<tr><td rowspan="3">Lunes 16/02/2026</td><td>8:00</td><td>Matemática (1.º año)</td>
<td>Ríos, Sánchez y Toledo</td><td>12</td></tr>
<tr><td>9.30 h</td><td>Lengua y Literatura</td><td>Peña, Quiroga y Ríos</td><td>12</td></tr>
<tr><td>14 hs</td><td>Historia</td><td>Vázquez, Yáñez y Zárate</td><td>SUM</td></tr>
<tr><td rowspan="2">Martes 17/02/2026</td><td>8:00</td><td>Biología</td><td>Acosta, Benítez y Cañete</td>
<td>Laboratorio</td></tr>
<tr><td>a confirmar</td><td>Inglés</td><td>Domínguez, Giménez y Herrera</td><td>7</td></tr>
</tbody></table>
<h2>Horarios de consulta</h2>
<table><tr><th>Asignatura</th><th>Docente</th><th>Día y hora</th></tr>
<tr><td>Matemática</td><td>Ríos</td><td>viernes 10:00</td></tr></table>
</body></html>
"""
