// What libfuse and POSIX offer in a form that Swift can't import or must not do itself:
// va_list callbacks, fork, thread-local memory.
#pragma once

#include <stddef.h>

/// Receives one line of libfuse's own messages, without its line end.
typedef void (*cfuse_line)(const char *line);

/// Sends libfuse's messages to `receiver` instead of stderr. Call before any session exists.
void cfuse_set_log(cfuse_line receiver);

/// At least `size` bytes, aligned to a page, that belong to the calling thread until its next call; NULL without memory.
void *cfuse_thread_buffer(size_t size);

/// Gives the calling thread's buffer back. Call before the thread ends.
void cfuse_thread_buffer_free(void);

/// Tells that the calling thread works on a request that was received in `received`.
void cfuse_begin_request(void *received);

/// What cfuse_begin_request was given, to the first who asks; then NULL.
void *cfuse_take_request_memory(void);

/// Names the calling thread for ps and debuggers; cut at 15 bytes.
void cfuse_name_thread(const char *name);

/// Lets other threads go before the calling one when processors are short; `nice` as in nice(1). Below 0 it goes before them,
/// if the process has CAP_SYS_NICE; else nothing happens.
void cfuse_yield_to_others(int nice);

/// Lets `signal` interrupt system calls and do nothing else. 0, or -1 with errno.
int cfuse_install_wake(int signal);

/// Forks. Only the child returns, with a descriptor for cfuse_background_ready; the parent waits and exits: 0 once the
/// child is ready, else with the child's own status. -1 with errno on failure, EBUSY if this process already has threads.
int cfuse_background_begin(void);

/// Leaves the terminal and tells the waiting parent that all is well.
void cfuse_background_ready(int descriptor);
