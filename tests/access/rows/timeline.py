"""The time line of a record, and the record on paper."""

from tests.access.matrix import CLIENT_PAGE, Row


def client(w):
    return {"pk": w.client.pk}


ROWS = [
    Row("dashboard:client_timeline", client, get=CLIENT_PAGE),
    Row("dashboard:client_print", client, get=CLIENT_PAGE),
]
