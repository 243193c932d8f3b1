// What is said of a file that is still being made when its program has said all it can: who comes last says it.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace tracypy::drivers {

/// Two threads: one that leaves words, and one that makes the file.
class Farewell {
public:
    /// What to say on stderr once the file is made: these two, with its size in between.
    void leave(std::string before, std::string after);
    /// The file is made, and is that large; or it is not, and `why`.
    void made(std::uint64_t bytes);
    void failed(std::string why);

private:
    struct Outcome {
        std::uint64_t bytes = 0;
        std::string problem;  // empty when it is made
    };
    struct Words {
        std::string before;
        std::string after;
    };
    void say_if_all_is_known();

    std::mutex mutex_;
    std::optional<Words> words_;
    std::optional<Outcome> outcome_;
};

}  // namespace tracypy::drivers
