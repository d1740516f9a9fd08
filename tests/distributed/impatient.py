"""The job engine of a worker from whom Redis takes a message back after a second, to bring it again."""

from editor_site.celery import app

app.conf.broker_transport_options = app.conf.broker_transport_options | {"visibility_timeout": 1}
