"""The hidden field of each form that posts.  A builtin of our templates, so nothing has to be loaded."""

from django import template
from django.middleware.csrf import get_token
from django.template import RequestContext
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

MASKED = "CSRF_TOKEN_OF_THIS_PAGE"


@register.simple_tag(takes_context=True)
def csrf_input(context: RequestContext) -> SafeString:
    """Like Django's ``{% csrf_token %}``, and it also works in templates that are included with ``only``.

    All forms of a page have the same token.  Django masks the token differently on each call, which compresses badly.
    """
    meta = context.request.META
    if MASKED not in meta:
        meta[MASKED] = get_token(context.request)
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', meta[MASKED])
