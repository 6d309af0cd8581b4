FROM php:8.3-cli AS builder
RUN apt-get update && apt-get install -y git unzip libicu-dev
RUN docker-php-ext-install intl
RUN curl -sS https://getcomposer.org/installer | php -- --install-dir=/usr/local/bin --filename=composer
WORKDIR /app
COPY . .
RUN composer install

FROM php:8.3-cli
RUN apt-get update \
    && apt-get install -y git libicu76 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=builder /usr/local/lib/php/extensions /usr/local/lib/php/extensions
COPY --from=builder /usr/local/etc/php/conf.d /usr/local/etc/php/conf.d
COPY --from=builder /app /app
CMD ["php", "bin/run.php"]
