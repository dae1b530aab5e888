"""Two dates side by side, and the couple page."""

from tests.access.matrix import CLIENT_PAGE, Row


def client(w):
    return {"pk": w.client.pk}


ROWS = [
    Row("dashboard:client_compare", client, get=CLIENT_PAGE),
    Row("dashboard:couple", client, get=CLIENT_PAGE),
]
