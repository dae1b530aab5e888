"""Answering in the portal: begin, save, go on, look over, send."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.actions.answering import save, submit
from assessments.actions.assigning import withdraw
from assessments.models import Assignment, Response, ResponseRevision, ResponseText, Score
from clients.models import FocusBarrier
from tests.factories.assessments import ask
from tests.factories.clients import FocusFactory, couple_of
from tests.portal.conftest import at, autosave, begun, signed_in


@pytest.fixture
def asked(me, therapist):
    return ask(me, by=therapist.user)


@pytest.fixture
def response(browser, asked):
    return begun(browser, asked)


def post_page(browser, assignment, number, data, **more):
    shown = browser.get(at("answer_page", assignment, number=number))
    hidden = {name: shown.context[name] for name in ("key", "was")}
    base = shown.context["sheet"].response.revision
    return browser.post(
        at("answer_page", assignment, number=number), {"base": base, **hidden, "go": "next", **data, **more}
    )


# --- introduction ---------------------------------------------------------------------------------
def test_intro_says_what_who_and_how_long(browser, asked):
    page = browser.get(at("answer", asked)).content.decode()
    assert "Your last two weeks" in page
    assert "About 5 minutes" in page
    assert "Your therapist can see this; a supervisor, or the practice in an emergency, only with a reason" in page
    assert "Barriers to interdependence" not in page
    assert 'checked><span class="option-face"><span class="option-label">partner since 2019<' in page


def test_intro_tells_a_partner_what_the_other_sees(browser, asked, me, other):
    assert "Your partner can’t see this" not in browser.get(at("answer", asked)).content.decode()
    couple_of(me, other)
    page = browser.get(at("answer", asked)).content.decode()
    assert "Your partner can’t see this; your therapist can, and will agree with you both what may be raised." in page


def test_get_begins_nothing(browser, asked):
    for name, kwargs in (("answer", {}), ("answer_page", {"number": 1}), ("answer_review", {}), ("answer_done", {})):
        browser.get(at(name, asked, **kwargs))
    assert not Response.objects.exists()
    assert browser.get(at("answer_page", asked, number=1)).url == at("answer", asked)


def test_relationship_is_kept_and_a_long_one_refused_with_the_text(browser, asked):
    long = "x" * 90
    refused = browser.post(at("answer", asked), {"relationship": long})
    assert refused.status_code == 400
    assert long in refused.content.decode()
    browser.post(at("answer", asked), {"relationship": "my wife"})
    assert Response.objects.get().relationship.words == "my wife"


def test_goes_on_where_it_was_left_on_any_device(browser, asked, response, me):
    first = {"a.vulnerability": 1, "a.past": 2, "a.expectations": 0, "a.independence": 4}
    assert post_page(browser, asked, 1, first).url == at("answer_page", asked, number=2)
    phone = signed_in(me)
    assert phone.get(at("answer", asked)).url == at("answer_page", asked, number=2)
    shown = phone.get(at("answer_page", asked, number=1))
    assert [field.value for field in shown.context["fields"]] == [1, 2, 0, 4]


def test_a_page_passed_over_is_not_shown_again_on_return(browser, asked, response):
    post_page(browser, asked, 1, {})
    assert browser.get(at("answer", asked)).url == at("answer_page", asked, number=2)
    response.refresh_from_db()
    assert response.answers == {}


# --- saving without script ------------------------------------------------------------------------
def test_next_saves_and_back_saves(browser, asked, response):
    post_page(browser, asked, 1, {"a.vulnerability": 3, "a.vulnerability.note": "with her"})
    back = post_page(browser, asked, 2, {"a.insecurity": 2}, go="back")
    assert back.url == at("answer_page", asked, number=1)
    response.refresh_from_db()
    assert response.answers == {"vulnerability": 3, "insecurity": 2}
    assert ResponseText.objects.get().text == "with her"


def test_an_answer_can_be_taken_back(browser, asked, response):
    post_page(browser, asked, 1, {"a.vulnerability": 3})
    post_page(browser, asked, 1, {"a.vulnerability": ""})
    response.refresh_from_db()
    assert response.answers == {}


def test_last_page_leads_to_the_review_and_later_to_today(browser, asked, response):
    assert post_page(browser, asked, 4, {}).url == at("answer_review", asked)
    assert post_page(browser, asked, 2, {}, go="later").url == reverse("portal:today")
    assert browser.get(at("answer_page", asked, number=9)).url == at("answer_review", asked)


def test_bad_value_is_said_at_the_question_and_what_was_typed_stays(browser, asked, response):
    """Abuse 25."""
    answer = post_page(browser, asked, 1, {"a.vulnerability": 9, "a.past": 2, "a.past.note": "kept text"})
    assert answer.status_code == 400
    field = answer.context["fields"][0]
    assert field.reason == "Choose one of the answers shown."
    assert answer.context["fields"][1].chosen == "2"
    assert "kept text" in answer.content.decode()
    response.refresh_from_db()
    assert response.answers == {}


def test_more_than_three_focus_barriers_are_refused_at_the_field(browser, asked, response):
    four = ["past", "power", "norms", "culture"]
    answer = post_page(browser, asked, 4, {"a.focus": four, "a.something-else": "the dog"})
    assert answer.status_code == 400
    assert answer.context["fields"][1].reason == "Choose at most 3; 4 are chosen."
    assert set(answer.context["fields"][1].picked) == set(four)
    assert "the dog" in answer.content.decode()


def test_focus_is_picked_in_kind_words_too(browser, asked, response):
    text = browser.get(at("answer_page", asked, number=4)).content.decode()
    assert "Low self-esteem" in text
    assert '<span class="option-meaning">doubting my worth</span>' in text


def test_unknown_item_is_refused_by_name(browser, asked, response):
    """Abuse 25."""
    answer = post_page(browser, asked, 1, {"a.made-up": 1})
    assert answer.status_code == 400
    assert "This form has no question “made-up”." in answer.content.decode()


def test_posted_score_state_and_practice_are_not_looked_at(browser, asked, response, other):
    """Abuse 26."""
    extra = {"score": 4, "state": "submitted", "practice": str(other.practice_id), "client": str(other.pk)}
    post_page(browser, asked, 1, {"a.past": 1}, **extra)
    autosave(browser, at("answer_save", asked), {"power": 1}, key="q:1", **extra)
    response.refresh_from_db()
    assert (response.state, response.client_id, response.answers) == ("draft", asked.client_id, {"past": 1, "power": 1})
    assert not Score.objects.exists()


# --- autosave -------------------------------------------------------------------------------------
def test_autosave_saves_once_by_key_and_tells_progress(browser, asked, response):
    for _again in range(2):
        reply = autosave(browser, at("answer_save", asked), {"past": "3"})
        assert reply.json() == {"revision": 1, "conflicts": {}, "answered": 1, "total": 14}
    assert ResponseRevision.objects.count() == 1


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        ({"made-up": 1}, "made-up"),
        ({"past": 7}, "past"),
        ({"focus-now.past": 1}, "focus-now.past"),
        ({"past": {"$gt": 0}}, "past"),
    ],
)
def test_autosave_refuses_by_name(browser, asked, response, answers, named):
    """Abuse 25."""
    reply = autosave(browser, at("answer_save", asked), answers)
    assert reply.status_code == 400
    assert list(reply.json()["errors"]) == [named]
    assert not ResponseRevision.objects.exists()


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '{"answers": 1}', "[" * 50_000, '{"answers": {}, "key": 1, "base": 0}']
)
def test_autosave_refuses_what_is_no_autosave(browser, asked, response, body):
    reply = browser.post(at("answer_save", asked), body, content_type="application/json")
    assert reply.status_code == 400


def test_base_out_of_range_is_refused(browser, asked, response):
    for base in (-1, 10**30, True, None):
        assert autosave(browser, at("answer_save", asked), {"past": 1}, base=base).status_code == 400


def test_two_windows_keep_both_revisions_and_show_the_conflict(browser, asked, response):
    """Abuse 28."""
    autosave(browser, at("answer_save", asked), {"past": 1}, key="one:1", base=0)
    reply = autosave(browser, at("answer_save", asked), {"past": 4}, key="two:1", base=0)
    assert reply.json()["conflicts"] == {
        "past": "In another window you chose “A little” here. What you see now counts."
    }
    assert list(ResponseRevision.objects.order_by("number").values_list("answers", flat=True)) == [
        {"past": 1},
        {"past": 4},
    ]


def test_conflict_is_shown_without_script_too(browser, asked, response):
    """Abuse 28."""
    address = at("answer_page", asked, number=1)
    old = browser.get(address).context
    autosave(browser, at("answer_save", asked), {"past": 1, "vulnerability": 2}, key="elsewhere:1")
    answer = browser.post(address, {"base": 0, "key": old["key"], "was": old["was"], "a.past": 3, "go": "next"})
    assert answer.status_code == 200
    assert [field.question.id for field in answer.context["conflicts"]] == ["past"]
    assert "In another window you chose “A little” here." in answer.content.decode()
    response.refresh_from_db()
    assert response.answers == {"past": 3, "vulnerability": 2}


def test_own_autosaves_of_the_same_page_are_no_conflict(browser, asked, response):
    address = at("answer_page", asked, number=1)
    old = browser.get(address).context
    autosave(browser, at("answer_save", asked), {"past": 1}, key=f"{old['key']}:1")
    sent = {"base": 0, "key": old["key"], "was": old["was"], "a.past": 3, "go": "next"}
    assert browser.post(address, sent).url == at("answer_page", asked, number=2)


# --- review, sending, receipt ---------------------------------------------------------------------
def test_review_lists_everything_with_a_way_back(browser, asked, response):
    post_page(browser, asked, 1, {"a.vulnerability": 3, "a.vulnerability.note": "at night"})
    answer = browser.get(at("answer_review", asked))
    page = answer.content.decode()
    assert len(answer.context["lines"]) == 14
    assert answer.context["open"] == 13
    assert "Quite a lot" in page
    assert "at night" in page
    assert at("answer_page", asked, number=4) + "?review=1#q-focus-1" in page
    assert post_page(browser, asked, 2, {}, go="review").url == at("answer_review", asked)


def test_send_gives_a_receipt_and_again_the_same(browser, asked, response):
    """Abuse 12."""
    for _again in range(2):
        assert browser.post(at("answer_submit", asked)).url == at("answer_done", asked)
    page = browser.get(at("answer_done", asked)).content.decode()
    row = Response.objects.get()
    assert row.receipt in page
    assert row.submitted_by_id == asked.client.user_id
    assert "results come when your therapist releases them" in page
    for name, kwargs in (("answer", {}), ("answer_page", {"number": 1}), ("answer_review", {})):
        assert browser.get(at(name, asked, **kwargs)).url == at("answer_done", asked)


def test_focus_goes_to_the_therapist_as_a_proposal(browser, asked, response):
    post_page(browser, asked, 4, {"a.focus": ["past", "power"]})
    browser.post(at("answer_submit", asked))
    rows = FocusBarrier.objects.order_by("barrier").values_list("barrier", "state", "proposed_by_client")
    assert list(rows) == [("past", "proposed", True), ("power", "proposed", True)]


def test_late_draft_is_409_and_changes_nothing(browser, asked, response):
    """Abuse 29."""
    submit(response=response, by=asked.client.user)
    before = Response.objects.values().get()
    late = autosave(browser, at("answer_save", asked), {"past": 4})
    assert late.status_code == 409
    assert late.json()["done"] == at("answer_done", asked)
    page = browser.post(at("answer_page", asked, number=1), {"a.past": 4})
    assert page.status_code == 409
    assert "These answers were sent already" in page.content.decode()
    assert Response.objects.values().get() == before


def test_the_servers_clock_decides(browser, asked, response):
    """Abuse 35: what the client's clock says is not asked."""
    Assignment.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    for reply in (
        browser.get(at("answer", asked)),
        browser.get(at("answer_page", asked, number=1)),
        browser.post(at("answer_submit", asked), {"at": "2020-01-01", "submitted_at": "2020-01-01"}),
        autosave(browser, at("answer_save", asked), {"past": 1}, at="2020-01-01T00:00"),
    ):
        assert reply.status_code == 410
    assert Response.objects.get().state == "draft"


def test_withdrawn_is_410_with_kind_words(browser, asked, response, therapist):
    withdraw(by=therapist.user, assignment=asked)
    page = browser.get(at("answer_page", asked, number=1))
    assert page.status_code == 410
    assert "There is nothing you have to do." in page.content.decode()


# --- who may --------------------------------------------------------------------------------------
ROUTES = [("answer", {}), ("answer_page", {"number": 1}), ("answer_review", {}), ("answer_done", {})]


@pytest.mark.parametrize(("name", "kwargs"), ROUTES)
def test_anothers_assignment_is_404(me, other, asked, response, name, kwargs):
    """Abuse 1, 13."""
    couple_of(me, other)
    browser = signed_in(other)
    assert browser.get(at(name, asked, **kwargs)).status_code == 404
    assert autosave(browser, at("answer_save", asked), {"past": 4}).status_code == 404
    assert browser.post(at("answer_submit", asked)).status_code == 404
    response.refresh_from_db()
    assert (response.state, response.answers) == ("draft", {})


def test_the_therapist_does_not_answer_here(therapist, asked):
    assert signed_in(therapist).get(at("answer", asked)).status_code == 404


@pytest.mark.parametrize("channel", ["room", "link"])
def test_what_is_for_the_room_or_a_link_is_not_in_the_portal(browser, me, therapist, channel):
    assert browser.get(at("answer", ask(me, by=therapist.user, channel=channel))).status_code == 404


def test_what_is_hidden_is_404_whatever_its_channel(browser, me, therapist):
    hidden = ask(me, "safety-screen", by=therapist.user, channel="room")
    Assignment.objects.filter(pk=hidden.pk).update(channel="portal")
    assert browser.get(at("answer", hidden)).status_code == 404


# --- other instruments ----------------------------------------------------------------------------
def test_checkin_sliders_start_unset_and_focus_ratings_appear(browser, me, therapist):
    FocusFactory(client=me, barrier="power", state="active", slot=1, starts_on=dt.date(2026, 1, 1))
    checkin = ask(me, "session-checkin", by=therapist.user)
    response = begun(browser, checkin)
    first = browser.get(at("answer_page", checkin, number=1))
    assert "checked" not in first.content.decode()
    assert first.context["fields"][0].question.id == "talk-instead"
    post_page(browser, checkin, 1, {"a.talk-instead": "yes", "a.connected": 0})
    post_page(browser, checkin, 2, {"a.focus-now.power": 2, "a.life-events": ["work", "move"], "a.today": "Rest."})
    response.refresh_from_db()
    assert response.answers == {
        "talk-instead": True,
        "connected": 0,
        "focus-now.power": 2,
        "life-events": ["work", "move"],
    }
    page = browser.get(at("answer_review", checkin)).content.decode()
    assert "0 out of 10" in page
    assert "A change at work" in page
    post_page(browser, checkin, 1, {"a.connected": ""})
    response.refresh_from_db()
    assert "talk-instead" not in response.answers
    assert "connected" not in response.answers


def test_goals_are_not_shown_while_there_are_none(browser, me, therapist):
    checkin = ask(me, "session-checkin", by=therapist.user)
    begun(browser, checkin)
    assert "My goals" not in browser.get(at("answer_page", checkin, number=2)).content.decode()


def test_script_in_a_text_is_inert(browser, asked, response):
    """Abuse 18."""
    save(response=response, answers={"something-else": "<script>alert(1)</script>{{ 7|add:7 }}"}, key="k:1")
    for address in (at("answer_page", asked, number=4), at("answer_review", asked)):
        page = browser.get(address).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7|add:7 }}" in page
        assert "<script>alert" not in page


@pytest.mark.parametrize("full", [False, True])
def test_pages_have_a_fixed_number_of_queries(browser, asked, response, django_assert_num_queries, full):
    if full:
        for number, name in enumerate(("past", "power", "norms")):
            save(response=response, answers={name: 1, f"{name}.note": "words"}, key=f"k:{number}")
    # session, user, membership, assignment, notice, consent, texts; the review also says which relationship it is
    # about, and when this was answered before
    for address, queries in (
        (at("answer_page", asked, number=1), 7),
        (at("answer_page", asked, number=4), 7),
        (at("answer_review", asked), 9),
    ):
        with django_assert_num_queries(queries):
            browser.get(address)
