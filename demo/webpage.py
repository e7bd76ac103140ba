"""Write an article as the page that the school's site would publish."""

from __future__ import annotations

from html import escape
from pathlib import Path

from markdown_it import MarkdownIt

from demo.article import ADDRESS, CONTACT, SCHOOL, Article

PAGE = """<!DOCTYPE html>
<html lang="es-AR">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{title}</title>
  <style>
    body {{ margin: 0; font: 17px/1.6 Georgia, serif; color: #222; background: #f6f4f2; }}
    header, footer {{ background: #7a1f3d; color: #fff; padding: 1rem 1.5rem; }}
    header, footer {{ font-family: system-ui, sans-serif; }}
    header a {{ color: #fff; margin-right: 1rem; }}
    footer {{ font-size: .85rem; }}
    main {{ max-width: 44rem; margin: 2rem auto; padding: 2rem; background: #fff; }}
    h1 {{ color: #7a1f3d; line-height: 1.2; margin-top: 0; }}
    table {{ border-collapse: collapse; width: 100%; }}
    th, td {{ border: 1px solid #ccc; padding: .5rem .7rem; text-align: left; }}
    th {{ background: #f3e9ed; }}
    .date {{ color: #666; }}
  </style>
</head>
<body>
  <header>
    <strong>{school}</strong>
    <nav>
      <a href="#">Inicio</a><a href="#">Novedades</a><a href="#">Secretaría</a><a href="#">Cooperadora</a>
    </nav>
  </header>
  <main>
    <article>
      <h1>{title}</h1>
      <p class="date">{subtitle}. Villa Las Acacias, {day}</p>
{body}
    </article>
  </main>
  <footer>{address}<br>{contact}</footer>
</body>
</html>
"""


def write(article: Article, *, to: Path) -> None:
    """Write the article as one HTML file that asks for nothing else."""
    body = MarkdownIt("commonmark").enable("table").render(article.markdown)
    page = PAGE.format(
        title=escape(article.title),
        subtitle=escape(article.subtitle),
        day=article.date.strftime("%d/%m/%Y"),
        school=escape(SCHOOL),
        address=escape(ADDRESS),
        contact=escape(CONTACT),
        body=body.rstrip(),
    )
    to.write_text(page, encoding="utf-8", newline="\n")
