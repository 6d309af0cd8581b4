FROM ruby:3.3 AS builder
RUN apt-get update -qq && apt-get install -y nodejs postgresql-client libpq-dev
WORKDIR /myapp
COPY Gemfile /myapp/Gemfile
COPY Gemfile.lock /myapp/Gemfile.lock
RUN bundle install

FROM ruby:3.3-slim
RUN apt-get update \
    && apt-get install -y postgresql-client libpq5 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /myapp
COPY --from=builder /usr/local/bundle /usr/local/bundle

# Add a script to be executed every time the container starts.
COPY entrypoint.sh /usr/bin/
RUN chmod +x /usr/bin/entrypoint.sh
ENTRYPOINT ["entrypoint.sh"]
EXPOSE 3000
COPY . /myapp
CMD ["rails", "server", "-b", "0.0.0.0"]
