<?php

require __DIR__ . '/vendor/autoload.php';

header('Content-Type: application/json');
file_put_contents(__DIR__ . '/var/last', 'seen');
echo json_encode([
    'app' => getenv('APP_NAME'),
    'asked' => $_SERVER['REQUEST_URI'],
    'zip' => Own\Archive\Packer::names('/tmp/a.zip'),
    'memory' => ini_get('memory_limit'),
    'errors' => ini_get('display_errors'),
    'written' => file_get_contents(__DIR__ . '/var/last'),
    'extensions' => array_values(array_intersect(['gd', 'zip', 'sodium', 'Zend OPcache'], get_loaded_extensions())),
]);
