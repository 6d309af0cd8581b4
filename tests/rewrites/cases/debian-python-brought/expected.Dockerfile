FROM debian:trixie-slim AS builder
RUN apt-get update && apt-get install -y --no-install-recommends python3-pip python3-yaml gcc python3-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/app
COPY requirements.txt .
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv --system-site-packages /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
RUN pip3 install --break-system-packages -r requirements.txt

FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-yaml python3 python3-packaging ca-certificates \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/app
COPY --from=builder /opt/venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
COPY main.py .
CMD ["python3", "main.py"]
