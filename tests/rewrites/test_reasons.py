"""Why a file that no pattern has a say about stays as it is: one reason for each thing such a file does."""

from __future__ import annotations

from functools import cache

import pytest

from slimstage.knowledge import KnowledgeBase, load
from slimstage.model import Model
from slimstage.rewrites import Conversion, Refusal, plan
from slimstage.syntax import parse


@cache
def knowledge() -> KnowledgeBase:
    return load()


def refusal(text: str) -> Refusal:
    found = plan(Model(parse(text), knowledge()))
    assert isinstance(found, Refusal), found
    return found


DEBIAN = "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y "


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("FROM nginx:1.27\nCOPY default.conf /etc/nginx/conf.d/\n", "only-configured"),
        ("FROM redis:7\nRUN mkdir /data2 && chmod 700 /data2\n", "only-configured"),
        ("FROM golang:1.22 AS b\nRUN go build -o /x .\nFROM alpine:3.20\nCOPY --from=b /x /x\n", "only-copies"),
        (DEBIAN + "curl ca-certificates\n", "only-packages"),
        ("FROM alpine:3.20\nRUN apk add --no-cache curl\n", "only-packages"),
        (DEBIAN + "nginx && a2enmod ssl\n", "only-packages"),
        (DEBIAN + "ca-certificates && curl -L x.example/y -o /usr/bin/y && chmod +x /usr/bin/y\n", "only-downloads"),
        ("FROM alpine:3.20\nRUN apk add build-base\n", "tools-unused"),
        (
            "FROM alpine:3.20\nRUN apk add --virtual .b build-base && ./configure && make install && apk del .b\n",
            "tools-removed",
        ),
        ("FROM alpine:3.20\nRUN apk add build-base && make install\n", "builds-by-hand"),
        ("FROM alpine:3.20\nRUN apk add npm && npm install x\n", "ecosystem-unknown"),
        ("FROM example.com/notebook:1\nRUN conda install pandas\n", "no-tools-on-other-base"),
        ("FROM alpine:3.20\nRUN apk add build-base && ./setup.sh\n", "opaque-script"),
        ("FROM node:20\nRUN ./setup.sh\n", "opaque-script"),
        ("FROM rabbitmq:3\nRUN rabbitmq-plugins enable --offline x\n", "no-tools-on-other-base"),
        ("FROM alpine:3.20\nRUN apk add --virtual .b g++ && gem install x && apk del .b\n", "tools-removed"),
        (
            "FROM alpine:3.20\nRUN deps='g++ make' && apk add $deps && make install && apk del $deps\n",
            "tools-removed",
        ),
        (
            "FROM alpine:3.20\nRUN deps='git' && apk add $deps && git clone x.example/y /y && apk del $deps\n",
            "only-downloads",
        ),
        ("FROM alpine:3.20\nRUN apk add ruby && gem install x\n", "nothing-to-leave-behind"),
        (
            "FROM example.com/notebook:1\nRUN mamba install -y x && fix-permissions /opt/conda\n",
            "no-tools-on-other-base",
        ),
        ("FROM alpine:3.20\nRUN apk add gcc && conda install x\n", "ecosystem-unknown"),
        ("FROM browsers:1\nRUN npm ci --omit=dev && npx playwright install chromium\n", "no-tools-on-other-base"),
        # What a pattern would ask for is not told where there is nothing to gain.
        (
            "FROM node:20-alpine\nWORKDIR /x\nCOPY server.js .\nRUN npm install express\nCMD node server.js\n",
            "nothing-to-leave-behind",
        ),
        ("FROM node:20-alpine\nWORKDIR /app\nCOPY . .\nRUN npm install\nCMD node server.js\n", "manifest-needed"),
        (
            "FROM node:20-alpine\nRUN apk add --virtual .b g++ && npm install -g x && apk del .b && chown node /x\n",
            "tools-removed",
        ),
        (
            "FROM node:20\nRUN apt-get install -y nasm && npm install -g x && apt-get purge -y nasm && chown node /x\n",
            "mixed-run",
        ),
        ("FROM example.com/models:1\nRUN apt-get install -y haproxy && pip install x\n", "no-tools-on-other-base"),
        ("FROM example.com/models:1\nRUN apt-get install -y g++ && pip install x\n", "base-not-python"),
        ("ARG BASE\nFROM $BASE\nRUN pip install x\n", "unknown-base"),
        ("FROM buildpack-deps:bookworm\nRUN apt-get install -y g++ && make && apt-get purge -y g++\n", "mixed-run"),
        ('FROM mybase:1\nSHELL ["pwsh", "-c"]\nRUN Get-Thing\n', "opaque-run"),
    ],
)
def test_reason(text: str, reason: str) -> None:
    found = refusal(text)
    assert found.reason == reason
    for lang in ("en", "ko"):
        told = knowledge().text(f"conversion.refusal.{found.reason}", lang, **found.args)
        assert told and "{" not in told


def test_a_reason_names_what_it_is_about() -> None:
    text = "FROM alpine:3.20\nRUN apk add build-base && make install\n"
    found = refusal(text)
    assert found.args == {"command": "make"}
    assert found.place is not None
    start = found.place.span.start
    assert found.place.item.text[start:].startswith("make install")


def test_pip_on_an_image_without_a_smaller_relative() -> None:
    assert refusal("FROM jupyter/base-notebook\nRUN pip install flask\n").reason == "no-tools-on-other-base"
    # Whether an unknown package is a build tool is not known.
    assert refusal("FROM fedora:41\nRUN dnf install -y zzz && pip install flask\n").reason == "base-not-python"


@pytest.mark.parametrize("name", ["dev-envs", "DEV", "test"])
def test_a_stage_for_development_is_left_alone(name: str) -> None:
    text = f"FROM golang:1.22 AS base\nRUN go build -o /x .\nFROM base AS {name}\nRUN apt-get install -y git\n"
    assert refusal(text).reason == "development-image"


def test_a_verb_of_a_manager_that_cannot_be_moved_is_named() -> None:
    text = "FROM python:3.12-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install uv\n"
    text += 'RUN uv sync\nRUN uv pip install -r requirements.txt\nCOPY . .\nCMD ["python", "a.py"]\n'
    found = refusal(text)
    assert (found.reason, dict(found.args)) == ("manager-verb", {"command": "uv pip install"})


UV_PIP = "FROM python:3.11-slim\nRUN apt-get update && apt-get install -y gcc libpq-dev\nRUN pip install uv\n"


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("RUN uv pip install psycopg2\nCMD python3 a.py\n", "install-location"),
        ("ENV VIRTUAL_ENV=/opt/x\nRUN uv pip install --system psycopg2\nCMD python3 a.py\n", "install-location"),
        ("RUN uv pip install --system --target /x psycopg2\nCMD python3 a.py\n", "install-location"),
        ("RUN uv pip install --system psycopg2\nCMD uv run a.py\n", "manager-at-start"),
        ("RUN uv pip install --system psycopg2\nRUN uv pip install --system flask\nCMD python3 a.py\n", "manager-verb"),
    ],
)
def test_uv_pip_is_moved_only_from_the_interpreters_own_folder(lines: str, reason: str) -> None:
    assert refusal(UV_PIP + lines).reason == reason
    assert isinstance(plan(Model(parse(UV_PIP + "RUN uv pip install --system psycopg2\n"), knowledge())), Conversion)
