// How a variable that the hot path reads is declared: as one of this library, not as one that might come from another,
// whose address is looked up first. (-fvisibility=hidden concerns definitions only.)
#pragma once

#if defined(__GNUC__) && !defined(_WIN32)
#define TRACYPY_LOCAL __attribute__((visibility("hidden")))
#else
#define TRACYPY_LOCAL
#endif
