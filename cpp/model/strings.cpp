#include "model/strings.hpp"

#include <cstring>

namespace tracypy::model {

std::string_view Strings::store(std::string_view text) {
    if (text.empty()) return {"", 0};
    if (text.size() > free_bytes_) {
        if (text.size() > kBlockBytes / 4) {  // a block of its own, so that the current one is not wasted
            blocks_.push_back(std::make_unique_for_overwrite<char[]>(text.size()));
            std::memcpy(blocks_.back().get(), text.data(), text.size());
            return {blocks_.back().get(), text.size()};
        }
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(kBlockBytes));
        free_ = blocks_.back().get();
        free_bytes_ = kBlockBytes;
    }
    std::memcpy(free_, text.data(), text.size());
    const std::string_view stored{free_, text.size()};
    free_ += text.size();
    free_bytes_ -= text.size();
    return stored;
}

TextId Strings::append(std::string_view text) {
    if (texts_.size() >= kMaxTexts) {
        ++lost_;
        return TextId::None;
    }
    texts_.push_back(store(text));
    return static_cast<TextId>(texts_.size());
}

TextId Strings::intern(std::string_view text) {
    const auto found = ids_.find(text);
    if (found != ids_.end()) return found->second;
    const TextId id = append(text);
    if (id != TextId::None) ids_.emplace(texts_.back(), id);
    return id;
}

}  // namespace tracypy::model
