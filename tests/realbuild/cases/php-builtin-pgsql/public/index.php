<?php

if ($_SERVER['REQUEST_URI'] === '/nothing.txt') {
    http_response_code(404);
}
header('Content-Type: text/plain');
echo PGSQL_LIBPQ_VERSION, ' ', implode(',', PDO::getAvailableDrivers()), ' ', $_SERVER['REQUEST_URI'], "\n";
try {
    new PDO('pgsql:host=127.0.0.1;dbname=none', 'nobody', '');
} catch (PDOException $error) {
    echo substr($error->getMessage(), 0, 60), "\n";
}
