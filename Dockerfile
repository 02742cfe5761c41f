# The web server and the worker; compose.yaml says what each container runs. PostgreSQL, Redis and Elasticsearch are containers of their own.
FROM python:3.11-slim AS build
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUTF8=1 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 FLASK_APP=wsgi MEDIA_DIR=/data/media
# A new volume on /data/media takes its owner from here.
RUN useradd --system --uid 10001 --no-create-home town && install -d -o town -g town -m 0700 /data/media
COPY --from=build /venv /venv
WORKDIR /srv/town
COPY wsgi.py ./
COPY app app
COPY search search
COPY migrations migrations
RUN python -m compileall -q app search wsgi.py
USER town
EXPOSE 8000
CMD ["gunicorn", "-c", "python:app.core.server.gunicorn_conf", "--bind", "0.0.0.0:8000", "wsgi:app"]
