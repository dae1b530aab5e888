"""Sealing text: keyring, associated data, rotation; the field refuses what would write or compare plain text."""

import base64
import secrets
from pathlib import Path

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, transaction

from clients.models import Client, EmergencyAccess
from practice import crypto
from practice.crypto import CannotOpen, Keyring
from practice.fields import Sealed
from tests.factories.clients import ClientFactory


def write_key(folder: Path, name: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(base64.b64encode(secrets.token_bytes(32)).decode())


@pytest.fixture
def folder(tmp_path) -> Path:
    write_key(tmp_path / "keys", "k1")
    return tmp_path / "keys"


def test_round_trip(folder) -> None:
    ring = Keyring(folder)
    for text in ("", "a", "Grüße 🌉\n=1+1", "x" * 20_000):
        assert ring.open(ring.seal(text, "c"), "c") == text


def test_the_same_text_is_never_sealed_alike(folder) -> None:
    ring = Keyring(folder)
    assert ring.seal("same", "c") != ring.seal("same", "c")


def test_a_wrong_key_is_an_error(folder, tmp_path) -> None:
    sealed = Keyring(folder).seal("secret", "c")
    write_key(tmp_path / "other", "k1")
    with pytest.raises(CannotOpen, match="wrong key"):
        Keyring(tmp_path / "other").open(sealed, "c")


def test_a_missing_key_is_an_error(folder, tmp_path) -> None:
    sealed = Keyring(folder).seal("secret", "c")
    write_key(tmp_path / "other", "k2")
    with pytest.raises(CannotOpen, match="not in the ring"):
        Keyring(tmp_path / "other").open(sealed, "c")


def test_moved_or_changed_ciphertext_does_not_open(folder) -> None:
    ring = Keyring(folder)
    sealed = ring.seal("secret", "clients.client|note|1")
    with pytest.raises(CannotOpen):
        ring.open(sealed, "clients.client|note|2")
    for at in range(len(sealed)):
        changed = bytes([*sealed[:at], sealed[at] ^ 1, *sealed[at + 1 :]])
        with pytest.raises(CannotOpen):
            ring.open(changed, "clients.client|note|1")


@pytest.mark.parametrize("junk", [b"", b"\x01", b"plain text", b"\x01\x02\xff\xfe" + b"x" * 40])
def test_junk_is_an_error(folder, junk) -> None:
    with pytest.raises(CannotOpen):
        Keyring(folder).open(junk, "c")


def test_rotation(folder) -> None:
    """A new key seals from now on; what earlier keys sealed still opens; without them it does not."""
    old = Keyring(folder).seal("old", "c")
    write_key(folder, "k2")
    ring = Keyring(folder)
    new = ring.seal("new", "c")
    assert (ring.primary, ring.open(old, "c"), ring.open(new, "c")) == ("k2", "old", "new")
    (folder / "k1").unlink()
    ring = Keyring(folder)
    assert ring.open(new, "c") == "new"
    with pytest.raises(CannotOpen):
        ring.open(old, "c")


@pytest.mark.parametrize("content", ["not base64!", base64.b64encode(b"short").decode(), ""])
def test_a_bad_key_file_names_itself(folder, content) -> None:
    (folder / "k9").write_text(content)
    with pytest.raises(ImproperlyConfigured, match="k9"):
        Keyring(folder)


def test_an_empty_folder_says_which(tmp_path) -> None:
    with pytest.raises(ImproperlyConfigured, match=str(tmp_path)):
        Keyring(tmp_path)


def test_files_are_sealed_too() -> None:
    data = bytes(range(256)) * 40
    sealed = crypto.seal_bytes(data, "report|1")
    assert data[:64] not in sealed
    assert crypto.open_bytes(sealed, "report|1") == data
    with pytest.raises(CannotOpen):
        crypto.open_bytes(sealed, "report|2")


# --- the field ------------------------------------------------------------------------------------------------------
NOTE = "Call only before noon"


@pytest.fixture
def client(db) -> Client:
    return ClientFactory(contact_note=NOTE)


def stored(client: Client) -> bytes:
    with connection.cursor() as cursor:
        key = client.pk if connection.vendor == "postgresql" else client.pk.hex
        cursor.execute("SELECT contact_note FROM clients_client WHERE id = %s", [key])
        return bytes(cursor.fetchone()[0])


def test_field_seals_at_rest_and_opens_on_access(client) -> None:
    assert NOTE.encode() not in stored(client)
    assert Client.objects.get(pk=client.pk).contact_note == NOTE
    client.contact_note = "Any time"
    client.save()
    assert Client.objects.get(pk=client.pk).contact_note == "Any time"


def test_a_row_saved_unopened_keeps_its_text(client) -> None:
    before = stored(client)
    row = Client.objects.get(pk=client.pk)
    row.save()
    assert stored(client) == before
    row.refresh_from_db()
    assert row.contact_note == NOTE


def test_deferred_and_none(client) -> None:
    assert Client.objects.defer("contact_note").get(pk=client.pk).contact_note == NOTE
    client.contact_note = None
    client.save()
    assert Client.objects.get(pk=client.pk).contact_note is None
    assert Client.objects.filter(contact_note__isnull=True).count() == 1


def test_values_are_sealed(client) -> None:
    (value,) = Client.objects.values_list("contact_note", flat=True)
    assert isinstance(value, Sealed)
    assert repr(value) == str(value) == "<sealed>"


def test_update_filter_and_order_by_text_are_refused(client) -> None:
    with pytest.raises(FieldError, match="encrypted"), transaction.atomic():
        Client.objects.update(contact_note="plain")
    for lookup in ("contact_note", "contact_note__icontains", "contact_note__startswith", "contact_note__in"):
        with pytest.raises(FieldError, match="encrypted"):
            Client.objects.filter(**{lookup: NOTE}).first()
    assert Client.objects.get().contact_note == NOTE


def test_moving_a_sealed_value_to_another_row_does_not_open(client) -> None:
    other = ClientFactory(practice=client.practice, contact_note="Other")
    with connection.cursor() as cursor:
        keys = [row.pk if connection.vendor == "postgresql" else row.pk.hex for row in (client, other)]
        cursor.execute(
            "UPDATE clients_client SET contact_note = (SELECT contact_note FROM clients_client WHERE id = %s)"
            " WHERE id = %s",
            keys,
        )
    with pytest.raises(CannotOpen):
        _ = Client.objects.get(pk=other.pk).contact_note
    assert Client.objects.get(pk=client.pk).contact_note == NOTE


def test_another_ring_is_an_error_never_ciphertext(client, settings, tmp_path) -> None:
    write_key(tmp_path / "other", "k1")
    settings.FIELD_KEYS_DIR = tmp_path / "other"
    with pytest.raises(CannotOpen):
        _ = Client.objects.get(pk=client.pk).contact_note


def test_every_free_text_field_is_bound_to_its_own_row_and_name() -> None:
    client = Client(contact_note="x")
    field = Client._meta.get_field("contact_note")
    assert field.context(client) == f"clients.client|contact_note|{client.pk}"
    other = EmergencyAccess._meta.get_field("reason")
    assert other.context(EmergencyAccess(pk=client.pk)) != field.context(client)
