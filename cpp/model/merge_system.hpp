// What machine and system tell of several programs, merged: addresses, functions and code, context switches, counters.
//
// Of one machine all of them tell the same, as far as they overlap; of several machines, each has its own processors.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/merge_maps.hpp"

namespace tracypy::model {

struct MergePart;

/// One thread. `trace` and `notes` must outlive it.
class SystemMerger {
public:
    SystemMerger(Trace& trace, std::vector<std::string>& notes) : trace_(trace), notes_(notes) {}

    /// How the addresses of the next part are told apart from those before.
    AddressMap addresses_of(const Trace& part);
    void add(MergePart& part, const MergeMaps& maps);
    void finish();

private:
    void add_symbols(Trace& part, const MergeMaps& maps);
    void add_hardware_samples(Trace& part, const MergeMaps& maps);
    void add_sources(MergePart& part);
    void add_crash(MergePart& part, const MergeMaps& maps);
    void add_switches(Trace& part, const MergeMaps& maps, unsigned first_processor);
    void add_runs(Trace& part, const MergeMaps& maps, unsigned first_processor);
    /// Where the processors of a machine are; those of a new one come behind all others.
    unsigned first_processor_of(const MergePart& part);
    void note(std::uint64_t count, const std::string& what);

    Trace& trace_;
    std::vector<std::string>& notes_;
    std::uint64_t next_tag_ = 0;
    std::map<std::uint64_t, std::string> kernel_names_;  // functions by their addresses, in files' form
    std::unordered_map<std::uint64_t, std::size_t> symbols_, codes_, addresses_, hardware_samples_;
    std::map<std::string, std::size_t> sources_;
    std::map<std::string, unsigned> machines_;
    unsigned processors_ = 0;
    std::set<std::uint64_t> foreign_threads_, processes_, times_;
    std::uint64_t lost_runs_ = 0;
};

}  // namespace tracypy::model
