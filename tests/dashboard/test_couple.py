"""The couple page: nothing of either unless shared; of the partner only what the reader may see."""

import datetime as dt
import re

import pytest

from assessments.actions.answering import save, start, submit
from assessments.actions.assigning import assign, withdraw
from assessments.models import Reference
from clients.models import Partner
from dashboard.queries import couple as query
from practice.models import AuditEvent
from tests.dashboard.recording import NOW, WEEK, queries, url
from tests.factories.assessments import ask, publish
from tests.factories.clients import CareFactory, EmergencyFactory, SessionFactory, client_of, couple_of
from tests.factories.practice import MembershipFactory, SupervisionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinician():
    return MembershipFactory()


@pytest.fixture
def person(clinician):
    return client_of(clinician, first_name="Ada", last_name="Vale")


@pytest.fixture
def partner(person):
    """In another clinician's care."""
    other = client_of(MembershipFactory(practice=person.practice), first_name="Bo", last_name="Vale")
    couple_of(person, other)
    return other


@pytest.fixture
def browser(client, clinician):
    client.force_login(clinician.user)
    return client


def both(person, partner, *slugs, at=NOW - WEEK):
    """Asked of both at once; the assignments by client id and slug."""
    versions = publish(*slugs)
    rows = assign(
        by=person.careassignments.get().clinician.user,
        clients=[person, partner],
        versions=[versions[slug] for slug in slugs],
        channel="portal",
        at=at,
    )
    return {(row.client_id, row.version.definition.slug): row for row in rows}


def send(assignment, value, at=NOW - WEEK + dt.timedelta(hours=1), **answers):
    definition = assignment.version.definition
    given = {item.id: value for item in definition.items if item.kind in ("choice", "slider")} | answers
    response = start(assignment=assignment, at=at)
    saved = save(response=response, answers=given, key=f"k{assignment.pk}"[:40], at=at)
    assert not saved.errors
    submit(response=response, at=at)
    return response


def plain(browser, person):
    """The page without what is new on every request."""
    text = browser.get(url("couple", person)).content.decode()
    return re.sub(r'"[A-Za-z0-9]{64}"|nonce="[^"]*"', "", text)


@pytest.fixture
def shared(monkeypatch):
    """Administrations that both agreed to show and that were released."""
    agreed = set()
    monkeypatch.setattr(query, "is_shared", lambda one, at=None: one.pk in agreed)
    return agreed


class TestNothingShared:
    def test_is_shared_says_no(self, person, partner):
        from assessments.reveal import is_shared

        assert not is_shared(next(iter(both(person, partner, "attunement").values())).administration)

    def test_not_linked_says_what_to_do(self, browser, person):
        text = browser.get(url("couple", person)).content.decode()
        assert "Not linked as a couple" in text
        assert f'href="{url("client_couple", person)}">Link the partner</a>' in text

    def test_says_what_will_be_here(self, browser, person, partner):
        text = browser.get(url("couple", person)).content.decode()
        assert "Nothing is shared" in text
        assert "Nothing of either is shown without both agreeing." in text
        assert "No measure was asked of both at once" in text

    def test_linked_from_the_record(self, browser, person, partner):
        assert f'href="{url("couple", person)}">Couple page</a>' in browser.get(url("client", person)).content.decode()

    def test_no_link_without_a_partner(self, browser, person):
        assert url("couple", person) not in browser.get(url("client", person)).content.decode()

    def test_answers_of_neither_are_there(self, browser, person, partner):
        rows = both(person, partner, "attunement")
        for row in rows.values():
            send(row, 3)
        page = browser.get(url("couple", person))
        assert page.context["page"].shared == ()
        assert "Line by line" not in page.content.decode()

    def test_an_ended_couple_shows_nothing(self, browser, person, partner, shared):
        rows = both(person, partner, "attunement")
        for row in rows.values():
            send(row, 3)
            shared.add(row.administration_id)
        Partner.objects.update(ended=True)
        page = browser.get(url("couple", person))
        assert (page.context["page"].couple, page.context["page"].shared, page.context["page"].asked) == (None, (), ())


class TestAskedOfBoth:
    def test_partner_in_other_care_gives_nothing_away(self, browser, person, partner):
        """The same page, byte for byte, whatever the partner did or did not do."""
        rows = both(person, partner, "attunement", "barriers")
        send(rows[person.pk, "attunement"], 2)
        before = plain(browser, person)
        assert "Bo Vale" not in before
        send(rows[partner.pk, "attunement"], 4)
        answered = plain(browser, person)
        withdraw(by=partner.careassignments.get().clinician.user, assignment=rows[partner.pk, "barriers"])
        assert before == answered == plain(browser, person)
        ask(partner, "building-practices", at=NOW)
        assert before == plain(browser, person)

    def test_who_cares_for_both_sees_whether_they_answered(self, browser, person, partner, clinician):
        CareFactory(client=partner, clinician=clinician, role="co")
        rows = both(person, partner, "attunement")
        send(rows[partner.pk, "attunement"], 4)
        (row,) = browser.get(url("couple", person)).context["page"].asked
        assert (row.own.state, row.partner.state) == ("open", "submitted")
        assert row.partner.pk == rows[partner.pk, "attunement"].pk

    def test_opening_it_stands_in_the_partners_access_list_too(self, browser, person, partner, clinician):
        browser.get(url("couple", person))
        assert not AuditEvent.objects.filter(action="opened", client_id=partner.pk).exists()
        CareFactory(client=partner, clinician=clinician, role="co")
        both(person, partner, "attunement")
        browser.get(url("couple", person))
        event = AuditEvent.objects.get(action="opened", client_id=partner.pk)
        assert (event.basis, event.detail) == ("co", {"page": "couple"})

    def test_what_was_asked_of_one_alone_is_not_there(self, browser, person, partner):
        ask(person, "attunement", at=NOW)
        assert browser.get(url("couple", person)).context["page"].asked == ()

    def test_safety_is_never_there(self, browser, person, partner, clinician, shared):
        CareFactory(client=partner, clinician=clinician, role="co")
        rows = both(person, partner, "safety-screen", "after-session", "attunement")
        shared.update(row.administration_id for row in rows.values())
        page = browser.get(url("couple", person)).context["page"]
        assert [row.own.version.definition.slug for row in page.asked] == ["attunement"]

    def test_who_does_not_care_for_the_client_sees_no_list(self, client, person, partner, clinician):
        both(person, partner, "attunement")
        supervisor = MembershipFactory(practice=person.practice, roles="supervisor")
        SupervisionFactory(supervisor=supervisor, supervisee=clinician)
        client.force_login(supervisor.user)
        client.post(url("client_reason", person), {"reason": "brought"})
        page = client.get(url("couple", person))
        assert (page.status_code, page.context["page"].asked, page.context["page"].cares) == (200, (), False)
        assert "Asked of both" not in page.content.decode()

    def test_a_supervisor_of_the_partners_clinician_is_not_care_for_both(self, client, person, partner, clinician):
        clinician.is_supervisor = True
        clinician.save()
        SupervisionFactory(supervisor=clinician, supervisee=partner.careassignments.get().clinician)
        both(person, partner, "attunement")
        client.force_login(clinician.user)
        (row,) = client.get(url("couple", person)).context["page"].asked
        assert row.partner is None

    @pytest.mark.parametrize("who", ["partner", "client", "other", "far", "owner"])
    def test_nobody_else(self, client, person, partner, who):
        users = {
            "partner": partner.careassignments.get().clinician.user,
            "other": MembershipFactory(practice=person.practice).user,
            "far": MembershipFactory().user,
            "owner": MembershipFactory(practice=person.practice, roles="owner").user,
        }
        if who == "client":
            from tests.factories.practice import UserFactory

            person.user = users["client"] = UserFactory()
            person.save()
        client.force_login(users[who])
        assert client.get(url("couple", person)).status_code == 404

    def test_emergency_access_reads_the_record_but_no_list(self, client, person, partner):
        both(person, partner, "attunement")
        access = EmergencyFactory(client=person)
        client.force_login(access.membership.user)
        assert client.get(url("couple", person)).context["page"].asked == ()

    def test_queries_are_constant(self, browser, person, partner, clinician, shared):
        CareFactory(client=partner, clinician=clinician, role="co")
        for row in both(person, partner, "attunement").values():
            send(row, 3)
            shared.add(row.administration_id)
        one = queries(browser, url("couple", person))
        for weeks in (3, 5):
            for row in both(person, partner, "barriers" if weeks == 3 else "relationship-spectrum").values():
                send(row, 2)
                shared.add(row.administration_id)
        assert len(browser.get(url("couple", person)).context["page"].shared) == 3
        assert queries(browser, url("couple", person)) == one

    def test_sessions_together_are_this_records_own(self, browser, person, partner, clinician):
        couple = Partner.objects.get(client=person).couple
        mine = SessionFactory(client=person, clinician=clinician, couple=couple, kind="joint", starts_at=NOW)
        theirs = SessionFactory(client=partner, couple=couple, kind="joint", starts_at=NOW)
        page = browser.get(url("couple", person))
        assert [one.pk for one in page.context["page"].sessions] == [mine.pk]
        assert str(theirs.pk) not in page.content.decode()


class TestShared:
    @pytest.fixture
    def rows(self, person, partner):
        return both(person, partner, "relationship-spectrum", "patterns-between-us", "secure-agreements")

    def test_two_views_side_by_side_in_the_records_order(self, browser, person, partner, rows, shared):
        send(rows[person.pk, "relationship-spectrum"], 1)
        send(rows[partner.pk, "relationship-spectrum"], 3)
        shared.add(rows[person.pk, "relationship-spectrum"].administration_id)
        page = browser.get(url("couple", person))
        (one,) = page.context["page"].shared
        assert {(item.first, item.second) for item in one.concordance.items} == {("1 · Disagree", "3 · Agree")}
        text = page.content.decode()
        assert "Nothing is shared" not in text
        assert "neither is the right one" in text
        assert "Bo Vale" not in text  # the reader may not see who the partner is

    def test_only_that_administration(self, browser, person, partner, rows, shared):
        for slug in ("relationship-spectrum", "secure-agreements"):
            for who in (person, partner):
                send(rows[who.pk, slug], 2)
        later = both(person, partner, "attunement")
        for row in later.values():
            send(row, 3)
        shared.add(later[person.pk, "attunement"].administration_id)
        found = browser.get(url("couple", person)).context["page"].shared
        assert [one.title for one in found] == [later[person.pk, "attunement"].version.instrument.title]

    def test_nothing_until_both_sent_theirs(self, browser, person, partner, rows, shared):
        shared.add(rows[person.pk, "secure-agreements"].administration_id)
        before = plain(browser, person)
        send(rows[partner.pk, "secure-agreements"], 4)
        assert plain(browser, person) == before

    def test_withdrawn_at_once(self, browser, person, partner, rows, shared):
        for who in (person, partner):
            send(rows[who.pk, "secure-agreements"], 2)
        shared.add(rows[person.pk, "secure-agreements"].administration_id)
        assert browser.get(url("couple", person)).context["page"].shared
        shared.clear()
        assert browser.get(url("couple", person)).context["page"].shared == ()

    def test_done_to_me_gap_and_text_never(self, browser, person, partner, rows, shared):
        for who in (person, partner):
            for slug in ("patterns-between-us", "secure-agreements"):
                send(rows[who.pk, slug], 3)
        shared.add(rows[person.pk, "secure-agreements"].administration_id)
        text = browser.get(url("couple", person)).content.decode()
        definition = rows[person.pk, "patterns-between-us"].version.definition
        hidden = [item.text for item in definition.items if item.private_talk]
        assert len(hidden) == 3
        assert [item for item in hidden if item in text] == []
        titles = [
            scale.title
            for one in browser.get(url("couple", person)).context["page"].shared
            for scale in one.concordance.scales
        ]
        assert "Gap" not in titles

    def test_notes_to_a_barrier_never(self, browser, person, partner, shared):
        rows = both(person, partner, "barriers")
        send(rows[person.pk, "barriers"], 2, **{"control.note": "SECRET-NOTE"})
        send(rows[partner.pk, "barriers"], 3, **{"control.note": "SECRET-NOTE"})
        shared.add(rows[person.pk, "barriers"].administration_id)
        page = browser.get(url("couple", person))
        assert page.context["page"].shared
        assert "SECRET-NOTE" not in page.content.decode()

    def test_a_gap_is_marked_beyond_joint_noise(self, browser, person, partner, rows, shared):
        version = rows[person.pk, "relationship-spectrum"].version
        Reference.objects.create(
            practice=person.practice,
            version=version,
            scale="relationship-spectrum.interdependence",
            people=120,
            sd=0.8,
            alpha=0.75,
            alpha_low=0.7,
        )
        send(rows[person.pk, "relationship-spectrum"], 1)
        send(rows[partner.pk, "relationship-spectrum"], 4)
        shared.add(rows[person.pk, "relationship-spectrum"].administration_id)
        page = browser.get(url("couple", person))
        (one,) = page.context["page"].shared
        assert [scale.title for scale in one.concordance.scales if scale.beyond] == ["Interdependence"]
        assert page.content.decode().count("You see this differently.") == 1

    def test_both_partners_clinicians_see_the_same(self, client, person, partner, rows, shared):
        send(rows[person.pk, "relationship-spectrum"], 1)
        send(rows[partner.pk, "relationship-spectrum"], 3)
        shared.add(rows[person.pk, "relationship-spectrum"].administration_id)
        views = []
        for one in (person, partner):
            client.force_login(one.careassignments.get().clinician.user)
            (found,) = client.get(url("couple", one)).context["page"].shared
            views.append([(item.text, item.first, item.second) for item in found.concordance.items])
        assert views[0] == [(text, second, first) for text, first, second in views[1]]
