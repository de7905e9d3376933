/*
 * libmicrohttpd starts GnuTLS as soon as it is loaded, for TLS that cald does not serve: 0.8 MiB of memory and a sixth
 * of the time that loading takes. It finds the first of these in its place, and GnuTLS itself the second
 * (GNUTLS_SKIP_GLOBAL_INIT in gnutls.h). TLS that is asked of it all the same is refused, because it was not started;
 * what cald itself asks of others speaks TLS through libcurl and OpenSSL. test_memory reads from the dynamic linker that
 * both are found here.
 */
int gnutls_global_init(void);
int _gnutls_global_init_skip(void);

int gnutls_global_init(void)
{
    return 0;
}

int _gnutls_global_init_skip(void)
{
    return 1;
}
