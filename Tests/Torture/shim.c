// Preloaded into officefs by scripts/torture: the nth call on a file of the data directory dies, fails, is torn, waits
// or is left out, as the control file says, which the script writes and maps as well.
//
//   TORTURE_CONTROL  the control file, a `struct control`
//   TORTURE_UNDER    calls on files below this folder count, others pass; without symbolic links
//
// SQLite, libarchive and Swift's Glibc all take these functions from the dynamic linker. They go straight to the
// kernel, so a second preloaded library does not see them.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind {
  KIND_WRITE = 1,
  KIND_SYNC = 2,
  KIND_SYNC_FOLDER = 4,
  KIND_NAME = 8,  // rename, unlink, mkdir, link
  KIND_SIZE = 16, // truncate, fallocate
  KIND_READ = 32,
};

enum what { WHAT_PASS = 0, WHAT_DIE = 1, WHAT_FAIL = 2, WHAT_TEAR = 3, WHAT_WAIT = 4, WHAT_OMIT = 5 };

struct control {
  _Atomic int64_t countdown; // the call that brings it to 0 is the one; never, if it is below
  _Atomic uint32_t kinds;
  _Atomic uint32_t what;
  _Atomic uint32_t error;
  _Atomic uint32_t lasts; // the calls after that one too
  _Atomic uint32_t milliseconds;
  _Atomic uint32_t unused;
  _Atomic int64_t seen; // calls of these kinds
  _Atomic int64_t hits; // calls that something was done to
};

static struct control *control;
static char under[4096];
static size_t under_length;

__attribute__((constructor)) static void begin(void) {
  const char *file = getenv("TORTURE_CONTROL");
  const char *folder = getenv("TORTURE_UNDER");
  if (!file || !folder || strlen(folder) >= sizeof under) return;
  int descriptor = open(file, O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return;
  void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  close(descriptor);
  if (mapped == MAP_FAILED) return;
  strcpy(under, folder);
  under_length = strlen(folder);
  control = mapped;
}

static int is_under(const char *path) { return strncmp(path, under, under_length) == 0; }

static int is_ours(int descriptor) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_under(path);
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

// What is to be done to this call.
static enum what chosen(enum kind kind) {
  if (!control || !(atomic_load(&control->kinds) & kind)) return WHAT_PASS;
  atomic_fetch_add(&control->seen, 1);
  int64_t left = atomic_load(&control->countdown);
  if (left < 0) return WHAT_PASS;
  if (left > 0) {
    left = atomic_fetch_sub(&control->countdown, 1) - 1;
    if (left != 0) return WHAT_PASS;
  }
  if (!atomic_load(&control->lasts)) atomic_store(&control->countdown, -1);
  atomic_fetch_add(&control->hits, 1);
  return atomic_load(&control->what);
}

static int wait_and_pass(void) {
  uint32_t milliseconds = atomic_load(&control->milliseconds);
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
  nanosleep(&time, NULL);
  return 0;
}

// 0 to go on, 1 to leave the call out with success, -1 with errno set; a tear dies where there is nothing to tear.
static int disturbed(enum kind kind) {
  switch (chosen(kind)) {
    case WHAT_DIE:
    case WHAT_TEAR: die(); return 0;
    case WHAT_FAIL: errno = (int)atomic_load(&control->error); return -1;
    case WHAT_WAIT: return wait_and_pass();
    case WHAT_OMIT: return 1;
    default: return 0;
  }
}

static ssize_t written(int descriptor, const void *bytes, size_t count, off64_t offset) {
  if (control && is_ours(descriptor)) {
    switch (chosen(KIND_WRITE)) {
      case WHAT_DIE: die(); break;
      case WHAT_TEAR:
        if (offset < 0)
          syscall(SYS_write, descriptor, bytes, count / 2);
        else
          syscall(SYS_pwrite64, descriptor, bytes, count / 2, offset);
        die();
        break;
      case WHAT_FAIL: errno = (int)atomic_load(&control->error); return -1;
      case WHAT_WAIT: wait_and_pass(); break;
      case WHAT_OMIT: return (ssize_t)count;
      default: break;
    }
  }
  if (offset < 0) return syscall(SYS_write, descriptor, bytes, count);
  return syscall(SYS_pwrite64, descriptor, bytes, count, offset);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  return written(descriptor, bytes, count, -1);
}
ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  return written(descriptor, bytes, count, offset);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  return written(descriptor, bytes, count, offset);
}

static ssize_t got(int descriptor, void *bytes, size_t count, off64_t offset) {
  if (control && (atomic_load(&control->kinds) & KIND_READ) && is_ours(descriptor) &&
      disturbed(KIND_READ) < 0)
    return -1;
  if (offset < 0) return syscall(SYS_read, descriptor, bytes, count);
  return syscall(SYS_pread64, descriptor, bytes, count, offset);
}

ssize_t read(int descriptor, void *bytes, size_t count) { return got(descriptor, bytes, count, -1); }
ssize_t pread(int descriptor, void *bytes, size_t count, off_t offset) {
  return got(descriptor, bytes, count, offset);
}
ssize_t pread64(int descriptor, void *bytes, size_t count, off64_t offset) {
  return got(descriptor, bytes, count, offset);
}

static int synchronized(int descriptor, long call) {
  struct stat status;
  if (control && is_ours(descriptor) && fstat(descriptor, &status) == 0) {
    int result = disturbed(S_ISDIR(status.st_mode) ? KIND_SYNC_FOLDER : KIND_SYNC);
    if (result) return result < 0 ? -1 : 0;
  }
  return (int)syscall(call, descriptor);
}

int fsync(int descriptor) { return synchronized(descriptor, SYS_fsync); }
int fdatasync(int descriptor) { return synchronized(descriptor, SYS_fdatasync); }

static int resized(int descriptor) {
  return control && is_ours(descriptor) ? disturbed(KIND_SIZE) : 0;
}

int ftruncate(int descriptor, off_t size) {
  int result = resized(descriptor);
  return result ? (result < 0 ? -1 : 0) : (int)syscall(SYS_ftruncate, descriptor, size);
}
int ftruncate64(int descriptor, off64_t size) { return ftruncate(descriptor, size); }

static int renamed(const char *path) {
  return control && is_under(path) ? disturbed(KIND_NAME) : 0;
}

int rename(const char *from, const char *to) {
  int result = renamed(to);
  return result ? (result < 0 ? -1 : 0) : (int)syscall(SYS_rename, from, to);
}
int unlink(const char *path) {
  int result = renamed(path);
  return result ? (result < 0 ? -1 : 0) : (int)syscall(SYS_unlink, path);
}
int mkdir(const char *path, mode_t mode) {
  int result = renamed(path);
  return result ? (result < 0 ? -1 : 0) : (int)syscall(SYS_mkdir, path, mode);
}
