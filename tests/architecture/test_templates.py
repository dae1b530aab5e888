"""Every template compiles and holds nothing that the Content Security Policy blocks; every response carries it."""

import pytest
from django.conf import settings

from scripts.templates import blocked, compile_problems, html_templates


def test_every_template_compiles():
    assert list(compile_problems()) == []


def test_no_template_holds_what_the_policy_blocks(root):
    found = [
        f"{path.relative_to(root)}:{line}: {reason}"
        for path in html_templates()
        for line, reason in blocked(path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<p>\n<script>go()</script>", "inline script"),
        ('<script type="module">go()</script>', "inline script"),
        ("<p>\n<style>p {}</style>", "inline style"),
        ('<p>\n<b style="color: red">', "style attribute"),
        ('<p>\n<b onclick="go()">', "on… attribute"),
        ("<p>\n<b hx-on:click='go()'>", "hx-on attribute (evaluates text)"),
        ('<p>\n<a href="javascript:go()">', "javascript: address"),
        ('<p>\n<img src="//elsewhere.example/x.png">', "another host"),
        ('<p>\n<link rel="stylesheet" href="https://elsewhere.example/x.css">', "another host"),
    ],
)
def test_what_is_blocked_is_found(text, reason):
    assert [found for _line, found in blocked(text)] == [reason]


@pytest.mark.parametrize(
    "text",
    [
        '<script src="/static/js/app.js" defer></script>',
        '<script type="application/json" id="points">[1, 2]</script>',
        "{# <script>a note</script> #}",
        "{% comment %}\n<style></style>{% endcomment %}",
        '<p class="lifestyle=x">once upon="a"</p>',
        '<a href="https://elsewhere.example/">elsewhere</a>',
    ],
)
def test_what_is_allowed_is_left_alone(text):
    assert list(blocked(text)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/account/", "/no-such-page", "/static/no-such-file.css"])
def test_every_response_carries_a_strict_policy(client, path):
    response = client.get(path)
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_the_policy_allows_no_other_host():
    sources = {source for sources in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].values() for source in sources}
    assert sources == {"'none'", "'self'", "data:"}
