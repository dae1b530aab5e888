"""One case of the demo, a client or a couple, played from intake to now through the product's actions."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from assessments.actions import assigning, rating
from assessments.models import Assignment, InstrumentVersion
from clients.actions import care, clients, course, safety, sessions
from clients.models import Client, SafetyFlag, TherapySession
from dashboard.demo import answers, own, texts
from dashboard.demo.courses import Course, clinician_ratings
from dashboard.demo.courses import course as make_course
from dashboard.demo.names import Person
from practice.models import Membership, PrivacyNotice

OTHERS = (
    "relationship-spectrum",
    "patterns-between-us",
    "secure-agreements",
    "building-practices",
    "attunement",
    "self-in-relationship",
    "growth-habits",
    "attachment-patterns",
)


@dataclass(frozen=True)
class Plan:
    """When a case comes and how often. ``ended``: discharged after the last session."""

    first: date
    every: int
    count: int
    hour: int
    ended: bool = False
    flag: str = ""
    """Nothing, ``open`` or ``acknowledged``: what a yes on the safety screen led to."""


@dataclass
class Member:
    """One client of the case with their course."""

    client: Client
    course: Course
    shaken: dict[int, str]
    others: tuple[str, ...]
    focus: list[str] = field(default_factory=list)
    gap: tuple[int, int] = (0, 0)


class Case:
    """Plays one case. ``now`` is when the demo is made; nothing but the next session lies after it."""

    def __init__(
        self,
        random: Random,
        *,
        clinician: Membership,
        notice: PrivacyNotice,
        versions: dict[str, InstrumentVersion],
        plan: Plan,
        now: datetime,
    ) -> None:
        self.random, self.clinician, self.plan, self.now = random, clinician, plan, now
        self.by, self.notice, self.versions = clinician.user, notice, versions
        self.members: list[Member] = []
        self.is_couple = False

    def play(self, people: list[Person]) -> list[Client]:
        """Everything of this case, in the order in which it happened."""
        relationship = self.random.choice(texts.TOGETHER if len(people) == 2 else texts.RELATIONSHIPS)
        for person in people:
            self.members.append(self._join(person, relationship))
        intake = self._at(self.plan.first - timedelta(days=1), self.plan.hour)
        for member in self.members:
            self._screen(member, intake, told=self.plan.flag == "acknowledged")
        self._link()
        for number in range(self.plan.count):
            self._appointment(number)
        if self.plan.flag == "open":  # screened again this morning; the flag is news
            self._screen(self.members[0], self.now - timedelta(hours=3), told=True)
        if self.plan.ended:
            self._discharge()
        else:
            self._ahead()
        return [member.client for member in self.members]

    def _at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), tzinfo=self.clinician.practice.zone)

    def _day(self, number: int) -> date:
        return self.plan.first + timedelta(days=self.plan.every * number)

    def _join(self, person: Person, relationship: str) -> Member:
        at = self._at(self.plan.first - timedelta(days=5), 11)
        mails = self.random.random() < 0.8
        client = clients.add_client(
            by=self.by,
            clinician=self.clinician,
            first_name=person.first,
            last_name=person.last,
            pronouns=person.pronouns,
            email=person.mailbox,
            safe_contact="email" if mails else "none",
            contact_note=self.random.choice(texts.CONTACT_NOTES) if self.random.random() < 0.15 else "",
            relationship=relationship,
            starts_on=at.date(),
            at=at,
        )
        invitation = clients.invite_client(by=self.by, client=client, at=at)
        joined = at + timedelta(days=1)
        user = clients.accept_client_invitation(invitation=invitation, sign_in=person.mailbox, password=None, at=joined)
        client.user = user
        clients.give_consent(by=user, client=client, notice=self.notice, at=joined)
        shaken = self._events()
        return Member(
            client,
            make_course(self.random, self.plan.count, tuple(shaken)),
            shaken,
            tuple(self.random.sample(OTHERS, self.random.choice((1, 2, 2, 3)))),
            gap=self._gap(),
        )

    def _events(self) -> dict[int, str]:
        hits = self.random.sample(range(1, self.plan.count), self.random.choice((0, 1, 1, 2)))
        return {hit: self.random.choice(list(texts.EVENTS)) for hit in hits}

    def _gap(self) -> tuple[int, int]:
        """A stretch of sessions before which the client did not answer."""
        if self.random.random() < 0.7 or self.plan.count < 8:
            return (0, 0)
        start = self.random.randrange(3, self.plan.count - 3)
        return start, start + self.random.choice((2, 3))

    def _screen(self, member: Member, at: datetime, *, told: bool) -> None:
        """The safety screen, alone in the room; ``told`` of something, or no to everything."""
        version = self.versions["safety-screen"]
        yes = ("controlled.year", "humiliated.year") if told else ()
        self._answered(member, "safety-screen", answers.safety(version.definition, yes), at, channel="room")
        if told and self.plan.flag == "acknowledged":
            flag = SafetyFlag.objects.get(client=member.client)
            done = self.random.choice(texts.FLAG_DONE)
            safety.acknowledge_flag(by=self.by, flag=flag, done=done, at=at + timedelta(minutes=40))

    def _link(self) -> None:
        if len(self.members) == 2:
            first, second = (member.client for member in self.members)
            at = self._at(self.plan.first - timedelta(days=1), 18)
            care.link_couple(by=self.by, first=first, second=second, starts_on=at.date(), at=at)
            self.is_couple = True

    def _answered(
        self, member: Member, slug: str, given: dict[str, object], at: datetime, channel: str = "portal"
    ) -> None:
        """Asked a few days before, answered at ``at``."""
        asked = at - timedelta(days=self.random.choice((2, 3, 5)) if channel == "portal" else 0, minutes=20)
        assignment = self._asked(member, slug, asked, due_on=at.date() + timedelta(days=1), channel=channel)
        by = self.by if channel == "room" else member.client.user
        minutes = self.random.choice((3, 4, 6))
        own.answer(assignment, given, by=by, clinician=self.by, minutes=minutes, at=at)

    def _asked(
        self, member: Member, slug: str, at: datetime, due_on: date | None, channel: str = "portal"
    ) -> Assignment:
        version = self.versions[slug]
        return assigning.assign(
            by=self.by, clients=[member.client], versions=[version], channel=channel, due_on=due_on, at=at
        )[0]

    def _appointment(self, number: int) -> None:
        """One date: answers before it, the session, ratings and decisions after it."""
        day = self._day(number)
        starts_at = self._at(day, self.plan.hour)
        for member in self.members:
            self._before(member, number, day)
        held = self.random.random() < 0.9 or number == 0
        attendance = "held" if held else self.random.choice(("cancelled", "late", "missed"))
        joint = self.is_couple and number % 2 == 1
        for session, member in self._sessions(number, starts_at, attendance, joint):
            if held:
                self._after(session, member, number, starts_at)

    def _sessions(
        self, number: int, starts_at: datetime, attendance: str, joint: bool
    ) -> list[tuple[TherapySession, Member]]:
        """The rows of this date: one for both partners together, or an hour each."""
        after = starts_at + timedelta(hours=2 if self.is_couple and not joint else 1)
        rows: list[tuple[TherapySession, Member]] = []
        for seat, member in enumerate(self.members):
            if joint and seat:
                mine = TherapySession.objects.select_related("client", "episode", "clinician")
                rows.append((mine.get(client=member.client, starts_at=starts_at), member))
                continue
            kind = "intake" if number == 0 else "joint" if joint else self._kind()
            note = texts.session_note(self.random, member.course.prominent) if attendance == "held" else ""
            session = sessions.add_session(
                by=self.by,
                client=member.client,
                clinician=self.clinician,
                starts_at=starts_at + timedelta(hours=0 if joint else seat),
                kind=kind,
                attendance=attendance,
                note=note,
                with_partner=joint,
                at=after,
            )
            rows.append((session, member))
        return rows

    def _kind(self) -> str:
        return "remote" if self.random.random() < 0.2 else "individual"

    def _before(self, member: Member, number: int, day: date) -> None:
        at = self._at(day - timedelta(days=1), 19 + number % 3, self.random.randrange(60))
        true = member.course.true[number]
        if member.gap[0] <= number < member.gap[1] or self.random.random() < 0.12:
            return
        wished = list(member.course.prominent[:3]) if number == 1 else []
        self._answered(member, "barriers", answers.barriers(self.random, true, wished), at)
        if number and self.random.random() < 0.3:
            along = number / max(1, self.plan.count - 1)
            given = answers.check_in(self.random, true, member.focus) | own.goal_answers(member.client, along)
            self._answered(member, "session-checkin", given, at + timedelta(minutes=9))
        if number in (0, self.plan.count // 2, self.plan.count - 1):
            self._others(member, number, at)

    def _others(self, member: Member, number: int, at: datetime) -> None:
        for place, slug in enumerate(member.others):
            if slug == "attachment-patterns" and number:  # it changes slowly: asked once here
                continue
            definition = self.versions[slug].definition
            given = answers.other(self.random, definition, member.course.true[number])
            self._answered(member, slug, given, at + timedelta(minutes=20 + 12 * place))

    def _after(self, session: TherapySession, member: Member, number: int, starts_at: datetime) -> None:
        at = starts_at + timedelta(minutes=70)
        true = member.course.true[number]
        if self.random.random() < 0.8:
            ratings = clinician_ratings(self.random, true, member.course.prominent)
            rating.rate(by=self.by, session=session, ratings=ratings, at=at)
        if number == 1:
            member.focus = list(member.course.prominent[: self.random.choice((2, 3))])
            course.decide_focus(by=self.by, client=member.client, barriers=member.focus, at=at)
            own.set_goals(member.client, by=self.by, at=at)
        if number in member.shaken:
            kind = member.shaken[number]
            course.add_life_event(
                by=self.by,
                client=member.client,
                kind=kind,
                happened_on=starts_at.date() - timedelta(days=self.random.randrange(1, 6)),
                note=self.random.choice(texts.EVENTS[kind]),
                session=session,
                at=at,
            )

    def _discharge(self) -> None:
        day = self._day(self.plan.count - 1) + timedelta(days=3)
        for member in self.members:
            course.discharge(
                by=self.by,
                client=member.client,
                reason=self.random.choice(("completed", "agreed", "stopped", "moved")),
                closing_note=self.random.choice(texts.CLOSING_NOTES),
                ends_on=day,
                at=self._at(day, 12),
            )

    def _ahead(self) -> None:
        """The next appointment, and what is still unanswered."""
        last = self._day(self.plan.count - 1)
        upcoming = last + timedelta(days=self.plan.every)
        today = self.clinician.practice.today(self.now)
        while upcoming <= today:
            upcoming += timedelta(days=self.plan.every)
        for seat, member in enumerate(self.members):
            sessions.add_session(
                by=self.by,
                client=member.client,
                clinician=self.clinician,
                starts_at=self._at(upcoming, self.plan.hour + seat),
                kind="individual",
                at=self.now - timedelta(hours=2),
            )
            chance = self.random.random()
            if chance < 0.55:
                asked = max(self._at(last, 20), self.now - timedelta(days=9))
                asked = min(asked, self.now - timedelta(minutes=5))
                due = today - timedelta(days=self.random.choice((1, 2, 4))) if chance < 0.14 else upcoming
                self._asked(member, "barriers", asked, due_on=max(due, asked.date()))
