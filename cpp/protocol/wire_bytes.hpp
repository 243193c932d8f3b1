// Packed little-endian values, written at a cursor.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tracypy::protocol {

// Every machine that Python runs on today is little endian; on another one each store would have to swap.
static_assert(std::endian::native == std::endian::little);

template <typename T>
inline char* put(char* cursor, T value) noexcept {
    std::memcpy(cursor, &value, sizeof(T));
    return cursor + sizeof(T);
}

inline char* put_bytes(char* cursor, const void* bytes, std::size_t size) noexcept {
    if (size != 0) std::memcpy(cursor, bytes, size);  // an empty text may have no address
    return cursor + size;
}

template <typename T>
inline T get(const char* bytes) noexcept {
    T value;
    std::memcpy(&value, bytes, sizeof(T));
    return value;
}

}  // namespace tracypy::protocol
