#define _GNU_SOURCE
#include "CFuse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// fork copies only the calling thread: locks that others hold would stay locked for ever in the child.
static int has_threads(void) {
  DIR *tasks = opendir("/proc/self/task");
  if (!tasks) return 0;
  int count = 0;
  for (struct dirent *entry; (entry = readdir(tasks));)
    if (entry->d_name[0] != '.') count++;
  closedir(tasks);
  return count > 1;
}

static int status_of(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return 1;
  if (WIFEXITED(status)) return WEXITSTATUS(status) ? WEXITSTATUS(status) : 1;
  if (WIFSIGNALED(status))
    fprintf(stderr, "the mount ended before it answered: %s\n", strsignal(WTERMSIG(status)));
  return 1;
}

int cfuse_background_begin(void) {
  if (has_threads()) {
    errno = EBUSY;
    return -1;
  }
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  fflush(NULL);
  pid_t child = fork();
  if (child < 0) {
    int saved = errno;
    close(ends[0]);
    close(ends[1]);
    errno = saved;
    return -1;
  }
  if (child == 0) {
    close(ends[0]);
    return ends[1];
  }
  close(ends[1]);
  char byte;
  ssize_t count;
  do count = read(ends[0], &byte, 1);
  while (count < 0 && errno == EINTR);
  _exit(count == 1 ? 0 : status_of(child));
}

void cfuse_background_ready(int descriptor) {
  // Only now: until the mount answers, Ctrl-C at the terminal ends the child too.
  setsid();
  if (chdir("/") != 0) { /* the mount works all the same; only the old directory stays busy */ }
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null >= 0) {
    for (int standard = 0; standard <= 2; standard++) dup2(null, standard);
    if (null > 2) close(null);
  }
  signal(SIGPIPE, SIG_IGN);
  ssize_t written;
  do written = write(descriptor, "R", 1);
  while (written < 0 && errno == EINTR);
  close(descriptor);
}
