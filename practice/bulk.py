"""Many rows of one table at once: COPY on PostgreSQL, one prepared statement on SQLite.

For tables whose rows need no signals, defaults or ids of ours; values come as the model's own Python values.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from typing import Any

from django.db import connection, models


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of values for these fields (``attname``); the others must be filled by the database itself."""
    fields = [model._meta.get_field(name) for name in names]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)  # type: ignore[union-attr]
    table = connection.ops.quote_name(model._meta.db_table)
    convert = [_converter(field) for field in fields]  # type: ignore[arg-type]
    ready: Any = (
        [value if value is None or way is None else way(value) for way, value in zip(convert, row, strict=True)]
        for row in rows
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in ready:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            # Names of our own tables and columns, quoted.
            insert = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 # nosec B608
            cursor.executemany(insert, ready)


def _converter(field: "models.Field[Any, Any]") -> Callable[[Any], Any] | None:
    """How a value of this field goes to the database; none: as it is."""
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    if isinstance(target, models.CharField | models.TextField | models.IntegerField | models.FloatField):
        return None
    if isinstance(target, models.UUIDField | models.DateTimeField) and connection.vendor == "postgresql":
        return None
    if isinstance(target, models.UUIDField):
        return attrgetter("hex")
    if isinstance(target, models.DateTimeField):
        return connection.ops.adapt_datetimefield_value
    return lambda value: _plain(target.get_db_prep_save(value, connection))


def _plain(value: Any) -> Any:
    """JSON goes as text: psycopg wraps it for statements, COPY wants the text."""
    return value.dumps(value.obj) if hasattr(value, "dumps") and hasattr(value, "obj") else value


class Table:
    """Rows of one table that are collected and written at once. What is not named has its default, the same in all."""

    def __init__(self, model: type[models.Model], *names: str) -> None:
        fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
        unknown = set(names) - {field.attname for field in fields}
        if unknown:
            raise TypeError(f"not a column of {model._meta.label}: {sorted(unknown)}")
        others = [field for field in fields if field.attname not in names]
        self.model, self.names = model, (*names, *(field.attname for field in others))
        self.constant = tuple(field.get_default() for field in others)
        self.rows: list[tuple[Any, ...]] = []

    def add(self, *values: Any) -> None:
        self.rows.append(values + self.constant)

    def write(self) -> int:
        """Write what was collected; how many rows."""
        rows, self.rows = self.rows, []
        if rows:
            insert(self.model, self.names, rows)
        return len(rows)


@contextmanager
def bare(*tables: type[models.Model]) -> Iterator[None]:
    """On PostgreSQL, take indexes and foreign keys off these tables while millions of rows go in, and put the very same
    back, checked, at the end. Part of a transaction that locks the tables: for filling a database nobody uses yet."""
    if connection.vendor != "postgresql":
        yield
        return
    again = []
    with connection.cursor() as cursor:
        _settle(cursor)
        for model in tables:
            again += _strip(cursor, model._meta.db_table)
    yield
    with connection.cursor() as cursor:
        _settle(cursor)
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for statement in again:
            cursor.execute(statement)


def _settle(cursor: Any) -> None:
    """Check every deferred key now: a table with checks still to come cannot be altered."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _strip(cursor: Any, table: str) -> list[str]:
    """Drop what can be made again; the statements that make it."""
    quote = connection.ops.quote_name
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype IN ('f', 'u') ORDER BY contype DESC, conname",
        [table],
    )
    constraints = cursor.fetchall()
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = %s::regclass AND NOT indisprimary"
        " AND indexrelid NOT IN (SELECT conindid FROM pg_constraint WHERE conindid <> 0) ORDER BY 1",
        [table],
    )
    indexes = cursor.fetchall()
    for name, _definition in constraints:
        cursor.execute(f"ALTER TABLE {quote(table)} DROP CONSTRAINT {quote(name)}")
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    made = [f"ALTER TABLE {quote(table)} ADD CONSTRAINT {quote(name)} {text}" for name, text in constraints]
    return [*(definition for _name, definition in indexes), *made]
