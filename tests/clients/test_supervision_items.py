"""What is brought to supervision: by whom, seen by whom, and when it goes."""

import datetime as dt
import uuid

import pytest

from clients.actions.care import assign_care
from clients.actions.supervision import bring, discuss, put_back, take_back
from clients.models import SupervisionItem
from clients.queries.supervision import brought_to, own_items, supervisors_of, visible, waiting_by_supervisee
from practice.errors import Refused
from practice.models import AuditEvent
from tests.factories.clients import (
    CareFactory,
    SafetyFlagFactory,
    SessionFactory,
    SupervisionItemFactory,
    client_of,
)
from tests.factories.practice import MembershipFactory, SupervisionFactory
from tests.raw import raw_text

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def clinician():
    return MembershipFactory()


@pytest.fixture
def supervisor(clinician):
    return MembershipFactory(practice=clinician.practice, roles="supervisor")


@pytest.fixture
def link(clinician, supervisor):
    return SupervisionFactory(supervisee=clinician, supervisor=supervisor)


@pytest.fixture
def client(clinician):
    return client_of(clinician)


def brought(clinician, client, **fields):
    return bring(by=clinician.user, membership=clinician, client=client, **fields)


def refused(call, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        call(**kwargs)
    return caught.value.field


def test_each_kind(clinician, client):
    session, flag = SessionFactory(client=client), SafetyFlagFactory(client=client)
    answers = uuid.uuid4()
    items = [
        brought(clinician, client, question="How?"),
        brought(clinician, client, kind="session", subject_id=session.pk),
        brought(clinician, client, kind="flag", subject_id=flag.pk),
        brought(clinician, client, kind="barrier", barrier="control"),
        brought(clinician, client, kind="response", subject_id=answers),
        brought(clinician, client, kind="exercise", subject_id=answers),
    ]
    subjects = [item.subject_id for item in items]
    assert subjects == [client.pk, session.pk, flag.pk, client.pk, answers, answers]
    assert {item.practice_id for item in items} == {client.practice_id}
    rows = AuditEvent.objects.filter(action="supervision_item.brought")
    assert [(row.client_id, row.detail) for row in rows] == [(client.pk, {})] * 6


def test_words_are_sealed(clinician, client):
    brought(clinician, client, question="a very private question")
    assert "private question" not in raw_text()
    assert SupervisionItem.objects.get().question == "a very private question"


def test_what_waits_already_gets_the_new_question(clinician, client):
    item = brought(clinician, client, question="First")
    assert brought(clinician, client, question="Second") == item
    assert brought(clinician, client, question="Second") == item
    item.refresh_from_db()
    assert item.question == "Second"
    assert AuditEvent.objects.filter(action="supervision_item.changed").count() == 1
    discuss(by=clinician.user, membership=clinician, item=item)
    assert brought(clinician, client, question="Third") != item


def test_refusals(clinician, client):
    other = client_of(MembershipFactory(practice=clinician.practice))
    theirs = SessionFactory(client=other)
    mine = {"by": clinician.user, "membership": clinician, "client": client}
    assert refused(bring, **mine, question="x" * 2001) == "question"
    assert refused(bring, **mine | {"client": other}) == ""
    assert refused(bring, **mine | {"by": MembershipFactory(practice=clinician.practice).user}) == ""
    assert refused(bring, **mine, kind="session", subject_id=theirs.pk) == ""
    assert refused(bring, **mine, kind="flag", subject_id=SafetyFlagFactory(client=other).pk) == ""
    assert refused(bring, **mine, kind="barrier") == refused(bring, **mine, barrier="control") == ""
    assert refused(bring, **mine, kind="barrier", barrier="nothing") == refused(bring, **mine, kind="what") == ""
    assert not SupervisionItem.objects.exists()


def test_only_current_supervisors_of_the_bringer_see_it(clinician, client, supervisor, link):
    item = brought(clinician, client)
    stranger = MembershipFactory(practice=clinician.practice, roles="supervisor")
    former = SupervisionFactory(
        supervisee=clinician, supervisor__practice=clinician.practice, ends_on=clinician.practice.today() - DAY
    ).supervisor
    owner = MembershipFactory(practice=clinician.practice, roles="owner")
    co = CareFactory(client=client, role="co").clinician
    who = [clinician, supervisor, stranger, former, owner, co]
    assert [list(visible(member)) for member in who] == [[item], [item], [], [], [], []]
    assert [list(brought_to(member)) for member in who] == [[], [item], [], [], [], []]
    assert [list(own_items(member)) for member in who] == [[item], [], [], [], [], []]
    assert waiting_by_supervisee(supervisor, [clinician.pk, co.pk]) == {clinician.pk: 1}
    assert supervisors_of(clinician) == [str(supervisor)]


def test_supervision_that_ends_takes_it_away(clinician, client, supervisor, link):
    brought(clinician, client)
    link.ends_on = clinician.practice.today() - DAY
    link.save()
    assert list(visible(supervisor)) == []
    assert supervisors_of(clinician) == []


def test_handed_over_it_vanishes_for_both_even_where_the_supervisor_keeps_the_client(
    clinician, client, supervisor, link
):
    item = brought(clinician, client)
    other = SupervisionFactory(supervisor=supervisor).supervisee
    today = clinician.practice.today()
    assign_care(by=clinician.user, client=client, clinician=other, role="primary", starts_on=today)
    assert [list(visible(member)) for member in (clinician, supervisor, other)] == [[], [], []]
    assert refused(discuss, by=clinician.user, membership=clinician, item=item) == ""


def test_a_cover_brings_for_oneself_only(clinician, client):
    """The supervisor of a cover does not see the clients whom the cover stands in for."""
    cover = CareFactory(client=client, role="cover", ends_on=clinician.practice.today() + DAY).clinician
    boss = SupervisionFactory(supervisee=cover, supervisor__practice=clinician.practice).supervisor
    item = brought(cover, client)
    assert (list(own_items(cover)), list(brought_to(boss))) == ([item], [])


def test_talked_about_by_the_supervisor_and_undone(clinician, client, supervisor, link):
    item = brought(clinician, client)
    row = discuss(by=supervisor.user, membership=supervisor, item=item)
    assert (row.state, row.closed_by, row.closed_at is not None) == ("discussed", supervisor.user, True)
    assert refused(discuss, by=clinician.user, membership=clinician, item=item) == ""
    assert refused(put_back, by=clinician.user, membership=clinician, item=item) == ""
    row = put_back(by=supervisor.user, membership=supervisor, item=item)
    assert (row.state, row.closed_by, row.closed_at) == ("waiting", None, None)
    put_back(by=supervisor.user, membership=supervisor, item=item)
    codes = AuditEvent.objects.filter(action__startswith="supervision_item").order_by("at", "id")
    assert [row.action.split(".")[1] for row in codes] == ["brought", "discussed", "put_back"]


def test_taken_back_it_is_no_supervisors(clinician, client, supervisor, link):
    item = brought(clinician, client)
    assert refused(take_back, by=supervisor.user, membership=supervisor, item=item) == ""
    take_back(by=clinician.user, membership=clinician, item=item)
    assert (list(brought_to(supervisor)), list(visible(supervisor)), list(own_items(clinician))) == ([], [], [])
    assert put_back(by=clinician.user, membership=clinician, item=item).state == "waiting"
    assert list(brought_to(supervisor)) == [item]


def test_another_practice_sees_nothing(clinician, client, supervisor):
    SupervisionItemFactory(client=client)
    far = SupervisionFactory().supervisor
    assert (list(visible(far)), waiting_by_supervisee(far, [clinician.pk])) == ([], {})
