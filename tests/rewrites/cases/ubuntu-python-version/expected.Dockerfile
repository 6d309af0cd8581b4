FROM ubuntu:18.04 AS builder
RUN apt-get update && apt-get install -y build-essential ca-certificates python3.7 python3-pip && rm -rf /var/lib/apt/lists
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3.7-venv \
    && rm -rf /var/lib/apt/lists/*
RUN python3.7 -m venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
RUN python3.7 -m pip install --no-cache-dir --upgrade pip
WORKDIR /app
ADD requirements.txt .
RUN python3.7 -m pip install -r requirements.txt

FROM ubuntu:18.04
RUN apt-get update \
    && apt-get install -y ca-certificates python3.7 python3-distutils \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=builder /opt/venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
COPY *.py /app/
CMD [ "python3.7", "server.py" ]
