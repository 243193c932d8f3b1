#include "drivers/family_messages.hpp"

#include <cstring>

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

constexpr std::size_t kHelloBytes = sizeof(FamilySecret) + sizeof(std::uint32_t) + sizeof(std::uint64_t);

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

std::string hello_text(const FamilySecret& secret, const Hello& hello) {
    std::string text(secret.data(), secret.size());
    put(text, kFamilyVersion);
    put(text, hello.process);
    return text += std::string_view(hello.name).substr(0, kMostNameBytes);
}

std::optional<Hello> read_hello(std::string_view content, const FamilySecret& secret) {
    if (content.size() < kHelloBytes || content.size() > kHelloBytes + kMostNameBytes) return std::nullopt;
    if (!is_same(content, secret)) return std::nullopt;
    const char* const behind = content.data() + sizeof(FamilySecret);
    if (get<std::uint32_t>(behind) != kFamilyVersion) return std::nullopt;
    return Hello{get<std::uint64_t>(behind + sizeof(std::uint32_t)), std::string(content.substr(kHelloBytes))};
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
