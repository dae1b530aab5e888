"""The database as somebody who stole it would read it."""

import io
from collections.abc import Iterator

from django.db import connection


def raw_text() -> str:
    """Everything that is stored, read past the application, with and without what a binary column hides.

    SQLite: the database file itself, free pages too. PostgreSQL: each row of each table, its binary values as bytes.
    """
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        return bytes(connection.connection.serialize()).decode("latin-1")
    out = io.StringIO()
    for line in _rows():
        out.write(line + "\n")
    return out.getvalue()


def _rows() -> Iterator[str]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                yield " ".join(_shown(value) for value in row)


def _shown(value: object) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)
