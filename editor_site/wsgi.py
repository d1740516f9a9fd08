"""The WSGI application."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver
from django.utils.module_loading import import_string

from editor_site.request_body import read_to_the_end
from editor_site.startup import without_garbage_collection
from editor_site.sub_path import below

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "editor_site.settings")

MOST_BODY_BYTES = "edits.services.api.body_limits.most_body_bytes"
"""By name, because the app's code can be imported only after Django is set up."""

with without_garbage_collection():
    django = get_wsgi_application()
    get_resolver().url_patterns  # noqa: B018  loads the pages, which the first request would do
application = below(settings.BASE_PATH, read_to_the_end(django, most_bytes=import_string(MOST_BODY_BYTES)))
