"""The screens of putting right: what is shown, what is kept when it is refused, what nobody else may see."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.actions.corrections import correct, say_about, withdraw_response
from assessments.actions.merging import merge
from assessments.actions.mistaken import mistaken_session
from assessments.actions.moving import move
from assessments.actions.rating import rate
from assessments.models import Correction, Response
from clients.models import SafetyFlag, TherapySession
from practice.models import AuditEvent
from tests.factories.assessments import answered, version_of
from tests.factories.clients import CareFactory, ClientFactory, SafetyFlagFactory, SessionFactory, client_of
from tests.factories.practice import MembershipFactory, SupervisionFactory, UserFactory
from tests.putting_right.test_corrections import first_risk

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def clinician():
    return MembershipFactory()


@pytest.fixture
def browser(clinician):
    return signed_in(clinician)


def signed_in(member):
    browser = Browser()
    browser.force_login(member.user)
    return browser


@pytest.fixture
def client(clinician):
    return client_of(clinician)


@pytest.fixture
def other(clinician):
    return client_of(clinician, first_name="Hidden", last_name="Person")


@pytest.fixture
def sent(client):
    row = answered(client, answers={"control": 4, "control.note": "He decides."}, at=START)
    row.client = client
    return row


def url(name, client, row=None):
    return reverse(f"dashboard:{name}", args=[client.pk, row.pk] if row is not None else [client.pk])


def posted(form, **changes):
    """What a browser would send from this form, with changes."""
    data = {}
    for name in form.fields:
        value = form[name].value()
        if value is not None and value is not False and value not in ("", []):
            data[name] = value
    return data | changes


def form_of(browser, address):
    return browser.get(address).context["form"]


class TestCorrect:
    def test_the_form_shows_what_is_stored_and_saves_what_differs(self, browser, client, sent):
        form = form_of(browser, url("response_correct", client, sent))
        name = form.names["control"]
        assert form[name].value() == "4"
        assert form[form.names["control.note"]].value() == "He decides."
        data = posted(form, **{name: "1", "reason": "Read wrongly."})
        response = browser.post(url("response_correct", client, sent), data, follow=True)
        sent.refresh_from_db()
        assert (sent.answers["control"], sent.answers["power"]) == (1, None)
        page = response.content.decode()
        assert "Read wrongly." in page
        assert [change.after for change in response.context["history"][0].changes] == [page_label(sent, 1)]

    def test_a_clash_keeps_what_was_typed_and_says_what_is_stored(self, browser, client, sent, clinician):
        form = form_of(browser, url("response_correct", client, sent))
        name = form.names["control"]
        data = posted(form, **{name: "1", "reason": "Mine."})
        correct(by=clinician.user, response=sent, answers={"control": 3}, reason="Theirs.", seen=sent.revision)
        response = browser.post(url("response_correct", client, sent), data)
        assert response.status_code == 200
        shown = response.context["form"]
        assert shown[name].value() == "1"
        assert "Stored now" in shown.fields[name].help_text
        sent.refresh_from_db()
        assert sent.answers["control"] == 3
        again = posted(shown)
        assert browser.post(url("response_correct", client, sent), again).status_code == 302
        sent.refresh_from_db()
        assert sent.answers["control"] == 1

    @pytest.mark.parametrize("slug", ["session-checkin", "safety-screen", "barriers", "attachment-patterns"])
    def test_nothing_changed_changes_nothing(self, browser, client, slug):
        told = {
            "session-checkin": {"connected": 5, "life-events": ["illness"]},
            "barriers": {"control": 0, "focus": ["control"]},
        }
        row = answered(client, slug, told.get(slug, {}), at=START)
        form = form_of(browser, url("response_correct", client, row))
        response = browser.post(url("response_correct", client, row), posted(form, reason="Nothing."))
        assert response.status_code == 200
        assert "Nothing is different" in response.content.decode()
        assert Correction.objects.count() == 0

    @pytest.mark.parametrize("bad", ["9", "x", "-1"])
    def test_an_answer_that_is_not_offered_stays_at_its_field(self, browser, client, sent, bad):
        form = form_of(browser, url("response_correct", client, sent))
        name = form.names["control"]
        response = browser.post(url("response_correct", client, sent), posted(form, **{name: bad, "reason": "Why."}))
        assert set(response.context["form"].errors) == {name}
        assert response.context["form"]["reason"].value() == "Why."

    def test_what_is_not_a_question_is_ignored(self, browser, client, sent):
        form = form_of(browser, url("response_correct", client, sent))
        data = posted(form, q99="1", state="draft", client=str(client.pk), submitted_at="2020-01-01", reason="Why.")
        browser.post(url("response_correct", client, sent), data)
        fresh = Response.objects.get(pk=sent.pk)
        assert (fresh.state, fresh.submitted_at, fresh.answers) == ("submitted", START, sent.answers)

    def test_a_risk_is_said_at_once(self, browser, client):
        row = answered(client, "safety-screen", {}, at=START)
        form = form_of(browser, url("response_correct", client, row))
        data = posted(form, **{form.names[first_risk()]: "1", "reason": "She said yes."})
        response = browser.post(url("response_correct", client, row), data, follow=True)
        assert "safety flag is open" in response.content.decode()
        assert SafetyFlag.objects.get().client == client

    def test_script_in_texts_is_inert(self, browser, client, sent, clinician):
        """Abuse 18."""
        by = clinician.user
        correct(by=by, response=sent, answers={"control.note": SCRIPT}, reason=SCRIPT, seen=sent.revision)
        say_about(by=by, response=sent, relationship=SCRIPT, reason=SCRIPT)
        session = SessionFactory(client=client, note=SCRIPT)
        mistaken_session(by=by, session=session, reason=SCRIPT)
        for address in (
            url("response", client, sent),
            url("response_correct", client, sent),
            url("response_about", client, sent),
            url("client_corrections", client),
        ):
            page = browser.get(address).content.decode()
            assert SCRIPT not in page
            assert "&lt;script&gt;" in page


def page_label(row, value):
    question = next(one for one in row.version.definition.questions if one.id == "control")
    return question.label_of(value)


class TestWithdrawn:
    def test_it_says_so_and_is_put_back(self, browser, client, sent):
        browser.post(url("response_withdraw", client, sent), {"reason": "Sent twice."})
        page = browser.get(url("response", client, sent)).content.decode()
        assert "count nowhere" in page
        assert "Sent twice." in page
        assert url("response_restore", client, sent) in page
        assert url("response_correct", client, sent) not in page
        assert browser.get(url("response_correct", client, sent)).status_code == 302
        browser.post(url("response_restore", client, sent), {"reason": "It was right."})
        sent.refresh_from_db()
        assert sent.state == "submitted"

    def test_without_a_reason_nothing_happens(self, browser, client, sent):
        response = browser.post(url("response_withdraw", client, sent), {"reason": "  "})
        assert response.status_code == 200
        assert set(response.context["form"].errors) == {"reason"}

    def test_a_rating_can_be_taken_out(self, browser, client, clinician):
        version_of()
        row = rate(by=clinician.user, session=SessionFactory(client=client), ratings={"control": 2})
        page = browser.get(url("response", client, row)).content.decode()
        assert url("response_move", client, row) not in page
        browser.post(url("response_withdraw", client, row), {"reason": "The wrong one."})
        row.refresh_from_db()
        assert row.state == "withdrawn"


class TestMove:
    def test_only_ones_own_clients_can_be_chosen(self, browser, client, other, sent):
        ClientFactory(practice=client.practice)
        ClientFactory()
        form = form_of(browser, url("response_move", client, sent))
        assert list(form.fields["to"].queryset) == [other]

    def test_a_strangers_id_is_refused_at_the_field(self, browser, client, sent):
        """Abuse 6."""
        stranger = ClientFactory(practice=client.practice)
        response = browser.post(url("response_move", client, sent), {"to": stranger.pk, "reason": "Why."})
        assert set(response.context["form"].errors) == {"to"}
        sent.refresh_from_db()
        assert sent.client == client

    def test_neither_record_names_the_other_to_who_may_not_see_it(self, browser, client, other, sent):
        response = browser.post(
            url("response_move", client, sent), {"to": other.pk, "reason": "Mixed up."}, follow=True
        )
        assert response.redirect_chain == [(url("response", other, sent), 302)]
        assert browser.get(url("response", client, sent)).status_code == 404
        mine = browser.get(url("client_corrections", client)).content.decode()
        assert "Hidden Person" in mine
        colleague = MembershipFactory(practice=client.practice)
        CareFactory(client=client, clinician=colleague, role="co")
        page = signed_in(colleague).get(url("client_corrections", client)).content.decode()
        assert "Mixed up." in page
        for word in ("Hidden", str(other.pk), other.code, str(sent.pk)):
            assert word not in page
        third = MembershipFactory(practice=client.practice)
        CareFactory(client=other, clinician=third, role="co")
        page = signed_in(third).get(url("response", other, sent)).content.decode()
        for word in (client.full_name, str(client.pk), client.code):
            assert word not in page

    def test_the_portal_shows_it_to_whom_it_belongs(self, client, other, sent, clinician):
        for one in (client, other):
            one.user = UserFactory()
            one.save(update_fields=["user"])
        move(by=clinician.user, response=sent, to=other, reason="Mixed up.")
        pages = []
        for one in (client, other):
            browser = Browser()
            browser.force_login(one.user)
            page = browser.get(reverse("portal:today")).content.decode()
            done = browser.get(reverse("portal:answer_done", args=[sent.assignment_id]))
            pages.append((sent.receipt in page, done.status_code))
        assert pages == [(False, 404), (True, 200)]
        withdraw_response(by=clinician.user, response=Response.objects.get(), reason="No.")
        browser = Browser()
        browser.force_login(other.user)
        assert sent.receipt not in browser.get(reverse("portal:today")).content.decode()
        assert browser.get(reverse("portal:answer", args=[sent.assignment_id])).status_code == 410

    def test_the_old_flag_says_where_its_answers_went(self, browser, client, other, clinician):
        row = answered(client, "safety-screen", {first_risk(): 1}, at=START)
        row.client = client
        move(by=clinician.user, response=row, to=other, reason="Mixed up.")
        old, new = SafetyFlag.objects.get(client=client), SafetyFlag.objects.get(client=other)
        page = browser.get(reverse("dashboard:flag", args=[old.pk])).content.decode()
        assert "were moved" in page
        assert str(row.pk) not in page
        assert str(row.pk) in browser.get(reverse("dashboard:flag", args=[new.pk])).content.decode()


class TestHistory:
    def test_the_safety_screen_is_not_named_to_who_may_not_see_safety(self, client, clinician):
        row = answered(client, "safety-screen", {}, at=START)
        withdraw_response(by=clinician.user, response=row, reason="Not for supervisors.")
        plain = answered(client, at=START)
        withdraw_response(by=clinician.user, response=plain, reason="For everybody who reads.")
        supervisor = SupervisionFactory(supervisee=clinician, supervisor__practice=client.practice).supervisor
        browser = signed_in(supervisor)
        browser.post(reverse("dashboard:client_reason", args=[client.pk]), {"reason": "supervision"})
        page = browser.get(url("client_corrections", client)).content.decode()
        assert "For everybody who reads." in page
        assert "Not for supervisors." not in page

    @pytest.mark.parametrize("page", ["client_corrections", "response"])
    def test_queries_do_not_grow(self, browser, client, sent, clinician, page):
        counts = []
        for many in (1, 1, 3):  # the first request also reads what is kept for the session
            for _number in range(many):
                sent.refresh_from_db()
                value = (sent.answers["control"] + 1) % 5
                correct(by=clinician.user, response=sent, answers={"control": value}, reason="r", seen=sent.revision)
            with CaptureQueriesContext(connection) as captured:
                browser.get(url(page, client, sent if page == "response" else None))
            counts.append(len(captured))
        assert counts[1] == counts[2]

    def test_pages_go_on(self, browser, client, sent, clinician):
        for number in range(52):
            correct(
                by=clinician.user,
                response=sent,
                answers={"control": number % 4},
                reason=f"Reason {number}.",
                seen=sent.revision,
                at=START + number * DAY,
            )
            sent.refresh_from_db()
        first = browser.get(url("client_corrections", client))
        assert len(first.context["lines"]) == 50
        second = browser.get(url("client_corrections", client) + first.context["page"].next_query)
        assert [line.reason for line in second.context["lines"]] == ["Reason 1.", "Reason 0."]


class TestMistaken:
    def test_a_session_is_marked_and_its_note_kept(self, browser, client):
        session = SessionFactory(client=client, note="About somebody else.")
        response = browser.post(url("session_mistaken", client, session), {"reason": "Wrong client."}, follow=True)
        page = response.content.decode()
        assert "About somebody else." in page
        assert "Wrong client." in page
        assert TherapySession.objects.get().attendance == "cancelled"
        assert browser.get(url("session_mistaken", client, session)).status_code == 302


class TestMerge:
    def test_a_preview_then_the_deed(self, browser, client, other, clinician):
        answered(other, at=START)
        SafetyFlagFactory(client=other)
        address = url("client_merge", client)
        data = {"gone": other.pk, "reason": "Taken up twice."}
        shown = browser.post(address, {**data, "do": "preview"})
        assert shown.context["shown"].counts["responses"] == 1
        assert "Join the records" in shown.content.decode()
        other.refresh_from_db()
        assert other.status == "active"
        response = browser.post(address, {**data, "do": "merge"}, follow=True)
        assert response.redirect_chain == [(url("client_corrections", client), 302)]
        assert "Taken up twice." in response.content.decode()
        assert other.code in response.content.decode()

    def test_where_safe_contacts_differ_the_form_asks(self, browser, client, other):
        type(client).objects.filter(pk=client.pk).update(safe_contact="email", email="ada@example.test")
        address, data = url("client_merge", client), {"gone": other.pk, "reason": "Taken up twice."}
        assert "safe_contact" not in browser.get(address).content.decode()
        refused = browser.post(address, {**data, "do": "merge"})
        assert set(refused.context["form"].errors) == {"safe_contact"}
        shown = browser.post(address, {**data, "do": "preview"})
        form = shown.context["form"]
        assert form["safe_contact"].value() == "none"
        assert [label for _value, label in form.fields["safe_contact"].choices] == [
            f"No messages (as {other.code} says)",
            f"E-mail to ada@example.test (as this record, {client.code}, says)",
        ]
        assert any("No messages from now on" in line for line in shown.context["shown"].told)
        page = browser.post(address, {**data, "do": "merge", "safe_contact": "email"}, follow=True)
        (said,) = page.context["messages"]
        assert str(said).endswith("Safe contact: E-mail.")
        client.refresh_from_db()
        assert client.safe_contact == "email"

    def test_where_they_are_the_same_nothing_is_asked(self, browser, client, other):
        page = browser.post(url("client_merge", client), {"gone": other.pk, "reason": "x", "do": "preview"})
        assert "safe_contact" not in page.content.decode()

    def test_only_ones_own_can_be_chosen(self, browser, client, other, clinician):
        covered = ClientFactory(practice=client.practice)
        CareFactory(client=covered, clinician=clinician, role="cover", ends_on=dt.date(2030, 1, 1))
        form = form_of(browser, url("client_merge", client))
        assert list(form.fields["gone"].queryset) == [other]
        for stranger in (covered, ClientFactory(practice=client.practice), ClientFactory()):
            response = browser.post(url("client_merge", client), {"gone": stranger.pk, "reason": "x", "do": "merge"})
            assert set(response.context["form"].errors) == {"gone"}

    def test_the_old_address_leads_to_the_record_for_who_may_see_it(self, browser, client, other, clinician):
        session = SessionFactory(client=other)
        merge(by=clinician.user, keep=client, gone=other, reason="Twice.")
        assert browser.get(url("client", other)).headers["Location"] == url("client", client)
        assert browser.get(url("client_measures", other)).headers["Location"] == url("client_measures", client)
        assert browser.get(url("session", other, session)).headers["Location"] == url("client", client)
        assert browser.post(url("client_focus", other), {}).status_code == 404
        stranger = signed_in(MembershipFactory(practice=client.practice))
        pages = [stranger.get(url("client", one)) for one in (other, client, ClientFactory.build())]
        assert [page.status_code for page in pages] == [404, 404, 404]

    def test_it_is_in_no_list(self, browser, client, other, clinician):
        merge(by=clinician.user, keep=client, gone=other, reason="Twice.")
        owner = signed_in(MembershipFactory(practice=client.practice, roles="owner"))
        pages = [browser.get(reverse("dashboard:caseload")), browser.get(reverse("dashboard:caseload") + "?s=c")]
        pages += [owner.get(reverse("dashboard:roster")), browser.get(url("client_couple", client))]
        for page in pages:
            assert page.status_code == 200
            assert "Hidden" not in page.content.decode()

    def test_the_access_list_holds_openings_of_both(self, browser, client, other, clinician):
        browser.get(url("client", other))
        merge(by=clinician.user, keep=client, gone=other, reason="Twice.")
        response = browser.get(url("client_access", client))
        assert [line.page for line in response.context["lines"]] == ["this list", "overview"]
        assert AuditEvent.objects.filter(action="opened", client_id=other.pk).count() == 1


class TestMistakenSession:
    def test_a_cancelled_one_is_marked_and_the_second_time_says_so(self, browser, client):
        session = SessionFactory(client=client, note="", attendance="cancelled")
        address = url("session_mistaken", client, session)
        assert browser.get(address).status_code == 200
        browser.post(address, {"reason": "Entered twice."})
        assert Correction.objects.get().reason == "Entered twice."
        page = browser.get(address, follow=True)
        assert [str(one) for one in page.context["messages"]] == [
            "The session no longer counts. Its note is kept in the history.",
            "This session is marked as entered by mistake already.",
        ]

    @pytest.mark.parametrize(("attendance", "words"), [("planned", "still planned"), ("missed", "did not take place")])
    def test_a_rating_that_does_not_count_says_so(self, browser, client, clinician, attendance, words):
        version_of()
        session = SessionFactory(client=client)
        row = rate(by=clinician.user, session=session, ratings={"control": 2})
        assert words not in browser.get(url("response", client, row)).content.decode()
        TherapySession.objects.update(attendance=attendance)
        assert words in browser.get(url("response", client, row)).content.decode()
