"""The record's reading pages: overview, one barrier, measures, homework."""

from tests.access.matrix import CLIENT_PAGE, Row


def client(w):
    return {"pk": w.client.pk}


ROWS = [
    Row("dashboard:client", client, get=CLIENT_PAGE),
    Row("dashboard:client_measures", client, get=CLIENT_PAGE),
    Row("dashboard:client_homework", client, get=CLIENT_PAGE),
    Row("dashboard:barrier", lambda w: {"pk": w.client.pk, "code": "b07"}, get=CLIENT_PAGE),
]
