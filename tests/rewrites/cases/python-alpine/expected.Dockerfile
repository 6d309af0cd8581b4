FROM python:3.12-alpine AS builder
WORKDIR /app
RUN apk add --no-cache gcc musl-dev libpq-dev
COPY requirements.txt .
RUN pip install --prefix=/install --no-cache-dir -r requirements.txt

FROM python:3.12-alpine
WORKDIR /app
RUN apk add --no-cache libpq libgcc
COPY --from=builder /install /usr/local
COPY . .
CMD ["python", "main.py"]
