// The low-level interface as of libfuse 3.5, which every 3.x since then still offers.
#define FUSE_USE_VERSION 35
#include <fuse_lowlevel.h>
