#include "protocol/schema.hpp"

#include "protocol/schema_tables.hpp"

namespace tracypy::protocol {

const WireEventFacts& facts_of(WireEvent event) noexcept {
    return row_of(event);
}

std::span<const Dialect> dialects() noexcept {
    return kDialects;
}

const Dialect* find_dialect(std::uint32_t protocol) noexcept {
    for (const Dialect& dialect : kDialects) {
        if (dialect.protocol == protocol) return &dialect;
    }
    return nullptr;
}

std::string describe_supported_releases() {
    std::string text;
    for (const Dialect& dialect : kDialects) {
        if (!text.empty()) text += ", ";
        text.append(dialect.releases).append(" (protocol ").append(std::to_string(dialect.protocol)).append(")");
    }
    return text;
}

}  // namespace tracypy::protocol
