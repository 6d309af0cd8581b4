FROM php:8.2-cli-bookworm AS builder
RUN apt-get update && apt-get install -y libgd-dev libldap2-dev git unzip
RUN docker-php-ext-install gd ldap

FROM php:8.2-cli-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgd3 libldap-2.5-0 libldap-common \
    && rm -rf /var/lib/apt/lists/*
COPY --from=builder /usr/local/lib/php/extensions /usr/local/lib/php/extensions
COPY --from=builder /usr/local/etc/php/conf.d /usr/local/etc/php/conf.d
WORKDIR /srv
COPY . .
CMD ["php", "main.php"]
