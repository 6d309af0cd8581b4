FROM php:8.3-apache AS builder

# Libraries of the extensions
RUN apt-get update && apt-get install -y \
    libicu-dev \
    libpng-dev \
    libjpeg-dev \
    libfreetype6-dev \
    libzip-dev \
    git unzip zip \
    && docker-php-ext-configure gd --with-freetype --with-jpeg \
    && docker-php-ext-install -j$(nproc) gd intl zip pdo_mysql opcache \
    && a2enmod rewrite headers \
    && apt-get clean && rm -rf /var/lib/apt/lists/*

FROM php:8.3-apache
RUN apt-get update \
    && apt-get install -y --no-install-recommends libicu76 libpng16-16t64 libjpeg62-turbo libfreetype6 libzip5 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=builder /usr/local/lib/php/extensions /usr/local/lib/php/extensions
COPY --from=builder /usr/local/etc/php/conf.d /usr/local/etc/php/conf.d
COPY --from=builder /etc/apache2 /etc/apache2

COPY docker/php.ini /usr/local/etc/php/conf.d/zz-app.ini
ENV APACHE_DOCUMENT_ROOT=/var/www/html/public
RUN sed -ri -e 's!/var/www/html!${APACHE_DOCUMENT_ROOT}!g' /etc/apache2/sites-available/*.conf
COPY . /var/www/html
RUN chown -R www-data:www-data /var/www/html
EXPOSE 80
