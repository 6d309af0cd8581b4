FROM python:3.12-alpine AS builder
WORKDIR /app
COPY requirements.txt .
# The index, once for all.
RUN apk update
RUN apk add gcc musl-dev gfortran
RUN pip install --prefix=/install --no-cache-dir -r requirements.txt

FROM python:3.12-alpine
WORKDIR /app
RUN apk add --no-cache libgcc libgomp libgfortran
COPY --from=builder /install /usr/local
COPY main.py .
CMD ["python", "main.py"]
