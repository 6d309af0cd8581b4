<?php

namespace Own\Archive;

class Packer
{
    public static function names(string $path): array
    {
        $zip = new \ZipArchive();
        $zip->open($path, \ZipArchive::CREATE | \ZipArchive::OVERWRITE);
        $zip->addFromString('hello.txt', 'hello');
        $zip->close();
        $zip->open($path);
        return [$zip->getNameIndex(0), $zip->getFromIndex(0)];
    }
}
