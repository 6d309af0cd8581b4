FROM php:8.3-fpm-alpine AS builder
RUN apk add --no-cache $PHPIZE_DEPS icu-dev libzip-dev postgresql-dev git
RUN docker-php-ext-install intl zip pdo_pgsql

FROM php:8.3-fpm-alpine
RUN apk add --no-cache icu-libs libzip libpq
COPY --from=builder /usr/local/lib/php/extensions /usr/local/lib/php/extensions
COPY --from=builder /usr/local/etc/php/conf.d /usr/local/etc/php/conf.d
WORKDIR /app
COPY . .
CMD ["php-fpm"]
