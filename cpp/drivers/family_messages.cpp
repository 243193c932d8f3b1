#include "drivers/family_messages.hpp"

#include <cstring>
#include <utility>

namespace tracypy::drivers {
namespace {

template <typename T>
void put(std::string& output, T value) {
    output.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <typename T>
T get(const char* bytes) noexcept {
    T value;
    std::memcpy(&value, bytes, sizeof(value));
    return value;
}

constexpr std::size_t kHelloBytes =
    sizeof(FamilySecret) + sizeof(std::uint32_t) + sizeof(std::uint64_t) + sizeof(base::Ticks) + sizeof(std::uint8_t);

/// In the same time, wherever they differ.
bool is_same(std::string_view bytes, const FamilySecret& secret) noexcept {
    unsigned difference = 0;
    for (std::size_t i = 0; i < secret.size(); ++i) difference |= static_cast<unsigned>(bytes[i] ^ secret[i]);
    return difference == 0;
}

}  // namespace

void put_message(std::string& output, FamilyMessage kind, std::string_view content) {
    put(output, kind);
    put(output, static_cast<std::uint32_t>(content.size()));
    output += content;
}

void put_message(std::string& output, FamilyMessage kind, std::uint64_t number) {
    put_message(output, kind, std::string_view(reinterpret_cast<const char*>(&number), sizeof(number)));
}

std::optional<std::uint64_t> number_in(std::string_view content, std::size_t at) noexcept {
    if (content.size() < at + sizeof(std::uint64_t)) return std::nullopt;
    return get<std::uint64_t>(content.data() + at);
}

bool Hello::reads_our_clock() const noexcept {
    constexpr double kEarliestS = -1, kLatestS = 600;  // of a process that was stopped, or a root that was
    if (counts != base::has_counter_clock()) return false;
    const double ago = static_cast<double>(base::now_ticks() - now) * base::tick_scale().nanoseconds_per_tick() * 1e-9;
    return ago >= kEarliestS && ago <= kLatestS;
}

Hello own_hello(std::uint64_t process, std::string name) {
    return {.process = process, .name = std::move(name), .now = base::now_ticks(), .counts = base::has_counter_clock()};
}

std::string hello_text(const FamilySecret& secret, const Hello& hello) {
    std::string text(secret.data(), secret.size());
    put(text, kFamilyVersion);
    put(text, hello.process);
    put(text, hello.now);
    put(text, static_cast<std::uint8_t>(hello.counts));
    return text += std::string_view(hello.name).substr(0, kMostNameBytes);
}

std::optional<Hello> read_hello(std::string_view content, const FamilySecret& secret) {
    if (content.size() < kHelloBytes || content.size() > kHelloBytes + kMostNameBytes) return std::nullopt;
    if (!is_same(content, secret)) return std::nullopt;
    const char* const behind = content.data() + sizeof(FamilySecret);
    if (get<std::uint32_t>(behind) != kFamilyVersion) return std::nullopt;
    const char* const facts = behind + sizeof(std::uint32_t);
    return Hello{.process = get<std::uint64_t>(facts),
                 .name = std::string(content.substr(kHelloBytes)),
                 .now = get<base::Ticks>(facts + sizeof(std::uint64_t)),
                 .counts = facts[sizeof(std::uint64_t) + sizeof(base::Ticks)] != 0};
}

std::optional<MessageReader::Message> MessageReader::next() {
    const std::size_t left = input_.size() - begin_;
    if (!is_damaged_ && left >= kMessageHeadBytes) {
        const char* const head = input_.data() + begin_;
        const auto bytes = get<std::uint32_t>(head + 1);
        is_damaged_ = bytes > kMostMessageBytes;
        if (!is_damaged_ && left - kMessageHeadBytes >= bytes) {
            begin_ += kMessageHeadBytes + bytes;
            return Message{static_cast<FamilyMessage>(head[0]), {head + kMessageHeadBytes, bytes}};
        }
    }
    input_.erase(0, begin_);
    begin_ = 0;
    return std::nullopt;
}

}  // namespace tracypy::drivers
