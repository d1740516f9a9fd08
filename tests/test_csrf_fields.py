"""Forms that post carry a token, wherever their template is included."""

import re

from django.template import engines
from django.test import Client, RequestFactory

from edits.models import User
from tests.conftest import signed_in
from tests.test_design import TEMPLATES

FIELD = re.compile(r'name="csrfmiddlewaretoken" value="(\w{64})"')


def test_a_template_that_is_included_with_only_has_a_token() -> None:
    inner = engines["django"].from_string("{% csrf_input %}")
    page = engines["django"].from_string("{% include inner only %}")
    assert FIELD.search(page.render({"inner": inner}, RequestFactory().get("/")))


def test_all_forms_of_a_page_have_the_same_token_so_that_it_compresses(alice: User) -> None:
    tokens = FIELD.findall(signed_in(alice).get("/settings/").content.decode())
    assert len(tokens) > 3
    assert len(set(tokens)) == 1


def test_two_pages_have_different_tokens(alice: User) -> None:
    """Otherwise the length of compressed pages would give it away."""
    client = Client()
    first, second = (FIELD.findall(client.get("/accounts/login/").content.decode()) for _ in range(2))
    assert first
    assert not set(first) & set(second)


def test_each_form_that_posts_has_the_field() -> None:
    """Django's own tag would be empty where a template is included with ``only``."""
    forms = [
        (path.name, form)
        for path in TEMPLATES
        for form in re.findall(r'<form\b[^>]*method="post".*?</form>', path.read_text(), flags=re.S)
    ]
    assert len(forms) > 50
    assert not [name for name, form in forms if "{% csrf_input %}" not in form]
    assert [path.name for path in TEMPLATES if "csrf_token" in path.read_text()] == [
        "base.html"
    ]  # for scripts
