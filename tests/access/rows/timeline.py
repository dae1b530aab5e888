"""The time line of a record."""

from tests.access.matrix import CLIENT_PAGE, Row


def client(w):
    return {"pk": w.client.pk}


ROWS = [
    Row("dashboard:client_timeline", client, get=CLIENT_PAGE),
]
