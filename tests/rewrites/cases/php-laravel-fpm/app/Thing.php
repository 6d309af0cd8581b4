<?php namespace App; use Illuminate\Support\Str;
