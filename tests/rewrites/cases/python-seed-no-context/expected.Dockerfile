FROM python:3.11-slim AS builder
WORKDIR /app

RUN apt-get update && apt-get install -y gcc build-essential libpq-dev
COPY requirements.txt .
RUN pip install --prefix=/install -r requirements.txt

FROM python:3.11-slim
WORKDIR /app
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq5 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=builder /install /usr/local
COPY . .

CMD ["python", "main.py"]
