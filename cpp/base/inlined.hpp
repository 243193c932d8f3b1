// How a function is declared that the loop over events calls for each of them. Left to itself a compiler makes a call
// of what is not tiny and is called from two places: with its registers to be saved, that took a third of the time.
#pragma once

#if defined(_MSC_VER) && !defined(__clang__)
#define TRACYPY_INLINED [[msvc::forceinline]]
#else
#define TRACYPY_INLINED [[gnu::always_inline]]
#endif
