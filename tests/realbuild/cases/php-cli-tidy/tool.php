<?php

require __DIR__ . '/vendor/autoload.php';

echo Own\Text\Title::of(file_get_contents($argv[1])), "\n", bcadd('0.1', '0.2', 3), "\n", posix_getuid(), "\n";
