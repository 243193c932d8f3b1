// The texts of one trace, once per content. Everything else names them by TextId.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tracypy::model {

/// A text of this trace. 0 is no text; real ones are dense from 1, which is how trace files store them in 24 bits.
enum class TextId : std::uint32_t { None = 0 };

/// One thread. Texts never move: each lies in a block that is only ever appended to.
class Strings {
public:
    static constexpr std::size_t kMaxTexts = 0xFF'FFFF;  // 24 bits, less the 0

    Strings() = default;
    Strings(Strings&&) = default;
    Strings& operator=(Strings&&) = default;
    Strings(const Strings&) = delete;  // its views would still look at the original
    Strings& operator=(const Strings&) = delete;

    /// The id of `text`. None, counted, once the table is full.
    TextId intern(std::string_view text);

    /// A new entry, even if its content is there already: for readers, whose ids are positions.
    TextId append(std::string_view text);

    /// Empty for None and for ids that do not exist.
    std::string_view at(TextId id) const noexcept {
        const auto index = static_cast<std::size_t>(id);
        return index - 1 < texts_.size() ? texts_[index - 1] : std::string_view{};
    }
    bool has(TextId id) const noexcept { return static_cast<std::size_t>(id) <= texts_.size(); }

    std::size_t size() const noexcept { return texts_.size(); }
    std::size_t lost() const noexcept { return lost_; }
    /// Roughly: an entry of the table of contents takes some 64 bytes.
    std::size_t memory_bytes() const noexcept {
        return blocks_.size() * kBlockBytes + texts_.size() * (sizeof(texts_[0]) + 64);
    }

private:
    static constexpr std::size_t kBlockBytes = 256 * 1024;

    std::string_view store(std::string_view text);

    std::vector<std::unique_ptr<char[]>> blocks_;
    char* free_ = nullptr;
    std::size_t free_bytes_ = 0;
    std::vector<std::string_view> texts_;
    std::unordered_map<std::string_view, TextId> ids_;
    std::size_t lost_ = 0;
};

}  // namespace tracypy::model
