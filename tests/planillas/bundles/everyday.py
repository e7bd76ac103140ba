"""Everyday papers of schools on both shores: also measured once before whoever wrote the rules saw them."""

import datetime as dt

from docx.document import Document
from openpyxl.workbook import Workbook

from tests.planillas.bundles.writers import excel, grid, pdf, text, word, word_table


def make() -> None:
    """Write them."""
    pdf("listado-de-tutoria/listado.pdf", _TUTOR_GROUP)
    excel("equipos-informaticos/equipos.xlsx", _computers)
    word("sesion-de-evaluacion/sesion.docx", _assessment)
    pdf("nomina-chilena/nomina.pdf", _CHILE)
    text("hombres-y-mujeres/grupo.csv", _MEXICO)
    word("premios/premios.docx", _prizes)
    excel("ayudas-bajo-el-encabezado/inscripcion.xlsx", _hints)
    pdf("dos-fichas-por-hoja/fichas.pdf", _SIDE_BY_SIDE)
    word("idem/salidas.docx", _ditto)
    pdf("rangos/talleres.pdf", _RANGES)
    text("parte-diario/parte.txt", _DAILY)
    excel("notas-con-letras/notas.xlsx", _letters)


_TUTOR_GROUP = (
    "#set text(size: 8pt)\n*IES Ribera Alta* · Curso 2025/2026 · Grupo: 3.º ESO C · Tutora: Belén Arnau\n\n"
    + grid(
        (
            (
                "Nº",
                "Apellidos, Nombre",
                "Nº Id. Escolar",
                "DNI/NIE",
                "F. Nac.",
                "Tutor/a legal 1",
                "Tel. urgencias",
            ),
            ("1", "Alegre Soto, Marc", "7001245", "73456789X", "12/01/2011", "Soto Gil, Eva", "600 111 001"),
            (
                "2",
                "Blasco, Irene",
                "7001246",
                "",
                "30/05/2011",
                "Blasco Mir, Luis",
                "600 111 002 / 964 000 111",
            ),
            (
                "3",
                "Cano de la Rosa, Ivet",
                "7001310",
                "X1234567L",
                "07/09/2010",
                "Rosa, Ana de la",
                "600 111 003",
            ),
            ("4", "Dalmau, Pol", "7001377", "72345678A", "01/12/2011", "", "600111004"),
        ),
        columns="(auto, 1.5fr, auto, auto, auto, 1.2fr, 1.3fr)",
    )
    + "\nAlumnado: 4. Impreso el 15/09/2025. Página 1 de 1"
)


def _computers(book: Workbook) -> None:
    sheet = book.worksheets[0]
    sheet.title = "TIC"
    for row in (
        ["Inventario TIC", None, None, None, None, None, None],
        [],
        ["Etiqueta", "Equipo", "Marca/modelo", "S/N", "Ubicación", "Fecha compra", "Importe (€)", "Estado"],
        ["PC-001", "Portátil", "HP 250", "5CD123", "Aula 1", dt.date(2021, 9, 1), 449.9, "Bueno"],
        ["PC-002", "Portátil", "HP 250", "5CD124", "Aula 1", dt.date(2021, 9, 1), 449.9, "Malo (pantalla)"],
        [],
        ["PR-001", "Proyector", "Epson EB", "X4H9", "Salón de actos", dt.date(2019, 3, 15), 1250, "Regular"],
        ["PR-002", "Proyector", "Epson EB", None, "Aula 7", None, None, "baja"],
        [None, None, None, None, None, "Suma", 2149.8, None],
    ):
        sheet.append(row)


def _assessment(document: Document) -> None:
    document.add_heading("Sesión de evaluación final – 2.º ESO A", level=1)
    document.add_paragraph(
        "Fecha: 19 de junio de 2026. Preside: Jaume Coll. Asisten: Lara Pons, Eloy Ruiz, Sara Vila."
    )
    word_table(
        document,
        (
            ("Alumno/a", "Materias no superadas", "Promociona", "Observaciones"),
            ("Aina Bosch", "—", "Sí", ""),
            ("Biel Camps", "Matemáticas, Física y Química", "Sí", "Plan de refuerzo"),
            ("Clara Dols", "Lengua; Matemáticas; Inglés", "No", "Repite; informada la familia el 17/06/2026"),
            ("Firma del tutor:", "", "", ""),
        ),
        merges=((4, 0, 4, 3),),
    )


_CHILE = "= Nómina de curso – 4.º básico B\n\n" + grid(
    (
        ("N°", "RUN", "DV", "Ap. paterno", "Ap. materno", "Nombres", "F. nac.", "Sexo"),
        ("1", "24.111.222", "5", "Araya", "Muñoz", "Florencia", "12-05-2015", "F"),
        ("2", "23.987.654", "4", "Bravo", "Lagos", "Máximo", "03-11-2014", "M"),
        ("3", "22.333.444", "K", "Cerda", "", "Trinidad", "28-02-2015", "F"),
    ),
    columns="(auto, auto, auto, 1fr, 1fr, 1fr, auto, auto)",
)

_MEXICO = """
grupo,nombre,curp,sexo,edad
3A,"López García, Ana Sofía",LOGA140315MDFPRN09,M,11
3A,"Ruiz Cano, Bernardo",RUCB131102HJCZRT05,H,12
3B,"Hernández Paz, Diego",HEPD140908HDFRRG01,H,11 años
"""


def _prizes(document: Document) -> None:
    document.add_heading("Olimpíada de Matemática – resultados", level=1)
    for line in (
        "1.er premio: Ana Gil (5.º A) – 9,75 puntos",
        "2.º premio: Teo Roca (4.º C) – 9,50 puntos",
        "3.er premio: desierto",
        "Mención: Lía Puig (5.º B) – 8,25 puntos",
    ):
        document.add_paragraph(line, style="List Bullet")


def _hints(book: Workbook) -> None:
    sheet = book.worksheets[0]
    for row in (
        ["Apellido y nombre", "DNI", "Fecha de nacimiento", "¿Toma medicación?", "Correo de contacto"],
        ["(como figura en el DNI)", "(solo números)", "(dd/mm/aaaa)", "(Sí/No)", "(uno solo)"],
        ["Ejemplo: Pérez, Juan", "12345678", "01/01/2010", "No", "juan@ejemplo.com"],
        ["Ocampo, Dalma", "51900100", "17/03/2012", "Sí", "docampo@example.org"],
        ["Paredes, Axel", "51900200", "2/12/2011", "NO", "axelp@example.org"],
    ):
        sheet.append(row)


_SIDE_BY_SIDE = "#grid(columns: (1fr, 1fr), gutter: 1cm, " + ", ".join(
    f"[*AUTORIZACIÓN DE SALIDA* \\ \\ Alumno: {name} \\ Curso: {group} \\ DNI: {file} \\ Teléfono: {phone} "
    "\\ \\ Firma: .................]"
    for name, group, file, phone in (
        ("Vega, Luana", "2.º A", "54.321.001", "11 4000-0001"),
        ("Wolf, Bruno", "2.º B", "54.321.002", "11 4000-0002"),
        ("Yapura, Sol", "3.º A", "54.321.003", "11 4000-0003"),
        ("Zeballos, Ian", "3.º C", "54.321.004", "11 4000-0004"),
    )
) + ")\n"  # fmt: skip


def _ditto(document: Document) -> None:
    document.add_paragraph("Salidas educativas del primer cuatrimestre")
    word_table(
        document,
        (
            ("Destino", "Fecha", "Curso", "Docente a cargo", "Alumnos"),
            ("Museo de Ciencias", "14/04/2026", "4.º A", "Ponce, Laura", "26"),
            ("Planetario", "ídem", "4.º B", "ídem", "24"),
            ("Granja La Paz", "21/04/2026", "1.º A", "Godoy, Silvia", "20 + 3"),
            ("Granja La Paz", '"', "1.º B", '"', "19"),
        ),
    )


_RANGES = "= Talleres optativos\n\n" + grid(
    (
        ("Taller", "Edad", "Cupo", "Horario", "Tallerista", "Arancel"),
        ("Ajedrez", "8 a 10", "15", "14:00 a 15:30", "Nélida Ruiz", "gratuito"),
        ("Robótica", "11-13", "12", "15:30", "Ariel Sosa", "$ 8.000"),
        ("Coro", "todas", "sin cupo", "9 hs", "Eva Luz", "$ 0"),
    ),
    columns="(1fr, 1fr, auto, 1fr, 1fr, auto)",
    ruled=False,
)

_DAILY = """
PARTE DIARIO - Jueves 16 de abril de 2026 - Turno mañana

1.º A (28 presentes, 3 ausentes): Díaz, Luz; Ferro, Teo; Ramos, Ivo.
1.º B (30 presentes, 0 ausentes).
2.º A (25 presentes, 2 ausentes): Sosa, Mía; Vidal, Noa (justificado).

Llegadas tarde: Paz, Elías (1.º B, 8:10). Observaciones: sin luz hasta las 9:00.
Preceptor: R. Nieto
"""


def _letters(book: Workbook) -> None:
    sheet = book.worksheets[0]
    for row in (
        ["Materia: Plástica", None, None],
        ["Estudiante", "Nota", "Concepto", "Recuperación"],
        ["Amado, Luz", "8 (ocho)", "MB", None],
        ["Bassi, Tom", "Ausente", "—", "6"],
        ["Conti, Eva", "10/10", "S", None],
        ["Duhalde, Leo", "6,5", "B", "no corresponde"],
        ["Promedio", "8,17", None, None],
    ):
        sheet.append(row)
