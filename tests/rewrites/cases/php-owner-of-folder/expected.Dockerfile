FROM php:8.3-apache AS builder
RUN apt-get update && apt-get install -y git unzip libzip-dev libicu-dev && docker-php-ext-install zip intl
COPY --from=composer:2 /usr/bin/composer /usr/bin/composer
RUN useradd --create-home app && mkdir -p var/log && chmod 770 var && chown app:app /var/www/html
COPY --chown=app:app . .
USER app
RUN composer install --no-dev && rm -rf var/cache

FROM php:8.3-apache
RUN apt-get update \
    && apt-get install -y --no-install-recommends libzip5 libicu76 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home app && chown app:app /var/www/html
USER app
COPY --from=builder /usr/local/lib/php/extensions /usr/local/lib/php/extensions
COPY --from=builder /usr/local/etc/php/conf.d /usr/local/etc/php/conf.d
COPY --from=builder /var/www/html /var/www/html
USER root
RUN a2enmod rewrite
