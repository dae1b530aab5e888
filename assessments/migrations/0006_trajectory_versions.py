"""The versions on which the baseline and the latest value of a series were answered; rows that exist are filled."""

import uuid

from django.db import migrations, models
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

NO_RELATIONSHIP = uuid.UUID(int=0)


def fill(apps, _schema_editor):
    """As ``rebuild_trajectories`` counts them: by the first and the last score with a value, in the order of time."""
    Score, Trajectory = apps.get_model("assessments", "Score"), apps.get_model("assessments", "Trajectory")
    about = Coalesce("response__relationship_id", Value(NO_RELATIONSHIP, output_field=models.UUIDField()))
    scores = (
        Score.objects.annotate(about=about)
        .filter(
            practice=OuterRef("practice"),
            client=OuterRef("client"),
            scale=OuterRef("scale"),
            episode=OuterRef("episode"),
            respondent=OuterRef("respondent"),
            about=OuterRef("relationship"),
            value__isnull=False,
        )
        .values("response__version_id")
    )
    Trajectory.objects.update(
        baseline_version=Subquery(scores.order_by("at", "pk")[:1]),
        latest_version=Subquery(scores.order_by("-at", "-pk")[:1]),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0005_response_people"),
    ]

    operations = [
        migrations.AddField("trajectory", "baseline_version", models.UUIDField(null=True)),
        migrations.AddField("trajectory", "latest_version", models.UUIDField(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
