FROM debian:bookworm-slim AS builder
RUN apt-get update && apt-get install -y python3-pip python3-dev python3-yaml libpq-dev gcc && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/app
COPY requirements.txt .
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv --system-site-packages /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
RUN pip3 install --break-system-packages --no-cache-dir -r requirements.txt

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y python3-yaml libpq5 python3 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/app
COPY --from=builder /opt/venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
COPY main.py settings.yaml ./
CMD ["python3", "main.py"]
