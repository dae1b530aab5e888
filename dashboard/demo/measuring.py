"""The relationship spectrum, twice, of everybody in care not asked before; of couples at once, with the agreements.

So many answered it that its noise is known, provisionally: the record shows bands, verdicts and intervals. Random of
its own, so that the rest of the demo stays what it was.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from assessments.actions import answering, assigning
from assessments.models import Assignment, InstrumentVersion
from assessments.schema import Definition
from clients.models import CareAssignment, Client, Partner
from practice.models import Membership, User

SPECTRUM, AGREEMENTS = "relationship-spectrum", "secure-agreements"
LOW, HIGH = 0, 4
WEEKS_AGO = (11, 2)
Place = dict[str, float]


def measure(
    random: Random, clinicians: Sequence[Membership], versions: dict[str, InstrumentVersion], now: datetime
) -> None:
    """Ask and answer. The first couple of a clinician has answered everything twice, one partner of the others once."""
    for clinician in clinicians:
        for number, people in enumerate(_in_care(clinician, now - timedelta(weeks=WEEKS_AGO[0], days=3))):
            places = {person.pk: _place(random) for person in people}
            slugs = (SPECTRUM, AGREEMENTS) if len(people) == 2 else (SPECTRUM,)
            for weeks in WEEKS_AGO:
                asked = now - timedelta(weeks=weeks, days=2)
                wanted = [versions[slug] for slug in slugs]
                for row in assigning.assign(by=clinician.user, clients=people, versions=wanted, at=asked):
                    late = weeks == WEEKS_AGO[-1] and number > 1 and row.client_id == people[-1].pk
                    if not (late and len(people) == 2):
                        _answer(random, row, places[row.client_id], now - timedelta(weeks=weeks))
                places = {pk: _moved(random, place) for pk, place in places.items()}


def _in_care(clinician: Membership, since: datetime) -> list[list[Client]]:
    """Clients in care since that day who have not answered it before, partners together, the couples first."""
    care = CareAssignment.objects.filter(clinician=clinician, role="primary", ends_on=None)
    before = Assignment.objects.filter(version__instrument__slug=SPECTRUM, practice=clinician.practice)
    clients = Client.objects.exclude(pk__in=before.values("client")).filter(
        pk__in=care.values("client"),
        status="active",
        user__isnull=False,
        episodes__ends_on=None,
        episodes__starts_on__lte=clinician.practice.today(since),
    )
    by_id = {client.pk: client for client in clients.select_related("user", "practice").order_by("code")}
    couples: dict[object, list[Client]] = {}
    for place in Partner.objects.filter(ended=False, client__in=by_id).order_by("seat", "client__code"):
        couples.setdefault(place.couple_id, []).append(by_id[place.client_id])
    pairs = [people for people in couples.values() if len(people) == 2]
    paired = {person.pk for people in pairs for person in people}
    return [*pairs, *([client] for pk, client in by_id.items() if pk not in paired)]


def _place(random: Random) -> Place:
    """Where somebody stands on each of the three scales, 0–4."""
    return {
        "independence": random.uniform(0.4, 3.4),
        "interdependence": random.uniform(0.6, 2.8),
        "codependence": random.uniform(0.4, 3.6),
    }


def _moved(random: Random, place: Place) -> Place:
    """Nine weeks on: most are nearer to interdependence, some are not."""
    step = random.choice((0.0, 0.3, 0.8, 1.3))
    return {
        "independence": place["independence"] * (1 - 0.2 * step),
        "interdependence": min(3.7, place["interdependence"] + step),
        "codependence": place["codependence"] * (1 - 0.35 * step),
    }


def _answer(random: Random, assignment: Assignment, place: Place, at: datetime) -> None:
    definition: Definition = assignment.version.definition
    user: User | None = assignment.client.user
    scale_of = {name: scale.key for scale in definition.scales for name in scale.items}
    given: dict[str, object] = {
        item.id: max(LOW, min(HIGH, round(random.gauss(place.get(scale_of[item.id], place["interdependence"]), 0.75))))
        for item in definition.items
    }
    response = answering.start(assignment=assignment, by=user, at=at - timedelta(minutes=5))
    saved = answering.save(response=response, answers=given, key="demo:1", by=user, at=at - timedelta(minutes=1))
    if saved.errors:
        raise ValueError(f"{definition.slug}: {saved.errors}")
    answering.submit(response=response, by=user, at=at)
