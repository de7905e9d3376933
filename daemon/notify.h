/*
 * notify: what systemd is told (sd_notify(3)). Without systemd nothing happens.
 */
#ifndef CALD_NOTIFY_H
#define CALD_NOTIFY_H

#include "base/clock.h"

void notify_ready(const char *status); /* also ends a reload */
void notify_reloading(void);
void notify_stopping(void);
void notify_watchdog(void);

/* How often the watchdog wants to hear from us; 0: not at all. */
duration notify_watchdog_interval(void);

#endif
