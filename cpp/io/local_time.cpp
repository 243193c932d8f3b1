#include "io/local_time.hpp"

#include <ctime>

namespace tracypy::io {

std::string local_time(std::uint64_t seconds) {
    const auto time = static_cast<std::time_t>(seconds);
    std::tm local{};
#if defined(_WIN32)
    if (localtime_s(&local, &time) != 0) return {};
#else
    if (localtime_r(&time, &local) == nullptr) return {};
#endif
    char text[32];
    return {text, std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local)};
}

}  // namespace tracypy::io
