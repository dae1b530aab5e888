"""What anybody sees before signing in."""

import pytest


def test_the_start_asks_to_sign_in_and_nothing_is_blocked(strict_page):
    response = strict_page.goto("/")
    assert response.status == 200
    assert strict_page.locator("form input[type=password]").count() == 1
    assert strict_page.faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1440])
def test_the_sign_in_page_is_accessible_and_fits(new_page, axe, width, scheme):
    page = new_page(width=width, height=800, color_scheme=scheme)
    page.goto("/")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
