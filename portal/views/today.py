"""What is asked of me, and what I finished."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from clients.models import Client
from clients.queries.joining import missing_consent
from portal import pages, queries
from portal.gates import own


@require_safe
@own
def today(request: HttpRequest, clients: list[Client]) -> HttpResponse:
    client = clients[0]
    pages.record_opened(request, clients, "today")
    groups = [(one.practice, queries.tasks(one)) for one in clients]
    context = {
        "client": client,
        "groups": groups,
        "anything": any(tasks for _practice, tasks in groups),
        "finished": queries.finished(clients, request.GET.get("after", "")),
        "paged": bool(request.GET.get("after")),
        "notice_waits": missing_consent(client) is not None,
    }
    return pages.show(request, "portal/today.html", client.practice, context)
