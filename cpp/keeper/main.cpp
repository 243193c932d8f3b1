// The program that stays beside a recorded one and makes the trace of it when that one cannot. Without Python; all of
// it is drivers/keeper.
#include <cstdlib>

#include "drivers/keeper.hpp"

#if defined(__GLIBCXX__)
// Ends the process as ever, but prints no name of an exception: what could read that is a tenth of this program.
namespace __gnu_cxx {

void __verbose_terminate_handler();
void __verbose_terminate_handler() {
    std::abort();
}

}  // namespace __gnu_cxx
#endif

int main(int argc, char** argv) {
    return tracypy::drivers::keep_recording(argc, argv);
}
