"""What an anchor answer was said about. For answers that exist: the latest submission before, withdrawn ones too, so
that nothing is paired across one that is gone."""

from django.db import migrations, models


def fill(apps, _schema_editor):
    Response = apps.get_model("assessments", "Response")
    for row in (
        Response.objects.exclude(anchor="")
        .select_related("version")
        .only(*("practice", "client", "episode", "relationship", "version__instrument", "submitted_at"))
    ):
        before = Response.objects.filter(
            practice=row.practice_id,
            client=row.client_id,
            episode=row.episode_id,
            relationship=row.relationship_id,
            version__instrument=row.version.instrument_id,
            respondent="client",
            submitted_at__isnull=False,
        ).exclude(pk=row.pk)
        if row.submitted_at is not None:
            before = before.filter(submitted_at__lt=row.submitted_at)
        latest = before.order_by("-submitted_at", "-pk").values_list("pk", flat=True).first()
        Response.objects.filter(pk=row.pk).update(anchor_to=latest)


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0006_trajectory_versions"),
    ]

    operations = [
        migrations.AddField("response", "anchor_to", models.UUIDField(blank=True, editable=False, null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
