// Batches that imitate recorded Python, for benchmarks: a random walk over call depths, a few hundred functions of which
// some are called far more often than others, 100 to 3,000 ticks between events and now and then a long pause.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "events/thread_walk.hpp"

namespace tracypy::benchmarks {

using events::Word;

struct Options {
    int rounds = 5;
    std::uint32_t threads = 4;
    std::uint32_t locations = 300;
};

inline constexpr std::size_t kBatchWords = 1 << 14;
inline constexpr std::size_t kBatches = 64;
inline constexpr std::size_t kFlushWords = 1 << 16;  // as often as a drain flushes

/// The same each time, from `start` on. `storage` holds the words.
inline std::vector<events::ThreadBatch> make_batches(const Options& options, base::Ticks start,
                                              std::vector<std::vector<Word>>& storage) {
    storage.clear();
    storage.reserve(kBatches);
    std::mt19937_64 random(42);
    std::geometric_distribution<std::uint32_t> which(8.0 / options.locations);
    std::uniform_int_distribution<base::Ticks> pause(100, 3000);
    struct Walk {
        base::Ticks tick;
        std::vector<base::SourceLocationId> stack;
    };
    std::vector<Walk> walks(options.threads, Walk{start, {}});
    std::vector<events::ThreadBatch> batches;
    for (std::size_t i = 0; i < kBatches; ++i) {
        const auto thread = static_cast<std::uint32_t>(i % options.threads);
        Walk& walk = walks[thread];
        std::vector<Word>& words = storage.emplace_back();
        while (words.size() < kBatchWords) {
            walk.tick += random() % 5000 == 0 ? 50'000'000 : pause(random);
            const bool deeper = walk.stack.empty() || (walk.stack.size() < 60 && random() % 2 == 0);
            if (deeper) {
                walk.stack.push_back(base::SourceLocationId{std::min(which(random), options.locations - 1) + 1});
                events::append_near(words, events::ZoneBegin{walk.tick, walk.stack.back()});
            } else {
                events::append(words, events::ZoneEnd{walk.tick});
                walk.stack.pop_back();
            }
        }
        batches.push_back({static_cast<base::ThreadId>(thread + 100), words});
    }
    return batches;
}

struct Counter {
    void on(const events::ZoneBegin&) { ++*zones; }
    template <events::ThreadEvent Event>
    void on(const Event&) {}
    void dropped() {}

    std::size_t* zones;
};

inline std::size_t count_zones(const std::vector<events::ThreadBatch>& batches) {
    std::size_t zones = 0;
    Counter counter{&zones};
    for (const events::ThreadBatch& batch : batches) {
        events::SteadyWalk(base::SteadyClock(0)).walk(batch.words, counter);
    }
    return zones;
}

/// "rounds=5", "threads=4", "locations=300".
inline Options read_options(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const char* const equals = std::strchr(argv[i], '=');
        if (equals == nullptr) continue;
        const std::string name(argv[i], static_cast<std::size_t>(equals - argv[i]));
        const int value = std::atoi(equals + 1);
        if (name == "rounds") options.rounds = value;
        if (name == "threads") options.threads = static_cast<std::uint32_t>(value);
        if (name == "locations") options.locations = static_cast<std::uint32_t>(value);
    }
    return options;
}

}  // namespace tracypy::benchmarks
