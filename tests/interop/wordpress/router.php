<?php // for php -S: files as they are, everything else to WordPress
$www = getenv('WP_WWW');
$path = $www . parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (is_file($path) || is_file("$path/index.php"))
    return false;
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/index.php';
chdir($www);
require 'index.php';
