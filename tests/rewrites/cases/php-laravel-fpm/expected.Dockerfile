FROM php:8.2-fpm-bookworm AS builder
ARG user=app
ARG uid=1000

# System dependencies
RUN apt-get update && apt-get install -y \
    git \
    curl \
    libonig-dev \
    libxml2-dev \
    libpq-dev \
    zip \
    unzip

RUN docker-php-ext-install pdo_pgsql mbstring exif pcntl bcmath
RUN pecl install redis-6.0.2 && docker-php-ext-enable redis

COPY --from=composer:2 /usr/bin/composer /usr/bin/composer

RUN useradd -G www-data,root -u $uid -d /home/$user $user
RUN mkdir -p /home/$user/.composer && \
    chown -R $user:$user /home/$user

WORKDIR /var/www
COPY composer.json composer.lock ./
RUN composer install --no-dev --no-scripts --no-autoloader
COPY . .
RUN composer dump-autoload --optimize && php artisan storage:link

FROM php:8.2-fpm-bookworm
ARG user=app
ARG uid=1000
RUN apt-get update \
    && apt-get install -y curl libpq5 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd -G www-data,root -u $uid -d /home/$user $user
RUN mkdir -p /home/$user/.composer && \
    chown -R $user:$user /home/$user
WORKDIR /var/www
COPY --from=builder /usr/local/lib/php/extensions /usr/local/lib/php/extensions
COPY --from=builder /usr/local/etc/php/conf.d /usr/local/etc/php/conf.d
COPY --from=builder /var/www /var/www
RUN chown -R www-data:www-data storage

USER $user
CMD ["php-fpm"]
