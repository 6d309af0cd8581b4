FROM ruby:3.3 AS builder
ENV RAILS_ENV=production BUNDLE_WITHOUT="development:test"

# PostgreSQL, and node for the assets
RUN apt-get update -qq && apt-get install -y build-essential libpq-dev nodejs

RUN mkdir /myapp
WORKDIR /myapp
COPY Gemfile Gemfile.lock ./
RUN gem install bundler:2.5.6 && bundle install --jobs 4
COPY . .
RUN SECRET_KEY_BASE=dummy bundle exec rails assets:precompile

FROM ruby:3.3-slim
ENV RAILS_ENV=production BUNDLE_WITHOUT="development:test"
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq5 libvips42t64 imagemagick \
    && rm -rf /var/lib/apt/lists/*
RUN mkdir /myapp
WORKDIR /myapp
COPY --from=builder /usr/local/bundle /usr/local/bundle
COPY --from=builder /myapp /myapp
EXPOSE 3000
CMD ["bundle", "exec", "rails", "server", "-b", "0.0.0.0"]
