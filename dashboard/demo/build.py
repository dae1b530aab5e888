"""Builds the demo: one practice of 112 clients and one of 8, so that every gate of N shows.

Deterministic from a seed and the day it is made; made through the same actions as the product, inside one transaction.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from django.contrib.auth.hashers import make_password
from django.db import transaction

from assessments.models import InstrumentVersion
from assessments.queries.library import latest_versions
from clients.models import CareAssignment, Client
from dashboard.demo.bulk import fill
from dashboard.demo.case import Case, Plan
from dashboard.demo.day import have_a_day
from dashboard.demo.history import bring_history
from dashboard.demo.measuring import measure
from dashboard.demo.names import people
from dashboard.demo.righted import put_right
from dashboard.demo.together import work_together
from practice.actions.people import add_member, change_member, found_practice, start_supervision
from practice.actions.settings import change_settings, publish_notice
from practice.models import Membership, Practice, User

PASSWORD = "interdependence"  # noqa: S105 - everybody's in the demo, which refuses to load on a public host
MARK = "demo.example"
SHARE_OF_COUPLES = 48 / 112
SATURDAY = 5

LARGE, SMALL = "Harbour Lane Practice", "Two Rivers Counselling"

NOTICE = """What we keep and why

We keep what you tell us and what you answer here to plan your sessions with you. Your therapist reads it. So may a
colleague who stands in for them, their supervisor with a reason, and in an emergency the practice's owner; each time is
recorded. Your partner cannot see your answers, even when you come together.

What you write is stored encrypted. A list is kept of everyone who opens your record, and you may ask to see it.

You can skip any question, stop at any time and take your agreement back. What you sent before stays in your record, as
the law asks of us.

Answers are not read at once. In danger, please call the emergency number."""

CRISIS = (
    "If you or someone else is in danger, call 112 now. "
    "You can talk to somebody at any hour on the night line, 0800 000 000."
)

Staff = tuple[str, str, str, tuple[str, ...]]
"""Sign-in, name, title, roles."""
STAFF: tuple[Staff, ...] = (
    ("owner@demo.example", "Ingrid Halvorsen", "Practice owner", ("owner",)),
    ("supervisor@demo.example", "Dr. Malcolm Obi", "Supervisor", ("supervisor",)),
    ("supervisor2@demo.example", "Dr. Elena Brandt", "Supervisor", ("supervisor",)),
    ("clinician@demo.example", "Ruth Castellan", "LMFT", ("clinician",)),
    ("clinician2@demo.example", "Daniel Okonjo", "LMFT", ("clinician",)),
    ("clinician3@demo.example", "Mia Lindholm", "Psychologist", ("clinician",)),
    ("clinician4@demo.example", "Arjun Mehta", "LMFT associate", ("clinician",)),
    ("clinician5@demo.example", "Josefine Kray", "Counsellor", ("clinician",)),
    ("clinician6@demo.example", "Tomás Rivera", "LMFT associate", ("clinician",)),
)

OWN_CLINICIANS, CASELOAD = 6, 100
"""The clinicians above, and how many clients one has at most in a very large practice."""
MANY = 400
"""More clients than this are written as rows (``bulk.fill``), not played one by one."""

Report = Callable[[str], None]


@dataclass(frozen=True)
class Size:
    """How many clients the large practice has, and how many sessions each (both ends inclusive)."""

    clients: int = 112
    fewest: int = 6
    most: int = 30


def exists() -> bool:
    """Whether a demo has been loaded."""
    return User.objects.filter(sign_in=f"owner@{MARK}").exists()


@transaction.atomic
def build(*, seed: int, size: Size, now: datetime, tell: Report) -> None:
    """Make both practices. Raises ``LookupError`` when no instrument has been loaded."""
    random = Random(seed)
    versions = {version.instrument.slug: version for version in latest_versions()}
    if "barriers" not in versions:
        raise LookupError("no instrument is loaded; run manage.py load_library first")
    founded = now - timedelta(days=max(900, 7 * size.most + 60))
    clinicians = _large(founded, _colleagues(random, -(-size.clients // CASELOAD) - OWN_CLINICIANS))
    tell(f"{LARGE}: {size.clients} clients")
    if size.clients > MANY:
        fill(
            random,
            clinicians=clinicians,
            version=versions["barriers"],
            clients=size.clients,
            sessions=size.most,
            now=now,
            tell=tell,
        )
        folks = iter(people(random, 8))
    else:
        folks = iter(people(random, size.clients + 8))
        made = _cases(random, clinicians, versions, size, round(size.clients * SHARE_OF_COUPLES / 2), folks, now)
        _history(random, versions, made, now)
        measure(Random(seed + 1), clinicians, versions, now)
        work_together(clinicians, now)
        have_a_day(Random(seed + 2), clinicians[0], versions, now)
        put_right(clinicians[0], now)
    tell(f"{SMALL}: 8 clients")
    few = Size(8) if size.clients > MANY else Size(8, size.fewest, size.most)
    _cases(random, [_small(founded)], versions, few, 1, folks, now, flags=False)
    _passwords()


def _passwords() -> None:
    """One hash for all: hashing is slow by design, and everybody's password is the same here."""
    User.objects.filter(sign_in__endswith=".example").update(password=make_password(PASSWORD))


def _practice(owner: Membership, at: datetime, mail_name: str) -> Practice:
    practice = change_settings(by=owner.user, practice=owner.practice, crisis_text=CRISIS, mail_name=mail_name, at=at)
    publish_notice(by=owner.user, practice=practice, text=NOTICE, at=at)
    return practice


def _colleagues(random: Random, count: int) -> tuple[Staff, ...]:
    """More clinicians, where the clients are too many for those there are."""
    found = people(random, max(0, count))
    return tuple(
        (f"clinician{number}@{MARK}", f"{person.first} {person.last}", "LMFT", ("clinician",))
        for number, person in enumerate(found, OWN_CLINICIANS + 1)
    )


def _large(at: datetime, more: Sequence[Staff] = ()) -> list[Membership]:
    """The staff of the large practice; the first supervisor has four supervisees, the second the others."""
    email, name, title, roles = STAFF[0]
    owner = found_practice(name=LARGE, time_zone="Europe/Berlin", owner_email=email, owner_name=name, at=at)
    change_member(by=owner.user, membership=owner, roles=roles, title=title, ends_on=None, at=at)
    practice = _practice(owner, at, "Harbour Lane")
    members = [owner]
    for email, name, title, roles in (*STAFF[1:], *more):
        user = User.objects.create_user(email, email=email, name=name, joined_at=at)
        members.append(
            add_member(
                by=owner.user, practice=practice, user=user, roles=roles, title=title, starts_on=at.date(), at=at
            )
        )
    supervisors, clinicians = members[1:3], members[3:]
    for place, clinician in enumerate(clinicians):
        start_supervision(
            by=owner.user,
            supervisor=supervisors[0 if place < 4 else 1],
            supervisee=clinician,
            starts_on=at.date() + timedelta(days=30),
            at=at,
        )
    return clinicians


def _small(at: datetime) -> Membership:
    """The small practice: one person with two roles."""
    owner = found_practice(
        name=SMALL, time_zone="America/Los_Angeles", owner_email=f"solo@{MARK}", owner_name="Naomi Fields", at=at
    )
    change_member(by=owner.user, membership=owner, roles=("owner", "clinician"), title="LMFT", ends_on=None, at=at)
    _practice(owner, at, "Two Rivers")
    return Membership.objects.select_related("practice", "user").get(pk=owner.pk)


def _cases(
    random: Random,
    clinicians: Sequence[Membership],
    versions: dict[str, InstrumentVersion],
    size: Size,
    couples: int,
    folks: Iterator,
    now: datetime,
    flags: bool = True,
) -> list[Client]:
    """Play all cases of a practice: so many couples, the rest single clients, spread over the clinicians."""
    notice = clinicians[0].practice.notices.get(version=1)
    sizes = [2] * couples + [1] * (size.clients - 2 * couples)
    random.shuffle(sizes)
    singles = 0
    made: list[Client] = []
    for number, members in enumerate(sizes):
        clinician = clinicians[number % len(clinicians)]
        singles += members == 1
        flag = {3: "open", 11: "acknowledged", 17: "open", 29: "acknowledged"}.get(singles, "") if members == 1 else ""
        plan = _plan(random, size, clinician, now, flag if flags else "", number // len(clinicians))
        case = Case(random, clinician=clinician, notice=notice, versions=versions, plan=plan, now=now)
        made += case.play([next(folks) for _member in range(members)])
    return made


def _history(random: Random, versions: dict[str, InstrumentVersion], made: Sequence[Client], now: datetime) -> None:
    """What the owner brought of those who have come for long."""
    owner = User.objects.get(sign_in=f"owner@{MARK}")
    long_ago = [client for client in made if (now.date() - client.created_at.date()).days > 60]
    bring_history(
        random,
        by=owner,
        practice=owner.memberships.get().practice,
        version=versions["attunement"],
        clients=long_ago,
        at=now - timedelta(days=3),
    )


def _is_ahead(day: date, hour: int, clinician: Membership, now: datetime) -> bool:
    """Whether a session on that day, and what is noted after it, would not be over yet."""
    return datetime.combine(day, time(hour + 3), tzinfo=clinician.practice.zone) > now


def _plan(random: Random, size: Size, clinician: Membership, now: datetime, flag: str, place: int) -> Plan:
    """First date, rhythm and number of sessions; the last one lies in the fortnight before now, or long ago."""
    # Most have come for some months, a few for a long time.
    count = size.fewest + round((size.most - size.fewest) * random.betavariate(1.1, 2.6))
    every = random.choice((7, 7, 14))
    ended = random.random() < 0.14 and flag != "open"
    today = clinician.practice.today(now)
    back = random.randint(30, 150) if ended else random.randint(1, every)
    hour = 8 + place % 9
    first = today - timedelta(days=back + every * (count - 1))
    while first.weekday() >= SATURDAY or _is_ahead(first + timedelta(days=every * (count - 1)), hour, clinician, now):
        first -= timedelta(days=random.choice((1, 2, 3, 4)))  # not everybody from the weekend onto Friday
    return Plan(first=first, every=every, count=count, hour=hour, ended=ended, flag=flag)


def who() -> Iterator[tuple[str, str]]:
    """Sign-in names and who they are: all staff, and one client of a couple and one alone."""
    for sign_in, name, title, roles in STAFF:
        yield sign_in, f"{name}, {title} ({', '.join(roles)}) · {LARGE}"
    yield f"solo@{MARK}", f"Naomi Fields, owner and clinician · {SMALL}"
    care = CareAssignment.objects.filter(clinician__user__sign_in=f"clinician@{MARK}", ends_on=None)
    asked = Client.objects.filter(pk__in=care.values("client"), status="active").select_related("user")
    single = asked.filter(partners=None, assignments__state="open").order_by("code").first()
    partner = asked.filter(partners__ended=False).order_by("code").first()
    for client, words in ((single, "a client with something to answer"), (partner, "a client who comes as a couple")):
        if client is not None and client.user is not None:
            yield client.user.sign_in, f"{client.full_name}, {words} · {LARGE}"
