FROM ruby:3.4-alpine AS builder
RUN apk add --no-cache build-base postgresql-dev tzdata
WORKDIR /app
COPY Gemfile Gemfile.lock ./
RUN bundle config set --local without development && bundle install --jobs=3

FROM ruby:3.4-alpine
RUN apk add --no-cache libpq tzdata libstdc++
WORKDIR /app
COPY --from=builder /usr/local/bundle /usr/local/bundle
COPY . .
CMD ["bundle", "exec", "puma"]
