"""What a web server runs."""

import os

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

from editor_site.bodies import read_to_the_end

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "editor_site.settings")

MOST_BODY_BYTES = "edits.services.programs.body_limits.most_body_bytes"
"""By name: the app's code can only be imported once Django is set up."""

django = get_wsgi_application()
application = read_to_the_end(django, most_bytes=import_string(MOST_BODY_BYTES))
