#include "tracefile/section_skips.hpp"

#include <vector>

namespace tracypy::tracefile {
namespace {

using Count = std::uint64_t;

/// Every turn of a loop over a count reads something, so that a damaged count ends with the file.
Count count(FileBlockReader& in) {
    return in.get<Count>();
}

constexpr std::size_t kTime = 8;
constexpr std::size_t kIndex24 = 3;

/// cores with their threads: { core id, { thread } }
void skip_cores(FileBlockReader& in, Count cores) {
    for (Count i = 0; i < cores; ++i) {
        in.skip(4);
        skip_list(in, 4);
    }
}

void skip_gpu_timeline(FileBlockReader& in, const Layout& layout) {
    // two times, location, call stack, thread, children, the children, two times, since 0.12.4 a query number
    const std::size_t tail = 2 * kTime + (layout.gpu_notes ? 2 : 0);
    std::vector<Count> left{count(in)};
    while (!left.empty()) {
        if (left.back() == 0) {
            left.pop_back();
            if (!left.empty()) in.skip(tail);
            continue;
        }
        --left.back();
        in.skip(2 * kTime + 2 + kIndex24 + 2);
        left.push_back(count(in));
    }
}

void skip_gpu_notes(FileBlockReader& in) {
    const Count queries = count(in);
    for (Count i = 0; i < queries; ++i) {
        in.skip(2);
        skip_list(in, 8 + 8);
    }
}

}  // namespace

std::uint64_t skip_list(FileBlockReader& in, std::size_t bytes) {
    const Count entries = count(in);
    in.skip(entries, bytes);
    return entries;
}

std::uint64_t skip_topology(FileBlockReader& in, const Layout& layout) {
    const Count packages = count(in);
    for (Count i = 0; i < packages; ++i) {
        in.skip(4);
        if (!layout.topology_dies) {
            skip_cores(in, count(in));
            continue;
        }
        const Count dies = count(in);
        for (Count die = 0; die < dies; ++die) {
            in.skip(4);
            skip_cores(in, count(in));
        }
    }
    return packages;
}

std::uint64_t skip_sections(FileBlockReader& in, const Layout& layout) {
    if (layout.one_section_list) return skip_list(in, kSectionItemBytes);
    if (!layout.section_lists) return 0;
    Count entries = 0;
    const Count categories = count(in);
    for (Count i = 0; i < categories; ++i) {
        in.skip(2);
        entries += skip_list(in, kSectionItemBytes);
    }
    skip_list(in, 2 + kIndex24);  // names of the categories
    return entries;
}

std::uint64_t skip_locks(FileBlockReader& in) {
    const Count locks = count(in);
    for (Count i = 0; i < locks; ++i) {
        in.skip(4 + kIndex24 + 2 + 1 + 1 + 2 * kTime);  // id, name, location, type, valid, announced and terminated
        skip_list(in, 8);                               // threads
        skip_list(in, kTime + 2 + 1 + 1);               // events
    }
    return locks;
}

std::uint64_t skip_gpu_zones(FileBlockReader& in, const Layout& layout) {
    const Count zones = count(in);
    in.skip(8);  // how many have children
    const Count contexts = count(in);
    for (Count i = 0; i < contexts; ++i) {
        in.skip(8 + 1 + 8 + 4 + 1 + kIndex24 + 8);  // thread, calibration, zones, period, type, name, overflow
        if (layout.gpu_notes) skip_list(in, 8 + kIndex24);
        const Count threads = count(in);
        for (Count thread = 0; thread < threads; ++thread) {
            in.skip(8);
            skip_gpu_timeline(in, layout);
        }
        if (layout.gpu_notes) skip_gpu_notes(in);
    }
    return zones;
}

std::uint64_t skip_memory(FileBlockReader& in) {
    const Count pools = count(in);
    const Count entries = count(in);
    for (Count i = 0; i < pools; ++i) {
        in.skip(8);  // name
        const Count events = count(in);
        in.skip(2 * 8);  // active, frees
        in.skip(events, 8 + 8 + 2 * kIndex24 + 2 * kTime + 2 * 2);
        in.skip(4 * 8);  // high, low, usage, name
    }
    return entries;
}

std::uint64_t skip_call_stacks(FileBlockReader& in) {
    const Count stacks = count(in);
    for (Count i = 0; i < stacks; ++i) in.skip(in.get<std::uint16_t>(), 8);
    const Count frames = count(in);
    for (Count i = 0; i < frames; ++i) {
        in.skip(8);
        const auto lines = in.get<std::uint8_t>();
        in.skip(kIndex24);
        in.skip(lines, 2 * kIndex24 + 4 + 8);
    }
    return stacks;
}

std::uint64_t skip_frame_images(FileBlockReader& in) {
    in.skip(in.get<std::uint32_t>());  // dictionary
    const Count images = count(in);
    for (Count i = 0; i < images; ++i) {
        const std::uint64_t width = in.get<std::uint16_t>();
        const std::uint64_t height = in.get<std::uint16_t>();
        in.skip(1 + width * height / 2);  // flipped, half a byte per pixel
    }
    return images;
}

std::uint64_t skip_context_switches(FileBlockReader& in, const Layout& layout) {
    Count entries = 0;
    const Count threads = count(in);
    for (Count i = 0; i < threads; ++i) {
        in.skip(8);
        entries += skip_list(in, 3 * kTime + 3 + 8 + (layout.wakeup_cpu ? 1 : 0));
    }
    in.skip(8);
    for (int processor = 0; processor < 256; ++processor) skip_list(in, 2 * kTime + 2);
    skip_list(in, 8 + 8);          // process of each thread
    skip_list(in, 8 + 8 + 4 + 4);  // thread: running time, regions, migrations
    return entries;
}

std::uint64_t skip_symbols(FileBlockReader& in) {
    in.skip(2 * 8);
    const Count symbols = skip_list(in, 8 + 4 * kIndex24 + 2 * 4 + 1 + kIndex24);
    const Count codes = count(in);
    for (Count i = 0; i < codes; ++i) {
        in.skip(8);
        in.skip(in.get<std::uint32_t>());
    }
    skip_list(in, 8 + 8);
    return symbols;
}

std::uint64_t skip_hardware_samples(FileBlockReader& in) {
    const Count addresses = count(in);
    for (Count i = 0; i < addresses; ++i) {
        in.skip(8);
        for (int kind = 0; kind < 6; ++kind) skip_list(in, kTime);
    }
    return addresses;
}

std::uint64_t skip_source_files(FileBlockReader& in) {
    const Count files = count(in);
    for (Count i = 0; i < files; ++i) {
        in.skip(in.get<std::uint32_t>());  // name
        in.skip(in.get<std::uint32_t>());  // text
    }
    return files;
}

}  // namespace tracypy::tracefile
