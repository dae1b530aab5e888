"""Adding and changing clients."""

import datetime as dt

import pytest

from clients.actions.clients import add_client, change_client
from clients.models import CareAssignment, Client, Episode
from practice.errors import Refused
from practice.models import AuditEvent
from tests.factories.clients import ClientFactory, client_of
from tests.factories.practice import MembershipFactory, UserFactory

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


def test_adding_makes_client_care_and_episode(clinician, audited):
    client = add_client(
        by=clinician.user,
        clinician=clinician,
        first_name=" Robin ",
        last_name="Hill",
        contact_note="only mornings",
        at=NOON,
    )
    client = Client.objects.get(pk=client.pk)
    assert (client.code, client.first_name, client.status) == ("C-0001", "Robin", "active")
    assert client.contact_note == "only mornings"
    care = CareAssignment.objects.get()
    assert (care.client, care.clinician, care.role, care.starts_on) == (client, clinician, "primary", NOON.date())
    assert list(Episode.objects.values_list("client", "number", "starts_on", "ends_on")) == [
        (client.pk, 1, NOON.date(), None)
    ]
    assert audited() == ["client.added"]
    event = AuditEvent.objects.get()
    assert (event.client_id, event.practice_id, event.actor_id) == (client.pk, clinician.practice_id, clinician.user_id)
    assert event.detail == {}


def test_the_day_is_the_practices_day(clinician):
    late = dt.datetime(2026, 3, 2, 23, 30, tzinfo=dt.UTC)  # already the third in Berlin
    client = add_client(by=clinician.user, clinician=clinician, first_name="R", last_name="H", at=late)
    assert client.episodes.get().starts_on == dt.date(2026, 3, 3)


def test_codes_count_up_within_each_practice(clinician):
    far = MembershipFactory()
    codes = [
        add_client(by=member.user, clinician=member, first_name="R", last_name="H").code
        for member in (clinician, clinician, far, clinician)
    ]
    assert codes == ["C-0001", "C-0002", "C-0001", "C-0003"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"first_name": "  "}, "first_name"),
        ({"last_name": ""}, "last_name"),
        ({"safe_contact": "email"}, "email"),
        ({"contact_from": 19, "contact_to": 19}, "contact_to"),
        ({"contact_from": 9, "contact_to": 25}, "contact_to"),
    ],
)
def test_refused_at_the_field_and_nothing_written(clinician, audited, fields, field):
    with pytest.raises(Refused) as refused:
        add_client(by=clinician.user, clinician=clinician, **{"first_name": "R", "last_name": "H", **fields})
    assert refused.value.field == field
    clinician.practice.refresh_from_db()
    assert (Client.objects.count(), clinician.practice.client_counter, audited()) == (0, 0, [])


def test_an_owner_adds_for_a_clinician(clinician, owner):
    client = add_client(by=owner.user, clinician=clinician, first_name="R", last_name="H")
    assert client.careassignments.get().clinician == clinician


@pytest.mark.parametrize("who", ["colleague", "stranger", "far_owner", "former_owner"])
def test_others_do_not_add_for_somebody_else(clinician, practice, who):
    by = {
        "colleague": lambda: MembershipFactory(practice=practice).user,
        "stranger": UserFactory,
        "far_owner": lambda: MembershipFactory(roles="owner").user,
        "former_owner": lambda: MembershipFactory(practice=practice, roles="owner", ends_on=dt.date(2021, 1, 1)).user,
    }[who]()
    with pytest.raises(Refused) as refused:
        add_client(by=by, clinician=clinician, first_name="R", last_name="H")
    assert refused.value.field == "clinician"
    assert not Client.objects.exists()


@pytest.mark.parametrize("kind", ["supervisor", "left", "later"])
def test_the_clinician_must_be_one_on_that_day(practice, owner, kind):
    member = {
        "supervisor": lambda: MembershipFactory(practice=practice, roles="supervisor"),
        "left": lambda: MembershipFactory(practice=practice, ends_on=dt.date(2026, 3, 1)),
        "later": lambda: MembershipFactory(practice=practice, starts_on=dt.date(2026, 3, 3)),
    }[kind]()
    with pytest.raises(Refused) as refused:
        add_client(by=owner.user, clinician=member, first_name="R", last_name="H", at=NOON)
    assert refused.value.field == "clinician"


def test_changing_names_the_fields_never_the_values(clinician, audited):
    client = client_of(clinician, email="robin@example.test")
    changed = change_client(
        by=clinician.user,
        client=client,
        email="r@example.test",
        safe_contact="email",
        last_name="Example",
        contact_note="x",
    )
    assert (changed.email, changed.safe_contact, changed.contact_note) == ("r@example.test", "email", "x")
    assert Client.objects.get(pk=client.pk).email == "r@example.test"
    assert audited() == ["client.changed"]
    assert AuditEvent.objects.get().detail == {"changed": ["contact_note", "email", "safe_contact"]}


def test_a_refused_change_leaves_the_client(clinician, audited):
    client = client_of(clinician, email="robin@example.test", safe_contact="email")
    with pytest.raises(Refused) as refused:
        change_client(by=clinician.user, client=client, email="", first_name="Other")
    assert refused.value.field == "email"
    client.refresh_from_db()
    assert (client.email, audited()) == ("robin@example.test", [])
    assert client.first_name != "Other"


@pytest.mark.parametrize("name", ["status", "practice", "code", "user", "safety_cleared"])
def test_other_fields_cannot_be_set(clinician, name):
    with pytest.raises(TypeError):
        change_client(by=clinician.user, client=ClientFactory(practice=clinician.practice), **{name: None})
    with pytest.raises(TypeError):
        add_client(by=clinician.user, clinician=clinician, first_name="R", last_name="H", **{name: None})
