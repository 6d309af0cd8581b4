FROM python:3.11-slim-bookworm AS builder
RUN apt-get update && apt-get install -y --no-install-recommends build-essential libffi-dev && rm -rf /var/lib/apt/lists/*
RUN pip install pipenv
WORKDIR /app
COPY Pipfile ./
ENV PIPENV_VENV_IN_PROJECT=1
RUN pipenv install --skip-lock

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends libffi8 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=builder /app /app
ENV PATH="/app/.venv/bin:$PATH"
COPY . .
ENTRYPOINT ["python", "show.py"]
