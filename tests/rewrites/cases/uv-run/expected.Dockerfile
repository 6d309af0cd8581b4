FROM python:3.11-slim-bookworm AS builder
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
RUN pip install uv
WORKDIR /app
ENV UV_COMPILE_BYTECODE=1
COPY pyproject.toml ./
ENV UV_PYTHON_DOWNLOADS=never
RUN uv sync --no-dev --no-install-project

FROM python:3.11-slim-bookworm
WORKDIR /app
COPY --from=builder /app /app
ENV PATH="/app/.venv/bin:$PATH"
COPY . .
EXPOSE 8000
CMD ["python", "app.py"]
