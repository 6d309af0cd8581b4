<?php

$image = imagecreatetruecolor(40, 20);
imagefilledrectangle($image, 0, 0, 39, 19, imagecolorallocate($image, 20, 120, 200));
ob_start();
imagejpeg($image, null, 80);
$jpeg = ob_get_clean();
$again = imagecreatefromstring($jpeg);
header('Content-Type: text/plain');
echo imagesx($again), 'x', imagesy($again), ' ', md5($jpeg), ' ', function_exists('imagettftext') ? 'freetype' : '';
