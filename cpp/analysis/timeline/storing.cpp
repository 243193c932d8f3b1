#include "analysis/timeline/storing.hpp"

#include <algorithm>
#include <type_traits>
#include <vector>

namespace tracypy::analysis {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

template <typename T>
void put_one(const PutBytes& put, const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    put({reinterpret_cast<const char*>(&value), sizeof(T)});
}

template <typename T>
void put_all(const PutBytes& put, const std::vector<T>& values) {
    static_assert(std::is_trivially_copyable_v<T>);
    put_one(put, std::uint64_t{values.size()});
    put({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
}

template <typename T>
T get_one(StoredBytes& bytes) {
    T value{};
    bytes.get({reinterpret_cast<char*>(&value), sizeof(T)});
    return value;
}

/// Of something that takes at least so many bytes each.
std::size_t get_count(StoredBytes& bytes, std::size_t least_bytes) {
    const auto count = get_one<std::uint64_t>(bytes);
    if (count > bytes.left() / least_bytes) throw DamagedTimeline();
    return static_cast<std::size_t>(count);
}

template <typename T>
std::vector<T> get_all(StoredBytes& bytes) {
    std::vector<T> values(get_count(bytes, sizeof(T)));
    bytes.get({reinterpret_cast<char*>(values.data()), values.size() * sizeof(T)});
    return values;
}

}  // namespace

/// Knows rows and sums from within.
class TimelineStore {
public:
    static void put_row(const Row& row, const PutBytes& put) {
        put_one(put, row.size_);
        put_one(put, row.children_);
        put_one(put, row.end_ns_);
        std::vector<Head> heads;
        heads.reserve(row.blocks_.size());
        for (const Row::Block& block : row.blocks_) {
            heads.push_back(
                {block.first_child, block.start_bits, block.duration_bits, block.location_bits, block.children_bits});
        }
        put_all(put, heads);
        put_all(put, row.levels_[0]);
        put_all(put, row.extras_);
        put_data(row, put);
    }

    static void get_row(Row& row, StoredBytes& bytes, PackedMemory& memory) {
        row.size_ = get_one<std::uint32_t>(bytes);
        row.children_ = get_one<std::uint32_t>(bytes);
        row.end_ns_ = get_one<std::int64_t>(bytes);
        const std::vector<Head> heads = get_all<Head>(bytes);
        row.levels_[0] = get_all<RowSummary>(bytes);
        row.extras_ = get_all<Row::Extra>(bytes);
        if (heads.size() != row.levels_[0].size()) throw DamagedTimeline();
        if (heads.size() != (std::size_t{row.size_} + Row::kBlock - 1) / Row::kBlock) throw DamagedTimeline();
        row.blocks_.reserve(heads.size());
        for (const Head& head : heads) {
            row.blocks_.push_back({nullptr, head.first_child, head.start_bits, head.duration_bits, head.location_bits,
                                   head.children_bits});
        }
        get_data(row, bytes, memory);
        row.build_levels();
    }

    static void put_sums(const FunctionSums& sums, const PutBytes& put) {
        put_one(put, std::uint64_t{sums.sums_.size()});
        for (const FunctionSum& sum : sums.sums_) {
            put_one(put, PlainSum{sum.calls, sum.primitive_calls, sum.total_ns, sum.self_ns, sum.min_ns, sum.max_ns,
                                  sum.squares, sum.sum, sum.steps != nullptr});
            if (sum.steps != nullptr) put_one(put, *sum.steps);
        }
    }

    static void get_sums(FunctionSums& sums, StoredBytes& bytes) {
        if (get_count(bytes, sizeof(PlainSum)) != sums.sums_.size()) throw DamagedTimeline();
        for (FunctionSum& sum : sums.sums_) {
            const auto plain = get_one<PlainSum>(bytes);
            sum = {plain.calls,  plain.primitive_calls, plain.total_ns, plain.self_ns, plain.min_ns,
                   plain.max_ns, plain.squares,         plain.sum,      nullptr};
            if (plain.has_steps == 0) continue;
            sum.steps = std::make_unique<std::array<std::uint32_t, TimeScaleSteps::kCount>>();
            bytes.get({reinterpret_cast<char*>(sum.steps->data()), sizeof(*sum.steps)});
        }
    }

    static void put_timeline(const Timeline& timeline, const PutBytes& put) {
        put_one(put, std::uint64_t{timeline.threads_});
        put_one(put, timeline.mended_);
        put_sums(*timeline.functions_, put);
        put_one(put, std::uint64_t{timeline.stored_});
        for (std::size_t i = 0; i < timeline.stored_; ++i) {
            put_one(put, std::uint64_t{timeline.lanes_[i].size()});
            for (const Row& row : timeline.lanes_[i]) put_row(row, put);
        }
    }

    static void get_timeline(Timeline& timeline, const model::Trace& trace, StoredBytes& bytes) {
        timeline.start(trace);
        timeline.threads_ = static_cast<std::size_t>(get_one<std::uint64_t>(bytes));
        timeline.mended_ = get_one<std::uint64_t>(bytes);
        get_sums(*timeline.functions_, bytes);
        timeline.lanes_.resize(get_count(bytes, sizeof(std::uint64_t)));
        const std::size_t lanes = trace.threads.size() + trace.frame_sets.size() + trace.locks.size();
        if (timeline.threads_ != trace.threads.size() || timeline.lanes_.size() != lanes) throw DamagedTimeline();
        for (Lane& lane : timeline.lanes_) {
            lane.resize(get_count(bytes, sizeof(std::uint64_t)));
            for (Row& row : lane) get_row(row, bytes, timeline.memory_);
        }
        timeline.stored_ = timeline.lanes_.size();
        timeline.add_told(trace);
    }

private:
    struct Head {
        std::uint32_t first_child;
        std::uint8_t start_bits, duration_bits, location_bits, children_bits;
    };
    struct PlainSum {
        std::uint64_t calls, primitive_calls;
        std::int64_t total_ns, self_ns, min_ns, max_ns;
        double squares, sum;
        std::uint64_t has_steps;
    };

    static std::size_t data_bytes(const Row& row, std::size_t block) {
        const std::size_t first = block * Row::kBlock;
        const std::size_t zones = std::min<std::size_t>(Row::kBlock, row.size_ - first);
        return (zones * row.blocks_[block].zone_bits() + 7) / 8;
    }

    static void put_data(const Row& row, const PutBytes& put) {
        std::uint64_t all = 0;
        for (std::size_t i = 0; i < row.blocks_.size(); ++i) all += data_bytes(row, i);
        put_one(put, all);
        std::vector<char> piece;
        piece.reserve(kPiece);
        for (std::size_t i = 0; i < row.blocks_.size(); ++i) {
            const auto* data = reinterpret_cast<const char*>(row.blocks_[i].data);
            std::size_t left = data_bytes(row, i);
            while (left != 0) {
                const std::size_t taken = std::min(left, kPiece - piece.size());
                piece.insert(piece.end(), data, data + taken);
                data += taken;
                left -= taken;
                if (piece.size() < kPiece) continue;
                put(piece);
                piece.clear();
            }
        }
        if (!piece.empty()) put(piece);
    }

    static void get_data(Row& row, StoredBytes& bytes, PackedMemory& memory) {
        const std::size_t all = get_count(bytes, 1);
        std::uint8_t* const data = memory.allocate(all);
        for (std::size_t at = 0; at < all; at += kPiece) {
            bytes.get({reinterpret_cast<char*>(data) + at, std::min(kPiece, all - at)});
        }
        std::size_t at = 0;
        for (std::size_t i = 0; i < row.blocks_.size(); ++i) {
            Row::Block& block = row.blocks_[i];
            if (std::max({block.start_bits, block.duration_bits, block.location_bits, block.children_bits}) > 64) {
                throw DamagedTimeline();
            }
            block.data = data + at;
            at += data_bytes(row, i);
        }
        if (at != all) throw DamagedTimeline();
    }
};

void store(const Timeline& timeline, const PutBytes& put) {
    TimelineStore::put_timeline(timeline, put);
}

void restore(Timeline& timeline, const model::Trace& trace, StoredBytes& bytes) {
    TimelineStore::get_timeline(timeline, trace, bytes);
}

}  // namespace tracypy::analysis
