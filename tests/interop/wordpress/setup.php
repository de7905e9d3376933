<?php // setup.php WWW URL: installs the blog at the first start; prints a new application password for user cal.
define('WP_INSTALLING', true);
[, $www, $url] = $argv;
$_SERVER['HTTP_HOST'] = parse_url($url, PHP_URL_HOST) . ':' . parse_url($url, PHP_URL_PORT);
require "$www/wp-load.php";
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
add_filter('pre_wp_mail', '__return_true');
if (!is_blog_installed()) {
    wp_install('cald interop', 'cal', 'cal@example.test', false, '', 'cal-pass-1');
    update_option('permalink_structure', '/%postname%/');
    flush_rewrite_rules();
}
$user = get_user_by('login', 'cal');
[$password] = WP_Application_Passwords::create_new_application_password($user->ID, ['name' => 'cald ' . bin2hex(random_bytes(4))]);
echo WP_Application_Passwords::chunk_password($password);
