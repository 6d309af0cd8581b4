<?php

namespace Own\Text;

class Title
{
    public static function of(string $html): string
    {
        $tidy = new \tidy();
        $tidy->parseString($html, ['wrap' => 0, 'show-body-only' => true], 'utf8');
        $tidy->cleanRepair();
        return trim((string) $tidy);
    }
}
