"""The template helpers of the look."""

import pytest

from practice.templatetags.look import device

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (CHROME, "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1", "Safari on iPhone"),
        (f"{CHROME} Edg/126.0", "Edge on Linux"),
        ("curl/8.5", "Another browser"),
        ("", "Another browser"),
    ],
)
def test_a_device_is_told_as_people_know_it(agent, told):
    assert device(agent) == told
