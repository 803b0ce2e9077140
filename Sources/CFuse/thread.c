#define _GNU_SOURCE
#include "CFuse.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static _Thread_local void *memory;
static _Thread_local size_t capacity;

void *cfuse_thread_buffer(size_t size) {
  if (size > capacity || !memory) {
    cfuse_thread_buffer_free();
    if (posix_memalign(&memory, 4096, size ? size : 1) != 0) {
      memory = NULL;
      return NULL;
    }
    capacity = size;
  }
  return memory;
}

void cfuse_thread_buffer_free(void) {
  free(memory);
  memory = NULL;
  capacity = 0;
}

static _Thread_local void *request_memory;

void cfuse_begin_request(void *received) { request_memory = received; }

void *cfuse_take_request_memory(void) {
  void *taken = request_memory;
  request_memory = NULL;
  return taken;
}

void cfuse_name_thread(const char *name) {
  char cut[16];
  snprintf(cut, sizeof cut, "%s", name);
  pthread_setname_np(pthread_self(), cut);
}

void cfuse_yield_to_others(int nice) {
  // On Linux a thread, not the whole process. Without effect it is only slower for the others.
  (void)setpriority(PRIO_PROCESS, 0, nice);
}

static void nothing(int signal) { (void)signal; }

int cfuse_install_wake(int signal) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = nothing; // no SA_RESTART: the interrupted read has to return
  return sigaction(signal, &action, NULL);
}
