<?php echo class_exists('ZipArchive');
