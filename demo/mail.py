"""A mail with an attachment, as a school's mailbox saves it."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from demo.article import Article

FROM = "Inspección de Enseñanza <inspeccion@distrito.example>"
TO = "Secretaría EES 12 <secretaria@ees12.example>"
BOUNDARY = "=====preceptor-demo====="
DOCX = "vnd.openxmlformats-officedocument.wordprocessingml.document"


def write(article: Article, *, body: str, attached: Path, to: Path) -> None:
    """Write a mail whose subject is the article's title."""
    day = article.date
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = FROM, TO, article.title
    message["Date"] = datetime(day.year, day.month, day.day, 11, 20, tzinfo=UTC)
    message["Message-ID"] = f"<{to.stem}@distrito.example>"
    message.set_content(body)
    message.add_attachment(
        attached.read_bytes(), maintype="application", subtype=DOCX, filename=attached.name
    )
    message.set_boundary(BOUNDARY)
    to.write_bytes(message.as_bytes())
