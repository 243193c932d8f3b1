#include "process/saving_options.hpp"

#include "drivers/recording_files.hpp"

namespace tracypy::process {

void SavingOptions::apply_to(drivers::RecordingConfig& config) const {
    if (last_seconds || last_bytes) config.last.emplace();
    if (last_seconds) config.last->seconds = *last_seconds;
    if (last_bytes) config.last->bytes = drivers::journal_bytes_within(*last_bytes);
    config.slow.seconds = slower;
    for (const auto& [pattern, seconds] : slower_named) config.slow.named.push_back({pattern, seconds});
    config.save_signal = signal;
    config.save_signal_name = signal_name;
}

}  // namespace tracypy::process
