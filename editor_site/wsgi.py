"""What a web server runs."""

import os

from django.core.wsgi import get_wsgi_application

from editor_site.bodies import read_to_the_end

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "editor_site.settings")

application = read_to_the_end(get_wsgi_application())
