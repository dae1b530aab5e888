"""What several modules of the reports' tests use."""

import pytest

from practice import audit


@pytest.fixture
def real_transactions(transactional_db):
    """Commits for real; the audit trail's triggers are taken away only for emptying the tables at the end."""
    yield
    audit.drop_triggers()
