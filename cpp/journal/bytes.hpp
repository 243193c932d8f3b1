// Numbers and texts as bytes: of any length for the writer, bounds checked for the reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "tracefile/format.hpp"

namespace tracypy::journal {

template <typename T>
void put_fixed(std::string& output, T value) {
    output.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

inline constexpr std::size_t kMaxNumberBytes = 10;

/// LEB128: seven bits in each byte, the least first; the eighth says that there are more. At most kMaxNumberBytes.
inline char* put_number(char* cursor, std::uint64_t value) noexcept {
    for (; value >= 0x80; value >>= 7) *cursor++ = static_cast<char>(value | 0x80);
    *cursor++ = static_cast<char>(value);
    return cursor;
}

inline void put_number(std::string& output, std::uint64_t value) {
    char bytes[kMaxNumberBytes];
    output.append(bytes, static_cast<std::size_t>(put_number(bytes, value) - bytes));
}

inline void put_text(std::string& output, std::string_view text) {
    put_number(output, text.size());
    output += text;
}

/// What a packet's content cannot be: whoever reads it takes it for the end of the journal.
class DamagedPacket : public tracefile::FormatError {
public:
    DamagedPacket() : FormatError(base::problem<base::ErrorCode::JournalIsDamaged>()) {}
};

/// Reads what the functions above wrote; throws DamagedPacket instead of going past the end.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : cursor_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    bool at_end() const noexcept { return cursor_ == end_; }
    std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - cursor_); }

    std::string_view bytes(std::uint64_t count) {
        if (count > left()) throw DamagedPacket();
        const std::string_view found(cursor_, static_cast<std::size_t>(count));
        cursor_ += count;
        return found;
    }
    template <typename T>
    T fixed() {
        T value;
        std::memcpy(&value, bytes(sizeof(T)).data(), sizeof(T));
        return value;
    }
    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const auto byte = fixed<std::uint8_t>();
            value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80) return value;
        }
        throw DamagedPacket();
    }
    /// A number that has to be at most `most`.
    std::uint64_t number_up_to(std::uint64_t most) {
        const std::uint64_t value = number();
        if (value > most) throw DamagedPacket();
        return value;
    }
    std::string_view text() { return bytes(number()); }

private:
    const char* cursor_;
    const char* end_;
};

}  // namespace tracypy::journal
