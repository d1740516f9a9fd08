"""The project: settings, addresses, logs, storages, the web server and the job engine."""
