#!/bin/sh
set -e
composer dump-autoload --no-interaction
exec php main.php
