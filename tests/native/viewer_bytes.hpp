// What a viewer sends.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/handshake.hpp"
#include "protocol/wire_bytes.hpp"

namespace tracypy::native_tests {

inline std::string greeting(std::uint32_t protocol) {
    std::string bytes(protocol::kShibboleth, sizeof(protocol::kShibboleth));
    char number[4];
    protocol::put(number, protocol);
    return bytes.append(number, 4);
}

inline std::string query(protocol::QueryKind kind, std::uint64_t pointer, std::uint32_t extra = 0) {
    char bytes[protocol::kQueryBytes];
    char* cursor = protocol::put(bytes, kind);
    cursor = protocol::put(cursor, pointer);
    protocol::put(cursor, extra);
    return {bytes, sizeof(bytes)};
}

/// A file's name in pieces, then the query for its text; as a viewer sends them.
inline std::string source_queries(std::string name, std::uint64_t id) {
    name += '\0';
    std::string bytes = query(protocol::QueryKind::DataTransfer, name.size());
    for (std::size_t at = 0; at < name.size(); at += 12) {
        std::string part = name.substr(at, 12);
        part.resize(12);
        bytes += query(protocol::QueryKind::DataTransferPart, protocol::get<std::uint64_t>(part.data()),
                       protocol::get<std::uint32_t>(part.data() + 8));
    }
    return bytes + query(protocol::QueryKind::SourceCode, id);
}

}  // namespace tracypy::native_tests
