"""The project: settings, URLs, logs, storages, the web server and the task queue."""
