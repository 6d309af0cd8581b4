FROM ruby:3.4-slim AS builder
ENV BUNDLE_DEPLOYMENT=1 BUNDLE_PATH=vendor/bundle
WORKDIR /srv
RUN apt-get update && apt-get install -y --no-install-recommends gcc make libmariadb-dev nodejs \
    && rm -rf /var/lib/apt/lists/*
COPY Gemfile Gemfile.lock ./
RUN bundle install && rm -rf vendor/bundle/ruby/*/cache

FROM ruby:3.4-slim
ENV BUNDLE_DEPLOYMENT=1 BUNDLE_PATH=vendor/bundle
WORKDIR /srv
RUN apt-get update \
    && apt-get install -y --no-install-recommends libmariadb3 nodejs \
    && rm -rf /var/lib/apt/lists/*
COPY --from=builder /usr/local/bundle /usr/local/bundle
COPY --from=builder /srv /srv
COPY . .
CMD ["bundle", "exec", "rackup"]
