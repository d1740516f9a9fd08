# One image for everything: web and worker separately, as in compose.yaml, or by default both in one container.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /srv/venv
ENV PATH=/srv/venv/bin:$PATH
COPY requirements.txt /srv/
RUN pip install --quiet --require-hashes -r /srv/requirements.txt
WORKDIR /srv/retake
COPY manage.py ./
COPY editor_site editor_site
COPY edits edits
COPY templates templates
COPY static static
# Compile the bytecode first: with Retake's umask, collectstatic would write it readable only by its own account.
RUN python -m compileall -q editor_site edits \
    && DATA_DIR=/tmp/data python manage.py collectstatic --noinput --verbosity 0

FROM python:3.13-slim
ENV PATH=/srv/venv/bin:$PATH PYTHONUNBUFFERED=1 HOST=0.0.0.0 PORT=8000 DATA_DIR=/data LOG_FORMAT=json
RUN useradd --uid 10001 --no-create-home --home-dir /srv/retake --shell /usr/sbin/nologin retake \
    && install -d -o retake -g retake -m 700 /data
COPY --from=build /srv/venv /srv/venv
COPY --from=build /srv/retake /srv/retake
WORKDIR /srv/retake
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "-m", "editor_site.probe"]
CMD ["python", "manage.py", "up"]
