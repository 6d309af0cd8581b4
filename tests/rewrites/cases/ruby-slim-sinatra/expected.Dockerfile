FROM ruby:3.4-slim AS builder
RUN apt-get update && apt-get install -y --no-install-recommends build-essential git libpq-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
RUN bundle config set without 'development test'
COPY Gemfile Gemfile.lock ./
RUN bundle install

FROM ruby:3.4-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq5 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
RUN bundle config set without 'development test'
COPY --from=builder /usr/local/bundle /usr/local/bundle
COPY . .
RUN useradd --create-home app && chown -R app /app
USER app
CMD ["bundle", "exec", "ruby", "app.rb"]
