"""The query of the audit log's page."""

from app.core.fields import In, Text


class AuditQuery(In):
    """`who`: username or id of the person acting; `subject`: the id of what it was done to."""

    who = Text(least=0, most=100, load_default="")
    subject = Text(least=0, most=100, load_default="")
    cursor = Text(most=500, least=0, load_default=None)
