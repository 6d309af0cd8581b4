FROM alpine:3.20 AS builder
RUN apk add --no-cache python3 py3-pip gcc musl-dev python3-dev libffi-dev
WORKDIR /app
COPY requirements.txt .
RUN python3 -m venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
RUN pip install --no-cache-dir --break-system-packages -r requirements.txt

FROM alpine:3.20
RUN apk add --no-cache python3 libffi libgcc
WORKDIR /app
COPY --from=builder /opt/venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
COPY app.py .
USER nobody
ENTRYPOINT ["python3", "app.py"]
