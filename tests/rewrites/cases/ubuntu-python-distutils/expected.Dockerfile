FROM ubuntu:22.04 AS builder
RUN apt-get update && apt-get install -y --no-install-recommends python3-pip gcc python3-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/app
COPY requirements.txt .
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
RUN pip3 install --no-cache-dir -r requirements.txt

FROM ubuntu:22.04
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-distutils ca-certificates \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/app
COPY --from=builder /opt/venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
COPY main.py ./
CMD ["python3", "main.py"]
