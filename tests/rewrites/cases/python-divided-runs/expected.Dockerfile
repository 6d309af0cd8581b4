FROM python:3.11-slim AS builder
WORKDIR /app
# One RUN installs and makes the user.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libpq-dev tini \
    && groupadd --system app && useradd --system --gid app app \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt .
RUN pip install --prefix=/install --no-cache-dir -r requirements.txt && mkdir -p /data && chown app:app /data

FROM python:3.11-slim
WORKDIR /app
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq5 tini \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --system app \
    && useradd --system --gid app app
RUN mkdir -p /data \
    && chown app:app /data
COPY --from=builder /install /usr/local
COPY . .
USER app
ENTRYPOINT ["tini", "--"]
CMD ["python", "main.py"]
