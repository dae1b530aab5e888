# syntax=docker/dockerfile:1
# The product's image: one for migrate, web, worker and beat. Pin the base further with a digest where you build:
#   docker build --build-arg PYTHON_IMAGE=python:3.11.11-slim-bookworm@sha256:… .
ARG PYTHON_IMAGE=python:3.11.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt .
# Every package is pinned with its hash; only wheels, so that nothing is compiled or run while it is installed.
RUN /opt/venv/bin/pip install --require-hashes --only-binary :all: -r requirements.txt

FROM ${PYTHON_IMAGE}
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data trestle \
    && install --directory --owner trestle --group trestle --mode 0700 /data
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
RUN python -m compileall -q /app /opt/venv
USER 10001:10001
EXPOSE 8000
VOLUME /data
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--blocking-threads", "1", "--no-ws", \
     "--respawn-failed-workers", "config.wsgi:application"]
