"""Celery: JSON, ids only, late acknowledgement, no results. Beat only rings; the rows decide what is due."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init
from django.conf import settings
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

TRANSPORT_ALIASES["folder"] = "config.folder:Transport"
app = Celery("trestle")


def limits(lease: int) -> tuple[int, int, int]:
    """Soft limit < hard limit < lease < visibility timeout, the first, second and last (s) of this lease.

    A worker always stops before its lease can be taken over, and the broker never redelivers what still runs.
    """
    return lease // 2, lease * 3 // 4, lease * 2


SOFT_LIMIT, HARD_LIMIT, VISIBILITY_TIMEOUT = limits(settings.REPORT_LEASE_SECONDS)

QUEUES = ("interactive", "bulk", "mail")
"""What somebody waits for · what can wait · messages. Every task names one; make run and compose serve all."""
EMBEDDED = settings.CELERY_BROKER_URL == "filesystem://"


def transport_options() -> dict[str, Any]:
    """Redis gets its visibility timeout; the embedded broker its folder and polling (0.1 s)."""
    if not EMBEDDED:
        return {
            "visibility_timeout": VISIBILITY_TIMEOUT,
            "unacked_restore_interval": 2,
            "socket_connect_timeout": 2,
            "socket_timeout": 5,
            "retry_on_timeout": True,
        }
    settings.CELERY_BROKER_DIR.mkdir(parents=True, exist_ok=True)
    return {"folder": str(settings.CELERY_BROKER_DIR), "polling_interval": 0.1}


app.conf.update(
    broker_url="folder://localhost//" if EMBEDDED else settings.CELERY_BROKER_URL,
    broker_transport_options=transport_options(),
    broker_connection_retry_on_startup=True,
    broker_connection_timeout=2,
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    result_backend=None,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_publish_retry=False,
    worker_prefetch_multiplier=1,
    worker_max_memory_per_child=400_000,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    worker_enable_remote_control=not EMBEDDED,
    task_soft_time_limit=SOFT_LIMIT,
    task_time_limit=HARD_LIMIT,
    task_default_queue="interactive",
    # Each task has its queue here (Celery deprecates naming it at the task); a test holds that none is forgotten.
    task_routes={
        "practice.dispatch_mail": {"queue": "mail"},
        "practice.clear_sessions": {"queue": "bulk"},
        "assessments.import_responses": {"queue": "bulk"},
        "assessments.dispatch_imports": {"queue": "interactive"},
        "assessments.sweep_imports": {"queue": "bulk"},
        "assessments.count_stale": {"queue": "bulk"},
        "reports.make": {"queue": "interactive"},
        "reports.dispatch": {"queue": "interactive"},
        "reports.sweep_files": {"queue": "bulk"},
    },
    timezone="UTC",
    beat_sync_every=12,  # the schedule file is written every half minute, so its age tells whether beat lives
    beat_schedule={
        "dispatch-reports": {"task": "reports.dispatch", "schedule": settings.DISPATCH_SECONDS},
        "dispatch-imports": {"task": "assessments.dispatch_imports", "schedule": settings.DISPATCH_SECONDS},
        "sweep-imports": {"task": "assessments.sweep_imports", "schedule": 3600.0},
        "dispatch-mail": {"task": "practice.dispatch_mail", "schedule": settings.DISPATCH_SECONDS},
        "count-measures": {"task": "assessments.count_stale", "schedule": 60.0},
        "sweep-files": {"task": "reports.sweep_files", "schedule": 3600.0},
        "clear-sessions": {"task": "practice.clear_sessions", "schedule": 86400.0},
    },
)
app.autodiscover_tasks()


@worker_process_init.connect
def close_inherited_connections(**_: Any) -> None:
    """Connections and pools do not survive a fork."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        if hasattr(connection, "close_pool"):
            connection.close_pool()
        connection.connection = None
