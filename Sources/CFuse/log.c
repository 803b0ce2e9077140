#include "CFuse.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FUSE_USE_VERSION 35
#include <fuse_lowlevel.h>

static cfuse_line current_receiver;

static void receive(enum fuse_log_level level, const char *format, va_list arguments) {
  (void)level;
  char line[1024];
  vsnprintf(line, sizeof line, format, arguments);
  line[strcspn(line, "\n")] = 0;
  if (current_receiver) current_receiver(line);
}

void cfuse_set_log(cfuse_line receiver) {
  current_receiver = receiver;
  fuse_set_log_func(receive);
}
