"""The composite key of clinical rows: on PostgreSQL the database itself holds a row's practice to its client's.

Installed after each migrate for every model that has a ``client`` and a ``practice``, so a new table has it from its
first migration on. SQLite cannot add a key to a table that exists; there ``manage.py check_practices`` proves it.
"""

from typing import Any

from django.apps import AppConfig
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, models
from django.db.models import Model


def _foreign_key(model: type[Model], name: str) -> models.ForeignKey | None:
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, models.ForeignKey) else None


def has_composite_key(model: type[Model]) -> bool:
    """Whether rows of this model belong to a client and carry the practice."""
    managed = model._meta.managed and not model._meta.proxy
    return managed and _foreign_key(model, "client") is not None and _foreign_key(model, "practice") is not None


def key_name(model: type[Model]) -> str:
    return f"{model._meta.db_table}_client_practice"


def installed_keys() -> set[str]:
    """The names of the keys that are there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'f' AND conname LIKE '%_client_practice'")
        return {row[0] for row in cursor.fetchall()}


def install_keys(sender: AppConfig, **_: Any) -> None:
    """Add what is missing for the models of one app (a receiver of ``post_migrate``)."""
    wanted = [model for model in sender.get_models() if has_composite_key(model)]
    if connection.vendor != "postgresql" or not wanted:
        return
    present = set(connection.introspection.table_names())
    done = installed_keys()
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for model in wanted:
            field = _foreign_key(model, "client")
            assert field is not None
            table, clients = model._meta.db_table, field.remote_field.model._meta.db_table
            if key_name(model) in done or not {table, clients} <= present:
                continue
            cursor.execute(
                f"ALTER TABLE {quote(table)} ADD CONSTRAINT {quote(key_name(model))}"
                f" FOREIGN KEY (client_id, practice_id) REFERENCES {quote(clients)} (id, practice_id)"
            )
