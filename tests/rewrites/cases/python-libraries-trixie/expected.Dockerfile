FROM python:3.13-trixie AS builder
RUN apt-get update && apt-get install -y --no-install-recommends libldap2-dev libsasl2-dev
WORKDIR /app
COPY requirements.txt .
RUN pip install --prefix=/install --no-cache-dir -r requirements.txt

FROM python:3.13-slim-trixie
RUN apt-get update \
    && apt-get install -y --no-install-recommends libldap2 libsasl2-2 libgl1 libglib2.0-0t64 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=builder /install /usr/local
COPY . .
CMD ["python", "main.py"]
