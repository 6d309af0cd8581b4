# syntax=docker/dockerfile:1
# Web service.
FROM python:3.12-slim-bookworm AS builder

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1
ARG VERSION=dev

WORKDIR /srv/app

# All of it, for now.
COPY requirements/ ./requirements/

# Compilers and the tools the service calls.
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      build-essential \
      default-libmysqlclient-dev \
      pkg-config \
      ffmpeg \
      curl \
 && rm -rf /var/lib/apt/lists/*

RUN pip install --upgrade pip
RUN pip install --prefix=/install -r requirements/prod.txt

FROM python:3.12-slim-bookworm
ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1
ARG VERSION=dev
WORKDIR /srv/app
RUN apt-get update \
    && apt-get install -y --no-install-recommends libmariadb3 ffmpeg curl \
    && rm -rf /var/lib/apt/lists/*
COPY --from=builder /install /usr/local
COPY . .
EXPOSE 8000

RUN useradd --create-home app && chown -R app /srv/app
USER app
LABEL version=$VERSION
HEALTHCHECK CMD curl -f http://localhost:8000/ || exit 1
CMD gunicorn --bind :8000 service:app
