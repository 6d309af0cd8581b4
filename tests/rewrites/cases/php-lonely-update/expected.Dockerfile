FROM php:8.2-apache AS builder
WORKDIR /var/www/html
RUN apt-get update
RUN apt-get install -y git libcurl4-gnutls-dev libicu-dev libpq-dev locales unzip
RUN docker-php-ext-install curl intl pdo_pgsql
RUN curl -sS https://getcomposer.org/installer | php -- --install-dir=/usr/local/bin --filename=composer
COPY . .
RUN composer install --no-dev

FROM php:8.2-apache
WORKDIR /var/www/html
RUN apt-get update \
    && apt-get install -y libcurl3t64-gnutls libicu76 libpq5 locales \
    && rm -rf /var/lib/apt/lists/*
COPY --from=builder /usr/local/lib/php/extensions /usr/local/lib/php/extensions
COPY --from=builder /usr/local/etc/php/conf.d /usr/local/etc/php/conf.d
COPY --from=builder /var/www/html /var/www/html
RUN a2enmod rewrite && service apache2 restart
