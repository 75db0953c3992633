# One image for web, worker, beat and migrations; the command tells them apart (docker-compose.yml).
FROM python:3.11-slim-bookworm AS build
WORKDIR /build
COPY requirements.txt constraints.txt ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings
RUN groupadd --system --gid 10001 impftermin \
    && useradd --system --uid 10001 --gid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin impftermin
COPY --from=build /opt/venv /opt/venv
WORKDIR /srv/impftermin
COPY . .
# Static files get names with their hash. The values below are for this step alone and reach no running process.
RUN SECRET_KEY=only-for-building-the-static-files-000000000000000000000000 \
    ALLOWED_HOSTS=build SITE_URL=https://build.invalid DATABASE_URL=postgresql://build/build \
    REDIS_URL=redis://build EMAIL_URL=smtp://build \
    python manage.py collectstatic --no-input
USER 10001
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", "--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers", "config.wsgi:application"]
